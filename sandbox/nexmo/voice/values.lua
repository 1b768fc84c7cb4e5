-- Tests of single values in a call of the Voice API. Its documents have numbers and booleans also
-- as text: both are taken.

local lenient = require "base.lenient"

local values = {}

local BOOLEANS = { ["true"] = true, ["false"] = true }

--- Any text that is not empty.
function values.text(value)
  return type(value) == "string" and value ~= ""
end

--- A number between two, or its text.
function values.number(lowest, highest)
  return function(value)
    if type(value) == "string" then value = value:find "^%-?%d+%.?%d*$" and tonumber(value) end
    return type(value) == "number" and value >= lowest and value <= highest
  end
end

--- A whole number between two, or its text.
function values.whole(lowest, highest)
  local is_number = values.number(lowest, highest)
  return function(value) return is_number(value) and tonumber(value) % 1 == 0 end
end

--- true or false, or its text.
function values.boolean(value)
  return type(value) == "boolean" or lenient.word(value, BOOLEANS) ~= nil
end

--- One of some words.
function values.one_of(...)
  local known = {}
  for _, value in ipairs { ... } do known[value] = true end
  return function(value) return known[value] == true end
end

--- An address on the web.
function values.url(value)
  return type(value) == "string" and value:find "^https?://[!-~]+$" ~= nil
end

--- Digits of a phone number.
function values.phone(value)
  return type(value) == "string" and value:find "^[1-9]%d+$" ~= nil and #value >= 7 and #value <= 15
end

--- A list whose items pass a test; not empty where one is needed.
function values.list(test, least, most)
  return function(value)
    if type(value) ~= "table" or #value == 0 and next(value) ~= nil then return false end
    if #value < (least or 0) or #value > (most or math.huge) then return false end
    for _, item in ipairs(value) do
      if not test(item) then return false end
    end
    return true
  end
end

--- A list of one address.
values.one_url = values.list(values.url, 1, 1)

--- Any object.
function values.object(value)
  return type(value) == "table" and #value == 0
end

--- An object whose fields pass their tests, the required ones all there. Others are ignored, or
--- refused where the sandbox is strict.
function values.record(tests, required)
  return function(value)
    if not values.object(value) then return false end
    for name, item in pairs(value) do
      if tests[name] and not tests[name](item) then return false end
      if not tests[name] and not lenient.take() then return false end
    end
    for _, name in ipairs(required or {}) do
      if value[name] == nil then return false end
    end
    return true
  end
end

return values
