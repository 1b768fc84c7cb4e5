--- JSON as the declared fields say: lists stay lists even when empty, integers stay
--- integers, null is absent. lua-cjson reads and escapes; what it cannot know stands here.
--- Pure.

local cjson = require "cjson".new()

local json = {}

cjson.decode_invalid_numbers(false)
cjson.encode_invalid_numbers(false)

local null = cjson.null
local floor = math.floor
local quote = cjson.encode

local LONGEST_WHOLE = 1e21 -- written with all its digits up to here

--- The shortest text that reads back as the same number, whatever the host's locale.
local function number_text(value)
  if math.type and math.type(value) == "integer" then
    return ("%d"):format(value)
  elseif value == floor(value) and value > -LONGEST_WHOLE and value < LONGEST_WHOLE then
    return ("%.0f"):format(value)
  end
  local text
  for digits = 14, 17 do
    text = ("%." .. digits .. "g"):format(value)
    if tonumber(text) == value then
      break
    end
  end
  return (text:gsub(",", "."))
end

local function encode_any(value)
  if type(value) == "number" then
    return number_text(value)
  elseif type(value) ~= "table" then
    return quote(value)
  end
  local parts = {}
  if #value > 0 then
    for i, part in ipairs(value) do
      parts[i] = encode_any(part)
    end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = quote(name) .. ":" .. encode_any(value[name])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

local encoders = {}

local function encode_field(field, value)
  return (encoders[field.type] or encode_any)(field, value)
end

function encoders.array(field, value)
  local parts, items = {}, field.items
  for i = 1, #value do
    parts[i] = encode_field(items, value[i])
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

function encoders.record(field, value)
  local parts = {}
  for _, part in ipairs(field.fields) do
    local given = value[part[1]]
    if given ~= nil and not part.in_path and not part.apart then
      parts[#parts + 1] = quote(part[1]) .. ":" .. encode_field(part, given)
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encoders.string(_, value)
  return quote(value)
end

function encoders.integer(_, value)
  return number_text(value)
end

function encoders.any(_, value)
  return encode_any(value)
end

encoders.number = encoders.integer
encoders.boolean = encoders.string

--- The members of a record as JSON text, in the declared order.
---@param record table a field of type `record`
---@param value table as schema.check returned it
---@param extra table? members that are not declared
---@return string
function json.encode(record, value, extra)
  local text = encoders.record(record, value)
  if not extra or not next(extra) then
    return text
  end
  local more = encode_any(extra):sub(2)
  return text == "{}" and "{" .. more or text:sub(1, -2) .. "," .. more
end

--- Values with no declared fields, as JSON text; an empty table is an object.
---@return string
json.encode_any = encode_any

--- A decoded value without its nulls, integral numbers as integers.
---@param value any changed where it is a table
---@return any
function json.restore(value)
  if value == null then
    return nil
  elseif type(value) == "number" then
    return math.tointeger and math.tointeger(value) or value
  elseif type(value) ~= "table" then
    return value
  end
  local length, last = #value, 0
  for i = 1, length do -- a list closes up where a null was
    local part = json.restore(value[i])
    value[i] = nil
    if part ~= nil then
      last = last + 1
      value[last] = part
    end
  end
  for key, part in pairs(value) do
    if length == 0 then
      value[key] = json.restore(part)
    end
  end
  return value
end

-- What lua-cjson raises of a text. Anything else is not about the text: Ctrl-C, no memory.
local COMPLAINTS = { "^Expected .* but found .*", "^Found too many nested data structures",
  "^JSON parser does not support" }

local function is_about_text(message)
  for _, pattern in ipairs(COMPLAINTS) do
    if type(message) == "string" and message:find(pattern) then
      return true
    end
  end
  return false
end

--- Reads JSON. What is raised meanwhile and is not about the text is raised.
---@param text string
---@return any value numbers as lua-cjson makes them, null as json.null
---@return string? message what is wrong with the text, in words without any of it
function json.decode(text)
  local ok, value = pcall(cjson.decode, text)
  if ok then
    return value
  elseif not is_about_text(value) then
    error(value, 0)
  end
  return nil, "the reply is not JSON"
end

json.null = null
json.number_text = number_text

return json
