-- JSON both ways. Unlike plain cjson it tells an empty list from an empty object.

local cjson = require("cjson").new()

cjson.decode_invalid_numbers(false)

local json = { null = cjson.null }

local list = { __name = "json list" }

--- Marks a table as a list, so that it is written `[]` even when it is empty.
function json.list(items)
  return setmetatable(items or {}, list)
end

--- Writes flat data that holds no empty list: the quick way.
json.quick = cjson.encode

-- What is null in an object is absent; in a list it stays, as json.null.
local function without_nulls(value)
  if type(value) ~= "table" then return value end
  local is_list = #value > 0
  for key, item in pairs(value) do
    if item == cjson.null and not is_list then value[key] = nil else without_nulls(item) end
  end
  return value
end

--- The decoded value, without members that are null; nil for what is not JSON.
function json.decode(text)
  local ok, value = pcall(cjson.decode, text)
  if not ok then return nil end
  return text:find("null", 1, true) and without_nulls(value) or value
end

--- Writes any value.
function json.encode(value)
  if type(value) ~= "table" then return cjson.encode(value) end
  local out = {}
  if getmetatable(value) == list or #value > 0 then
    for i, item in ipairs(value) do out[i] = json.encode(item) end
    return "[" .. table.concat(out, ",") .. "]"
  end
  for key, item in pairs(value) do
    out[#out + 1] = cjson.encode(tostring(key)) .. ":" .. json.encode(item)
  end
  return "{" .. table.concat(out, ",") .. "}"
end

--- A copy with every scalar replaced by null.
function json.nulled(value)
  if type(value) ~= "table" then return json.null end
  local copy = setmetatable({}, getmetatable(value))
  for key, item in pairs(value) do copy[key] = json.nulled(item) end
  return copy
end

return json
