--- Functions and tables of the reference, from what stands above them in the notation of LuaLS.

local words = require "docs.reference.words"

local entries = {}

--- A sentence that stands in a cell of a table.
local function cell(text)
  return (text:gsub("|", "\\|"))
end

local function row(add, name, kind, doc)
  add("| %s | %s | %s |", name, cell(kind), cell(doc or ""))
end

--- A call as it is written: `[, options]` where an argument may be left out.
local function call_of(entry, shown)
  local list = {}
  for i, param in ipairs(entry.params) do
    local text = (i > 1 and ", " or "") .. param.name
    list[i] = param.optional and (i > 1 and " [" or "[") .. text .. "]" or text
  end
  return ("%s(%s)"):format(shown, table.concat(list))
end

local function or_nil(kind, is_optional)
  return is_optional and kind ~= "any" and kind .. ", or nil" or kind
end

local function returned(add, entry, titles)
  for i, value in ipairs(entry.returns) do
    local name = value.name and " `" .. value.name .. "`" or ""
    local kind = words.of(value.type, titles)
    row(add, (i == 1 and "returns" or "and") .. name,
      or_nil(kind, value.type:find "%?$" and not value.type:find "^fun"), value.doc)
  end
end

--- One function.
---@param add fun(text: string, ...)
---@param entry table of docs.reference.annotations
---@param shown string how it is called
---@param titles table<string, string>
---@param whose string? who has it, if not all
function entries.of_function(add, entry, shown, titles, whose)
  add("### %s\n", shown)
  add("    %s\n", call_of(entry, shown))
  add("%s%s\n", whose and whose .. " " or "", entry.doc)
  if entry.params[1] or entry.returns[1] then
    add "| | Type | |\n|---|---|---|"
    for _, param in ipairs(entry.params) do
      row(add, "`" .. param.name .. "`", words.of(param.type, titles), param.doc)
    end
    returned(add, entry, titles)
    add ""
  end
end

--- One table, by its fields.
---@param add fun(text: string, ...)
---@param class table of docs.reference.annotations
---@param title string
---@param titles table<string, string>
---@param is_given boolean? whether users write it; else it may lack what is optional
function entries.of_class(add, class, title, titles, is_given)
  add("### %s\n", title)
  local doc = class.doc
  if doc ~= "" and doc:gsub("[`.]", "") ~= title then
    add("%s\n", doc)
  end
  if not class.fields[1] then
    return
  end
  add "| Field | Type | Meaning |\n|---|---|---|"
  for _, field in ipairs(class.fields) do
    local name = field.name:find "^%[" and "`[1]`, `[2]`, …" or "`" .. field.name .. "`"
    row(add, name, or_nil(words.of(field.type, titles), field.optional and not is_given), field.doc)
  end
  add ""
end

--- Words that a value may be, and what they mean.
---@param add fun(text: string, ...)
---@param alias table of docs.reference.annotations
---@param title string
function entries.of_alias(add, alias, title)
  add("### %s\n\n%s\n", title, alias.doc)
  add "| | |\n|---|---|"
  for _, value in ipairs(alias.values) do
    add("| `%s` | %s |", value[1], cell(value[2]))
  end
  add ""
end

return entries
