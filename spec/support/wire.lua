-- What specs over real sockets share: clients of a sandbox, and comparing what came back.
--
--     local nexmo = wire.nexmo(box, { auth = "params" })
--     assert.same({}, wire.differences({ count = 3, id = "~^%x+$" }, result))

local sms = require "sms"

local wire = {}

local CREDENTIALS = { api_key = "abcd1234", api_secret = "Secret0123456789" }

wire.signature_secret = "SIGSECRETforTests0123456789abcdef"

--- A Nexmo client of a sandbox. Without options it has no limit and repeats nothing.
function wire.nexmo(box, options)
  local all = { base_url = box.urls.nexmo, rate_limit = false, retry = false }
  for _, part in ipairs { CREDENTIALS, options or {} } do
    for name, value in pairs(part) do
      all[name] = value
    end
  end
  return sms.nexmo(all)
end

--- The same with the sandbox's own application: it speaks the Voice API.
function wire.caller(box, options)
  local id, key = box:application()
  return wire.nexmo(box, wire.changed({ application_id = id, private_key = key }, options or {}))
end

--- A copy of a value with every `{id}` in its texts replaced.
function wire.fill(value, id)
  if type(value) == "string" then
    return (value:gsub("{id}", function()
      return id
    end))
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for name, part in pairs(value) do
    copy[name] = wire.fill(part, id)
  end
  return copy
end

--- A copy of a table with some keys changed; `wire.none` takes one away.
function wire.changed(value, changes)
  local copy = {}
  for _, part in ipairs { value, changes } do
    for name, item in pairs(part) do
      copy[name] = item
    end
  end
  for name, item in pairs(copy) do
    if item == wire.none then
      copy[name] = nil
    end
  end
  return copy
end

wire.none = setmetatable({}, { __tostring = function() return "none" end })

local function kind_of(value)
  return math.type and math.type(value) or type(value)
end

local function compare(expected, actual, path, list)
  if type(expected) == "string" and expected:sub(1, 1) == "~" then
    if type(actual) ~= "string" or not actual:find(expected:sub(2)) then
      list[#list + 1] = ("%s: %s is not like %s"):format(path, tostring(actual), expected)
    end
  elseif kind_of(expected) ~= kind_of(actual) then
    list[#list + 1] = ("%s: %s (%s), expected %s (%s)"):format(path, tostring(actual),
      kind_of(actual), tostring(expected), kind_of(expected))
  elseif type(expected) ~= "table" then
    if expected ~= actual then
      list[#list + 1] = ("%s: %s, expected %s"):format(path, tostring(actual), tostring(expected))
    end
  else
    for name, part in pairs(expected) do
      compare(part, actual[name], path .. "." .. tostring(name), list)
    end
    for name in pairs(actual) do
      if expected[name] == nil then
        list[#list + 1] = ("%s.%s: not expected"):format(path, tostring(name))
      end
    end
  end
end

--- Where two values differ, integers and floats told apart. An expected text that starts
--- with `~` is a pattern.
function wire.differences(expected, actual)
  local list = {}
  compare(expected, actual, "", list)
  table.sort(list)
  return list
end

return wire
