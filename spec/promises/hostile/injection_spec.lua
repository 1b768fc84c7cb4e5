-- Whatever stands in a text, a name or an id: the provider gets one request with exactly that in
-- its place, or none at all. Each byte and what injects in each string field of each operation
-- (SMS_TEST_LONG=1; in short some of them), and texts at random (long: 100,000). What arrives is
-- read here, by nothing of the library's.

local child = require "spec.support.child"
local cjson = require "cjson"
local fields = require "spec.support.declared.fields"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local steps = require "spec.support.declared.steps"

local LONG = os.getenv "SMS_TEST_LONG"
local SEED = tonumber(os.getenv "SMS_TEST_SEED") or os.time()
local EACH = LONG and 1 or 37 -- every so many of the values are tried
local RANDOM = LONG and 100000 or 700
local STRINGS = { string = true, digits = true, choice = true, set = true }

local NASTY = { "\r\n", "\r\nX-Injected: y", "a\r\n\r\nGET /evil HTTP/1.1\r\nHost: x\r\n\r\n", "\0",
  "a\0b", "%0d%0a", "%0D%0AX: y", "%00", "%2e%2e%2f", "%252e", "..", ".", "../", "../../admin",
  "/..;/", "a/b", "a?b=c", "a#b", "?", "#", "&to=1", "a&b=c", "=", "a=b", "+", "a b", "\"", "\\",
  "\\u0000", "\",\"to\":\"1", "{}", "[]", "';--", "<a>", "\192\128", "\192\175", "\224\128\175",
  "\237\160\128", "\244\144\128\128", "\255", "\226\128\168", "\239\187\191a", "é", "😀",
  "http://127.0.0.1:1/", "@127.0.0.1", ":80", "%s%n", ";", "," }
