-- Misuse raises where the caller stands; what the world does wrong never does.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sms = require "sms"

local CALLS = {
  send_job = retarus.job "+491760000001", get_job = { jobId = "J" },
  list_recipients = { jobId = "J" }, list_jobs = {}, get_version = {},
}

describe("Misuse", function()
  local server, client

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(raw_server.http(200, '{"jobId":"J"}'))
    client = retarus.client_of(server.url)
  end)

  -- Runs it, and wants a message that begins with the position of the line that the body
  -- names first.
  local function assert_raises(words, body)
    local line = debug.getinfo(body, "S").linedefined + 1
    local ok, message = pcall(body)
    assert.is_false(ok)
    assert.matches("^[^\n]*spec/client/misuse_spec%.lua:" .. line .. ": .*" .. words, message)
    assert.same({}, server:requests())
  end

  it("of options raises at the line that makes the client", function()
    assert_raises("tiemout: is not known; did you mean 'timeout'%?", function()
      local made = sms.retarus { username = "u", password = "p", tiemout = 1 }
      return made
    end)
    assert_raises("username: must be a string", function()
      local made = sms.retarus { username = 7, password = "p" }
      return made
    end)
    assert_raises("client options: a table was expected", function()
      local made = sms.retarus "user"
      return made
    end)
    assert_raises("must not have a colon", function()
      local made = sms.retarus { username = "a:b", password = "p" }
      return made
    end)
  end)

  it("of a call's options raises at the line of the call", function()
    for name, params in pairs(CALLS) do
      for given, words in pairs {
        [{ tmeout = 1 }] = "tmeout: is not known; did you mean 'timeout'%?",
        [{ timeout = "1" }] = "timeout: must be a number",
        [{ deadline = -1 }] = "deadline: must be",
        [{ max_wait = 0 / 0 }] = "max_wait: must be a number",
        [{ retry = true }] = "retry: must be a table",
        [{ retry = { attempts = 0 } }] = "retry%.attempts: must be 1 to 100",
        [{ retry = { attemps = 1 } }] = "retry%.attemps: is not known; did you mean 'attempts'",
        [{ extra = 1 }] = "extra: must be a table",
        [{ base_url = "http://localhost" }] = "base_url: is not known",
        [7] = "options: must be a table",
      } do
        assert_raises(words, function()
          local result = client[name](client, params, given)
          return result
        end)
      end
    end
    assert_raises("tmeout: is not known", function()
      local result = client:check { tmeout = 1 }
      return result
    end)
  end)

  it("of names raises", function()
    assert_raises("'send_sms' is not an operation of retarus", function()
      local result = client:prepare("send_sms", {})
      return result
    end)
    assert_raises("'nil' is not an operation", function()
      local result = client:prepare()
      return result
    end)
    assert.has_error(function() client:send_sms {} end)
    assert.has_error(function() sms.retarus.send_sms {} end)
  end)

  it("of sms.measure and sms.all raises at the caller's line", function()
    for _, text in ipairs { 7, true, {} } do
      assert_raises("measure: a string was expected", function()
        local result = sms.measure(text)
        return result
      end)
    end
    for _, given in ipairs { 7, "f", { 7 }, { function() end, "f" } } do
      assert_raises("function", function()
        local result = sms.all(given)
        return result
      end)
    end
    for _, given in ipairs { 7, { in_flight = 0 }, { in_flight = 1.5 }, { inflight = 2 } } do
      assert_raises("sms.all: ", function()
        local result = sms.all({}, given)
        return result
      end)
    end
    assert.same({ { 1 } }, sms.all { function() return 1 end })
  end)

  it("of a closed client raises at the caller's line", function()
    client:close()
    client:close()
    for name, params in pairs(CALLS) do
      assert_raises("this client is closed", function()
        local result = client[name](client, params)
        return result
      end)
    end
    assert_raises("this client is closed", function()
      local result = client:check()
      return result
    end)
    assert_raises("this client is closed", function()
      local result = client:prepare("get_version")
      return result
    end)
  end)

  it("is not what the world does wrong", function()
    for _, params in ipairs { false, 7, "text", function() end, coroutine.create(print), {} } do
      local result, err = client:send_job(params)
      assert.is_nil(result)
      assert.equal("invalid", err.kind)
    end
    assert(client:send_job(CALLS.send_job))
  end)
end)

describe("A client", function()
  it("that is closed leaves others with the same credentials working", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    local options = retarus.options { base_url = server.url }
    options.rate_limit = { calls = 9, period = 1 }
    local one, two = sms.retarus(options), sms.retarus(options)
    assert(one:get_version())
    one:close()
    assert(two:get_version())
    assert.same({}, sms.retarus(options):get_version())
  end)

  local in_block = (rawget(_G, "loadstring") or load)([[
    local sms, options = ...
    local kept
    do
      local client <close> = sms.retarus(options)
      kept = client
    end
    return kept
  ]])

  if in_block then -- only Lua 5.4 has <close>
    it("is closed at the end of its block", function()
      local kept = in_block(sms, retarus.options { base_url = "http://127.0.0.1:1" })
      local ok, message = pcall(function() return kept:get_version() end)
      assert.is_false(ok)
      assert.matches("this client is closed", message)
    end)
  end

  it("shows no secret, neither as text nor in what it holds", function()
    local client = sms.retarus { username = "user", password = "s3cr3t-s3cr3t" }
    assert.equal("sms.retarus client", tostring(client))
    local seen = {}
    local function look(value)
      if type(value) == "string" then
        assert.is_nil(value:find("s3cr3t", 1, true))
      elseif type(value) == "table" and not seen[value] then
        seen[value] = true
        for key, part in pairs(value) do
          look(key)
          look(part)
        end
      elseif type(value) == "userdata" then
        assert.is_nil(tostring(value):find("s3cr3t", 1, true))
      end
    end
    look(client)
  end)

  it("is collected with requests under way or none", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    for _ = 1, 50 do
      assert(retarus.client_of(server.url):get_version())
    end
    collectgarbage()
    collectgarbage()
    assert(retarus.client_of(server.url):get_version())
  end)
end)
