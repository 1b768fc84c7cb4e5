-- Whatever comes, read_webhook does not raise, and takes nothing that the provider has not sent.
-- 20,000 inputs; a million with SMS_TEST_LONG=1.

local cases = require "spec.cases.webhooks"
local errors = require "sms.base.errors"
local webhooks = require "spec.support.servers.webhooks"

local INPUTS = os.getenv "SMS_TEST_LONG" and 1000000 or 20000
local SEED = 20240229
local ANY_TIME = { tolerance = false }

-- The same numbers in every Lua.
local state
local function random(n)
  state = (state * 16807) % 2147483647
  return state % n + 1
end

local function pick(list)
  return list[random(#list)]
end

local SPICE = { "&", "=", "%", "%00", "%ff", "+", "{", "}", "[", "]", '"', "\\", ",", ":", "null",
  "\\u0000", "\\ud800", "sig=", "&sig=", "timestamp", "nonce", ".", "\0", "\255", "é", "status",
  "call-id=1", "&text=", '"text":', "[]", "{}", "1e999", "-", "eyJ", "\n", "Bearer " }

local function some_bytes()
  local bytes = {}
  for i = 1, random(60) do bytes[i] = string.char(random(256) - 1) end
  return table.concat(bytes)
end

-- Each makes another text of one.
local changes = {
  function(text, at) -- a bit
    local byte = text:byte(at) or 0
    local bit = 2 ^ (random(8) - 1)
    local flipped = byte % (2 * bit) >= bit and byte - bit or byte + bit
    return text:sub(1, at - 1) .. string.char(flipped) .. text:sub(at + 1)
  end,
  function(text, at) return text:sub(1, at - 1) .. pick(SPICE) .. text:sub(at) end,
  function(text, at) return text:sub(1, at - 1) .. pick(SPICE) .. text:sub(at + random(10)) end,
  function(text, at) return text:sub(1, at - 1) .. text:sub(at + random(10)) end,
  function(text, at) return text:sub(1, at) end,
  function(text, at) return text .. text:sub(at) end,
  function(text, at) return text:sub(at) .. text:sub(1, at - 1) end,
  function(text, at) return text:sub(1, at - 1) .. some_bytes() .. text:sub(at) end,
  some_bytes,
}

local function changed(text)
  text = pick(changes)(text, random(#text + 1))
  return random(3) == 1 and changed(text) or text
end

local function changed_request(request)
  local copy = webhooks.copy(request)
  copy.headers = webhooks.copy(request.headers)
  local what = random(20)
  if what == 1 then
    copy.method = pick { "GET", "POST", "PUT", "", "get", "\0" }
  elseif what == 2 then
    copy.headers["Content-Type"] = pick { "application/json", "text/plain", "",
      "application/x-www-form-urlencoded", { "application/json" }, {}, 7, { {} } }
  elseif what == 3 then
    copy[pick { "query", "body", "headers", "method" }] = pick { 1, true, {}, "x" }
  elseif copy.headers.Authorization and what < 12 then
    copy.headers.Authorization = changed(copy.headers.Authorization)
  else
    local from = copy.method == "GET" and "query" or "body"
    copy[from] = changed(copy[from])
  end
  return copy
end

--- Webhooks that the provider has signed, or somebody with another secret. Without & = _, which
--- are the same to a signature.
local function originals(secret)
  local list = {}
  for i, params in ipairs { cases.receipt, cases.call, cases.changed(cases.inbound,
    { text = "Füße 100 %", concat = "true" }), cases.changed(cases.inbound, { text = "" }) } do
    for j, form in ipairs(webhooks.forms) do
      local method = webhooks.methods[(i + j) % 5 + 1]
      list[#list + 1] = { client = webhooks.client(method), fields = params,
        request = webhooks.request(form, webhooks.signed(params, method, secret)) }
    end
    local body = webhooks.json(params)
    local token = webhooks.token(webhooks.header, webhooks.claims(body, 1700000000), secret)
    list[#list + 1] = { client = webhooks.client "md5", fields = params,
      request = webhooks.with_token(body, token) }
  end
  return list
end

--- All fields, those which are blank left out: they need not be signed.
local function filled(fields)
  local copy = {}
  for name, value in pairs(fields) do
    copy[name] = value:find "%S" and value or nil
  end
  return copy
end

local function describe_request(request)
  local parts = {}
  for _, name in ipairs { "method", "query", "body" } do
    parts[#parts + 1] = ("%s=%q"):format(name, tostring(request[name]))
  end
  return table.concat(parts, " ")
end

describe("read_webhook, whatever comes,", function()
  before_each(function() state = SEED end)

  local function run(list, count, judge)
    for _ = 1, count do
      local original = pick(list)
      local request = changed_request(original.request)
      local ok, read, err = pcall(original.client.read_webhook, original.client, request, ANY_TIME)
      assert(ok, tostring(read) .. " for " .. describe_request(request))
      if read then
        assert(judge(read, original), "taken: " .. describe_request(request))
      else
        assert(errors.is(err) and err.outcome == "rejected", describe_request(request))
        assert(err.kind == "auth" or err.kind == "protocol" or err.kind == "invalid", tostring(err))
        assert(not tostring(err):find "[%z\1-\31\127-\255]", tostring(err))
      end
    end
  end

  it("does not raise and takes nothing that another has signed", function()
    run(originals "another secret", INPUTS / 2, function() return false end)
  end)

  it("does not raise and takes only what the provider has said", function()
    local taken = 0
    run(originals(), INPUTS / 2, function(read, original)
      taken = taken + 1
      local said, sent = filled(read.fields), filled(original.fields)
      for name, value in pairs(said) do
        if sent[name] ~= value then return false end
      end
      for name in pairs(sent) do
        if said[name] == nil then return false end
      end
      return read.signed
    end)
    assert.is_true(taken > 0, "nothing that means the same")
  end)

  it("does not raise where nothing is signed", function()
    local client = webhooks.client()
    local list = originals()
    for _, original in ipairs(list) do original.client = client end
    run(list, INPUTS / 10, function(read) return not read.signed end)
  end)
end)