for byte = 0, 255 do
  NASTY[#NASTY + 1] = "a" .. string.char(byte) .. "b"
end

-- The same numbers in every Lua.
local state = SEED % 2147483646 + 1
local function random(n)
  state = state * 16807 % 2147483647
  return state % n + 1
end

local function random_text()
  local parts = {}
  for i = 1, random(4) do
    parts[i] = random(3) == 1 and string.char(random(256) - 1) or NASTY[random(#NASTY)]
  end
  return table.concat(parts)
end

-- What arrives ------------------------------------------------------------------------------------

local function unescaped(text)
  assert(not text:gsub("%%%x%x", ""):find "%%", "half an escape")
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function add_pairs(found, text, where)
  for pair in text:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=([^=]*)$"
    assert(name, "no pair: " .. pair)
    name = where .. unescaped(name)
    assert(found[name] == nil, "twice: " .. name)
    found[name] = unescaped(value)
  end
end

local function add_json(found, value, where)
  if type(value) ~= "table" then
    found[where] = tostring(value)
    return
  end
  for name, part in pairs(value) do
    add_json(found, part, where .. "." .. tostring(name))
  end
end

--- All that a request says, by where it stands there; raises where it is none.
local function read(text)
  local head, body = text:match "^(.-\r\n)\r\n(.*)$"
  local method, target, rest = head:match "^(%u+) (/[!-~]*) HTTP/1%.1\r\n(.*)$"
  assert(method, "no request line: " .. head)
  local found = { method = method }
  for line in rest:gmatch "(.-)\r\n" do
    local name, value = line:match "^([%w-]+): ([ -~]*)$"
    assert(name and not found["head " .. name], "no header, or twice: " .. line)
    found["head " .. name] = name ~= "Content-Length" and value or ""
  end
  local path, query = target:match "^([^?]*)%??(.*)$"
  local place = 0
  for part in path:gmatch "/([^/]*)" do
    place = place + 1
    found["path " .. place] = unescaped(part)
    assert(part ~= "." and part ~= "..", "a path that leads elsewhere")
  end
  add_pairs(found, query, "query ")
  if (found["head Content-Type"] or ""):find "json" then
    add_json(found, cjson.decode(body), "body ")
  else
    add_pairs(found, body, "body ")
  end
  return found
end

-- What was given ----------------------------------------------------------------------------------

--- Whether what arrived is what was given: numbers of phones without what stands around their
--- digits, words in the case of the declaration, languages and countries in that of the API.
local function is_given(field, given, arrived)
  local has_own_case = field.enum or field.format == "language" or field.format == "country"
  if arrived == given or has_own_case and arrived:lower() == given:lower() then
    return true
  end
  return arrived:find "^%+?%d+$" ~= nil and given:gsub("%D", ""):find(arrived:gsub("%D", "") .. "$")
    ~= nil
end

--- Whether that is another each time: signatures and tokens.
local function is_of_its_time(name, value)
  return name == "body sig" or name == "body timestamp"
    or name == "head Authorization" and value:find "^Bearer [%w_-]+%.[%w_-]+%.[%w_-]+$" ~= nil
end

--- What differs, in words; nil: nothing but the field.
local function wrong(field, given, usual, found)
  local changed
  for name, value in pairs(usual) do
    if found[name] == nil then
      return name .. " is missing"
    elseif not is_of_its_time(name, found[name]) and found[name] ~= value then
      if changed then return name .. " differs, and " .. changed end
      changed = name
    end
  end
  for name, value in pairs(found) do
    if usual[name] == nil and not (name == "body type" and value == "unicode") then
      return name .. " was not given"
    end
  end
  if changed and not is_given(field, given, found[changed]) then
    return ("%s is %q"):format(changed, found[changed])
  end
end

describe("Whatever is given (seed " .. SEED .. ")", function()
  local server
  local places, clients, report = {}, {}, { sent = 0, refused = 0 }

  local function nexmo(more)
    local options = { api_key = "abcd1234", api_secret = "Secret0123456789", rate_limit = false,
      retry = false, base_url = server.url }
    for name, value in pairs(more or {}) do options[name] = value end
    return sms.nexmo(options)
  end

  --- How a client with a declared operation is asked for it: a function of the params. An item of
  --- `send_all` is a campaign of its own.
  local function caller_of(each)
    local name, variant = each.name:match "^(%S+)(.*)$"
    if each.is_item then
      local client = clients.items[variant:match "%S+$"]
      return function(params)
        local _, result, err = client:send_all { params }()
        return result, err
      end
    end
    for _, client in ipairs(clients[variant] or {}) do
      if client[name] then
        return function(params) return client[name](client, params) end
      end
    end
  end

  local function arrived()
    local list = {}
    for i, request in ipairs(server:requests()) do list[i] = read(request.text) end
    server:forget()
    return list
  end

  local function try(place, given)
    local params = place.with(given)
    local _, err = place.call(params)
    local list = arrived()
    if #list == 0 then
      report.refused = report.refused + 1
      assert(err and err.outcome == "not_sent" or err and err.kind == "invalid", tostring(err))
      return
    end
    report.sent = report.sent + 1
    assert.equal(#place.usual, #list)
    for i, found in ipairs(list) do
      local problem = wrong(place.field, given, place.usual[i], found)
      assert(not problem, ("%s = %q: %s"):format(place.path, given, problem or ""))
    end
  end

  --- Each string field of each operation whose usual params are sent.
  local function find_places(each)
    local call = caller_of(each)
    if not call then return end
    local maker = steps.smallest(each)
    fields.walk(each.record, each.name, maker, function(path, field, with)
      if not STRINGS[field.type] then return end
      call(with(maker.usual(field)))
      local usual = arrived()
      if usual[1] then
        places[#places + 1] = { call = call, path = path, field = field, with = with,
          usual = usual }
      end
    end)
  end

  setup(function()
    server = raw_server.start(raw_server.http(200, "{}"))
    local retarus = sms.retarus { username = "u", password = "p", base_url = server.url,
      rate_limit = false, retry = false }
    local key = child.shell "openssl genpkey -quiet -algorithm RSA 2>/dev/null || openssl genrsa"
    clients = { [""] = { nexmo(), retarus }, [" of version 1"] = { nexmo { api_version = 1 } },
      [" with an application"] = { nexmo { application_id = "app", private_key = key.out } },
      items = { retarus = retarus } }
    for _, each in ipairs(fields.declared()) do find_places(each) end
  end)
  teardown(function() server:stop() end)

  it("in one field, one request has exactly that, or none is sent", function()
    local count = 0
    for _, place in ipairs(places) do
      for _, given in ipairs(NASTY) do
        count = count + 1
        if count % EACH == 0 then try(place, given) end
      end
    end
    assert.is_true(#places > 50 and report.sent > 0 and report.refused > 0, #places)
    print(("# %d fields: %d texts sent, %d refused"):format(#places, report.sent, report.refused))
  end)

  it("at random, likewise", function()
    report = { sent = 0, refused = 0 }
    for _ = 1, RANDOM do
      try(places[random(#places)], random_text())
    end
    print(("# %d texts sent, %d refused"):format(report.sent, report.refused))
  end)
end)
