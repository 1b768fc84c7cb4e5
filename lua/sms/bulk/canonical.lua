--- An item of send_all as one text: the same for the same item, in every Lua, whatever the
--- order of its keys; types are told apart. Pure.

local plain = require "sms.base.plain"

local canonical = {}

local DEEPEST = 32 -- also ends cycles

local text_of

local function number_text(value)
  local is_integer = math.type and math.type(value) == "integer"
  return "n" .. plain.number(is_integer and "%d" or "%.17g", value) .. ";"
end

local function table_text(value, depth)
  if depth > DEEPEST then
    return "deep;"
  end
  local keys, by_text = {}, {}
  for key, part in next, value do -- raw, as params are read
    local text = text_of(key, depth + 1)
    keys[#keys + 1], by_text[text] = text, text_of(part, depth + 1)
  end
  table.sort(keys, plain.is_before)
  for i, key in ipairs(keys) do
    keys[i] = key .. by_text[key]
  end
  return "t{" .. table.concat(keys) .. "}"
end

--- What no item has stands for its type: an address would be another each time.
function text_of(value, depth)
  local kind = type(value)
  if kind == "string" then
    return "s" .. #value .. ":" .. value
  elseif kind == "number" then
    return number_text(value)
  elseif kind == "boolean" then
    return value and "true;" or "false;"
  elseif kind == "table" then
    return table_text(value, depth)
  end
  return kind .. ";"
end

--- The text of an item.
---@param item table
---@return string
function canonical.text(item)
  return text_of(item, 1)
end

return canonical
