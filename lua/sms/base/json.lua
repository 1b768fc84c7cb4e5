--- JSON as the declared fields say: lists stay lists even when empty, integers stay integers,
--- null is absent. lua-cjson reads and escapes; what it cannot know stands here. Pure.

local cjson = require "cjson".new()
local core = require "sms.core"
local plain = require "sms.base.plain"

local json = {}

local decode, floor, mark, null, quote, restore = cjson.decode, math.floor, core.json_mark,
  cjson.null, cjson.encode, core.json_restore

-- By which lua-cjson tells lists. Debian's has none, and there these are nobody else's.
local array_mt = cjson.array_mt or { __name = "array" }
local empty_array_mt = cjson.empty_array_mt or { __name = "empty array" }

-- Those that lists get which lua-cjson reads, where the host has it mark them; mostly nil.
json.list_meta, json.empty_list_meta = getmetatable(decode "[0]"), getmetatable(decode "[]")

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

--- Whether a table says by lua-cjson's array_mt or empty_array_mt that it is a list.
---@param value table
---@return boolean
function json.says_list(value)
  local meta = getmetatable(value)
  return meta ~= nil and (meta == array_mt or meta == empty_array_mt and next(value) == nil)
end

local function encode_any(value)
  if type(value) == "number" then
    return number_text(value)
  elseif type(value) == "boolean" then
    return value and "true" or "false"
  elseif value == null then
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
  elseif json.says_list(value) then
    return "[]"
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

--- Values with no declared fields, as JSON text; an empty table that does not say that it is a
--- list is an object.
---@return string
json.encode_any = encode_any

-- What lua-cjson raises of a text. Anything else is not about the text: Ctrl-C, no memory.
local COMPLAINTS = { "^Expected .* but found .*", "^Found too many nested data structures",
  "^JSON parser does not support" }

local NOT_JSON = "the reply is not JSON"

--- Why a text was not read: what lua-cjson raised, or nothing, which is no JSON either. What is
--- not about the text is raised.
---@param raised any
---@return string message what is wrong with the text, in words without any of it
function json.complaint(raised)
  if raised == nil then
    return NOT_JSON
  end
  for _, pattern in ipairs(COMPLAINTS) do
    if type(raised) == "string" and raised:find(pattern) then
      return NOT_JSON
    end
  end
  error(raised, 0)
end

--- Reads what has been marked, numbers as lua-cjson makes them, null as json.null. Raises what is
--- for json.complaint, or gives it behind nil.
json.read = decode

--- Reads JSON. lua-cjson reads numbers as the host's locale has them, keeps 53 bits of them, and
--- the last of two members with one name: what it may not see so is marked before and restored
--- after (src/text/json_mark.h).
---@param text string
---@param once boolean? a name that stands twice with different values is no JSON; else its last
--- value holds
---@return any value whole numbers are integers; null is absent, and a list closes up where one was.
--- A number from 2^53 on, which a double may have rounded, is its text. nil also for null
---@return string? message what is wrong with the text, in words without any of it
function json.decode(text, once)
  local marked = mark(text, once)
  if not marked then
    return nil, NOT_JSON
  end
  local ok, value, why = pcall(decode, marked)
  if not ok or value == nil then -- a host may have put cjson.safe in the place of cjson
    return nil, json.complaint(why or value)
  end
  return restore(value)
end

--- The members of an object: their names, and the texts of their names and values as they
--- stand there.
---@param text string JSON
---@return string[]? list name, text of the name, text of the value, and so on; nil: no object
json.members = core.json_members

json.array_mt, json.empty_array_mt = array_mt, empty_array_mt
json.null = null
json.number_text = number_text

return json
