--- JSON as the command prints it: names in order, so that the same is the same text each time;
--- bytes that are no UTF-8, such as an argument may have, as U+FFFD.

local cjson = require "cjson".new()

local json = {}

json.null = cjson.null

local UNKNOWN = "\239\191\189" -- U+FFFD

-- The characters of UTF-8 that have more than one byte, by their first one.
local CHARACTERS = {
  "^[\194-\223][\128-\191]",
  "^\224[\160-\191][\128-\191]", "^\237[\128-\159][\128-\191]",
  "^[\225-\236\238\239][\128-\191][\128-\191]",
  "^\240[\144-\191][\128-\191][\128-\191]", "^\244[\128-\143][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]",
}

--- What may be a character, and bytes that are none after it.
local function readable(bytes)
  for _, character in ipairs(CHARACTERS) do
    local _, last = bytes:find(character)
    if last then
      return bytes:sub(1, last) .. UNKNOWN:rep(#bytes - last)
    end
  end
  return UNKNOWN:rep(#bytes)
end

local write

local function list_text(list)
  local parts = {}
  for i, value in ipairs(list) do
    parts[i] = write(value)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end

local function object_text(object)
  local names, parts = {}, {}
  for name in pairs(object) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = write(name) .. ":" .. write(object[name])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- A value as JSON. An empty table is a list, but for one that is all there is.
function write(value)
  if type(value) == "table" then
    return (#value > 0 or next(value) == nil) and list_text(value) or object_text(value)
  elseif type(value) == "string" then
    return (cjson.encode((value:gsub("[\128-\255][\128-\191]*", readable))):gsub("\\/", "/"))
  elseif type(value) == "number" and value % 1 == 0 and value > -2^53 and value < 2^53 then
    return ("%d"):format(value)
  end
  return cjson.encode(value)
end

--- A value as one line of JSON.
---@param value any
---@return string
function json.text(value)
  return type(value) == "table" and next(value) == nil and "{}" or write(value)
end

--- The value of a text; nil and what is wrong.
---@param text string
---@return any value
---@return string? why
function json.read(text)
  local ok, value = pcall(cjson.decode, text)
  if ok then
    return value
  end
  return nil, tostring(value):gsub("^.-:%d+: ", "")
end

return json
