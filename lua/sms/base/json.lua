--- JSON as the declared fields say: lists stay lists even when empty, integers stay integers,
--- null is absent. C reads and escapes; what follows the fields stands here. Pure.

local core = require "sms.core"
local plain = require "sms.base.plain"

local json = {
  null = core.null, -- as other decoders have it
}

local floor = math.floor
local quote = core.json_quote

local LONGEST_WHOLE = 1e21 -- written with all its digits up to here

--- The shortest text that reads back as the same number.
local function number_text(value)
  if math.type and math.type(value) == "integer" then
    return ("%d"):format(value)
  elseif value == floor(value) and value > -LONGEST_WHOLE and value < LONGEST_WHOLE then
    return ("%.0f"):format(value)
  end
  return core.double_text(value)
end

local function encode_any(value)
  if type(value) == "number" then
    return number_text(value)
  elseif type(value) == "boolean" then
    return value and "true" or "false"
  elseif value == json.null then
    return "null"
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
  table.sort(names, plain.is_before)
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
encoders.boolean = encoders.any

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

--- Reads JSON. Whole numbers are integers; null is absent, and a list closes up where one was.
--- What a double cannot hold, such as a whole number from 2^53 on, keeps its text.
---@param text string
---@param once boolean? a key that stands twice with different values is no JSON; else its last
--- value holds
---@return any value nil also for null
---@return string? message what is wrong with the text, in words without any of it
function json.decode(text, once)
  local ok, value = core.json_read(text, once)
  if not ok then
    return nil, "the reply is not JSON"
  end
  return value
end

--- The members of an object: their names, and the texts of their names and values as they
--- stand there.
---@param text string JSON
---@return string[]? list name, text of the name, text of the value, and so on; nil: no object
json.members = core.json_members

json.number_text = number_text

return json
