-- The tables that a program writes down, by the names of their fields.

local tokens = require "spec.support.rooms.tokens"

local tables = {}

local OPEN, CLOSED = { ["{"] = true, ["("] = true }, { ["}"] = true, [")"] = true }

local function is_name_of_field(list, i)
  local before, after = list[i - 1], list[i + 1]
  return list[i].kind == "name" and before.kind == "symbol" and before.text:find "^[{,;]$"
    and after and after.text == "=" and not (list[i + 2] and list[i + 2].text == "=")
end

--- All tables in a program: the names of each one's fields, and the words before it.
---@param text string
---@return { names: table<string, boolean>, before: string, strings: string[] }[]
function tables.of(text)
  local list, found, open = tokens.of(text), {}, {}
  for i, token in ipairs(list) do
    local top = open[#open]
    if token.kind == "symbol" and OPEN[token.text] then
      local before = {}
      for k = math.max(1, i - 6), i - 1 do
        before[#before + 1] = list[k].text
      end
      open[#open + 1] = { is_table = token.text == "{", names = {}, strings = {},
        before = table.concat(before, " ") }
    elseif token.kind == "symbol" and CLOSED[token.text] then
      open[#open] = nil
      found[#found + 1] = top and top.is_table and top or nil
    elseif top and top.is_table and token.kind == "string" and list[i - 1].text ~= "=" then
      top.strings[#top.strings + 1] = token.text
    elseif top and top.is_table and is_name_of_field(list, i) then
      top.names[token.text] = true
    end
  end
  return found
end

return tables
