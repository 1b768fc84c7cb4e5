-- The token of an application: kept, renewed after a refusal, never shown; and the private key
-- behind it.

local cjson = require "cjson"
local http_date = require "spec.support.hosts.http_date"
local lua_process = require "spec.support.lua_process"
local mime = require "mime"
local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local box, nexmo, id, key

local HELLO = { to = "447700900000", text = "Hello" }

describe("A call with a token", function()
  box = sandbox.for_specs({ workers = 2 }, { strict = true })
  setup(function()
    id, key = box:application()
    nexmo = wire.caller(box)
  end)
  teardown(function() nexmo:close() end)

  it("carries one token until that is refused, and then another", function()
    local server = raw_server.start()
    local own = wire.caller(box, { base_url = server.url })
    local taken = raw_server.http(201, '{"uuid":"u"}')
    for _, reply in ipairs { taken, taken, raw_server.http(401, "{}"), taken, taken } do
      server:reply(reply)
      own:send_voice(HELLO)
    end
    local tokens = {}
    for i, request in ipairs(server:requests()) do
      tokens[i] = request.text:match "\r\nAuthorization: Bearer (%S+)\r\n"
    end
    assert.same({ tokens[1], tokens[1], tokens[1], tokens[4], tokens[4] }, tokens)
    assert.are_not.equal(tokens[1], tokens[4])
    own:close()
    server:stop()
  end)

  it("carries a new token before the old one ends, and after the clock was set back", function()
    local server = raw_server.start()
    local own = wire.caller(box, { base_url = server.url })
    server:reply(raw_server.http(201, '{"uuid":"u"}'))
    local time, now = os.time, os.time()
    for _, passed in ipairs { 0, 599, 600, 1199, 1200, 1000 } do
      os.time = function() return now + passed end -- luacheck: ignore
      local result, err = own:send_voice(HELLO)
      os.time = time -- luacheck: ignore
      assert(result, err)
    end
    local tokens, seen, count = {}, {}, 0
    for i, request in ipairs(server:requests()) do
      tokens[i] = request.text:match "Bearer (%S+)"
      local claims = mime.unb64((tokens[i]:match "%.([%w_-]+)%."):gsub("-", "+"):gsub("_", "/")
        .. "==")
      local issued = tonumber(claims:match '"iat":(%d+)')
      assert.equal(issued + 900, tonumber(claims:match '"exp":(%d+)'))
      assert.equal(now + ({ 0, 0, 600, 600, 1200, 1000 })[i], issued)
      assert.matches('"application_id":"' .. id .. '"', claims, 1, true)
      local unique = claims:match '"jti":"(%x+%-%x+%-4%x+%-[89ab]%x+%-%x+)"'
      count = count + (seen[unique] and 0 or 1)
      seen[unique] = true
    end
    assert.same({ tokens[1], tokens[1], tokens[3], tokens[3], tokens[5], tokens[6] }, tokens)
    assert.equal(4, count)
    own:close()
    server:stop()
  end)

  it("is made once more with a new token after a 401, and no oftener", function()
    local events = {}
    local own = wire.caller(box, { retry = { base = 0 }, on_event = function(event)
      events[#events + 1] = event.name
    end })
    box:fault { operation = "send_voice", kind = "status", status = 401, body = "{}" }
    local result, err = own:send_voice(HELLO)
    assert.is_nil(result)
    assert.same({ "auth", "rejected", 401, false }, { err.kind, err.outcome, err.status,
      err.retryable })
    assert.is_nil(err.message:find "clock")
    assert.is_nil(err.renews)
    assert.equal(2, box:count())
    assert.equal("request response retry request response", table.concat(events, " "))
    own:close()
  end)

  it("is not made again where nothing may be repeated, but has a new token the next time",
    function()
      box:settings { clock_offset = -3600 } -- the first token is from the future
      local _, err = nexmo:send_voice(HELLO)
      assert.same({ "auth", 401, 1 }, { err.kind, err.status, box:count() })
      box:settings { clock_offset = 0 }
      assert(nexmo:send_voice(HELLO))
    end)

  for offset, words in pairs { [3600] = "behind the provider's", [-3600] = "ahead of the" } do
    it("names the clock that is " .. words, function()
      local own = wire.caller(box, { retry = { base = 0 } })
      box:settings { clock_offset = offset }
      local _, err = own:send_voice(HELLO)
      assert.matches(words, err.message, 1, true)
      local seconds = tonumber(err.message:match "clock is (%d+) s")
      assert.is_true(math.abs(seconds - 3600) <= 2)
      assert.same({ 401, 401 }, { box:arrivals()[1].status, box:arrivals()[2].status })
      own:close()
    end)
  end

  it("says nothing of a clock without a date that can be read", function()
    local server = raw_server.start()
    local now = http_date(os.time() - 5)
    for date, found in pairs { [""] = false, ["Date: never\r\n"] = false,
      ["Date: " .. now .. "\r\n"] = false, ["dAtE: Thu, 01 Jan 1970 00:00:00 GMT\r\n"] = true,
      ["Date: " .. ("x"):rep(200) .. "\r\n"] = false } do
      server:reply("HTTP/1.1 401 No\r\n" .. date .. "Content-Length: 2\r\n\r\n{}")
      local own = wire.caller(box, { base_url = server.url })
      local _, err = own:send_voice(HELLO)
      assert.equal(found, err.message:find "clock is" ~= nil, date)
      own:close()
    end
    server:stop()
  end)

  it("takes a slot for the repeat with a new token", function()
    local own = wire.caller(box, { retry = { base = 0 }, max_wait = 0,
      rate_limit = { calls = 1, period = 30 } })
    box:fault { operation = "send_voice", kind = "status", status = 401, body = "{}" }
    local _, err = own:send_voice(HELLO)
    assert.same({ "rate_limited", "not_sent", 1 }, { err.kind, err.outcome, box:count() })
    own:close()
  end)

  it("has its token masked where a server sends it back", function()
    local server = raw_server.start()
    server:reply(raw_server.http(401, "{}"))
    local own = wire.caller(box, { base_url = server.url })
    own:send_voice(HELLO)
    local token = server:requests()[1].text:match "Authorization: Bearer (%S+)"
    assert.matches("^eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9%.[%w_-]+%.[%w_-]+$", token)
    server:reply(raw_server.http(403, cjson.encode { title = "No: " .. token }))
    local _, err = own:send_voice(HELLO)
    assert.equal("No: ***", err.message)
    own:close()
    server:stop()
  end)

  it("takes the private key from a file and from the environment", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(key)
    file:close()
    local own = wire.caller(box, { private_key = path })
    assert(own:send_voice(HELLO))
    own:close()
    for _, given in ipairs { path, key, (key:gsub("\n", "\\n")), (key:gsub("\n", "\\r\\n")) } do
      assert.equal("0", lua_process.run(([[
        local nexmo = require("sms").nexmo { base_url = %q }
        local result, err = nexmo:send_voice { to = "447700900000", text = "Hello" }
        io.write(result and result.status or tostring(err))
      ]]):format(box.urls.nexmo), { NEXMO_API_KEY = "abcd1234",
        NEXMO_API_SECRET = "Secret0123456789", NEXMO_APPLICATION_ID = id,
        NEXMO_PRIVATE_KEY = given }))
    end
    os.remove(path)
    assert.equal(5, #box:arrivals "send_voice")
  end)

  it("leaves neither key nor token where Lua could read them", function()
    assert(nexmo:send_voice(HELLO))
    local seen = {}
    local function walk(value)
      if type(value) == "string" then
        assert.is_nil(value:find("PRIVATE KEY", 1, true) or value:find("eyJhbGci", 1, true))
      elseif type(value) == "function" and not seen[value] then
        seen[value] = true
        local i = 1
        while debug.getupvalue(value, i) do
          walk(select(2, debug.getupvalue(value, i)))
          i = i + 1
        end
      elseif type(value) == "table" and not seen[value] and value ~= _G then
        seen[value] = true
        for name, part in pairs(value) do
          walk(name)
          walk(part)
        end
        walk(getmetatable(value))
      end
    end
    walk(nexmo)
    assert.equal("***", tostring(nexmo.credentials))
  end)

  it("leaves the other operations as they are", function()
    assert(nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hello" })
    assert(nexmo:list_applications())
    assert.same({ "Basic", "Basic" },
      { box:arrivals()[1].authorization, box:arrivals()[2].authorization })
  end)

  local misuse = {
    { { application_id = wire.none }, "application_id is missing: private_key is given" },
    { { private_key = wire.none }, "private_key is missing: application_id is given" },
    { { private_key = "" }, "private_key: must not be empty" },
    { { private_key = 5 }, "private_key: must be a string" },
    { { private_key = "/nowhere/key.pem" }, "private_key: is neither a key in PEM form nor a" },
    { { private_key = "a\nb" }, "private_key: must not be empty or have control characters" },
    { { private_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" },
      "private_key: is not a private key in PEM form" },
    { { application_id = "a b" }, "application_id: must be an application's id" },
    { { application_id = ("a"):rep(101) }, "application_id: must be an application's id" },
    { { application_id = "" }, "application_id: must be an application's id" },
  }
  for _, case in ipairs(misuse) do
    it("cannot be made by a client whose " .. case[2], function()
      local ok, message = pcall(function()
        local made = sms.nexmo(wire.changed({ api_key = "abcd1234", api_secret = "Secret0123456789",
          application_id = id, private_key = key }, case[1]))
        made:close()
      end)
      assert.is_false(ok)
      assert.matches("^spec/providers/nexmo/voice/token_spec.lua:%d+: ", message)
      assert.matches(case[2], message, 1, true)
      assert.is_nil(message:find("nowhere", 1, true))
    end)
  end
end)
