--- Who gets a text: a CSV file, each record of which becomes an item of send_all.
---
---   local form = rows.form(providers.nexmo, operation)
---   local next_item = rows.open("people.csv", form, { from = "Acme" })
---   local item, row = next_item()     -- row = { line = 2, number = "…", parts = 1, columns }
---
--- Columns have the names of the provider's parameters; the number, the text and a reference have
--- one name for both providers, too, so that one file serves either.

local csv_file = require "sms_command.csv.file"
local near = require "sms_command.near"
local sms = require "sms"

local rows = {}

local Form = { __name = "sms_command.form" }

-- What people may call them, whichever the provider.
local ALSO = {
  number = { "number", "to", "dst" },
  ref = { "ref", "client-ref", "customerRef" },
}

--- What columns there may be.
---@param own table of sms_command.campaign.providers
---@param operation table
---@return table form
function rows.form(own, operation)
  local columns, names = {}, {} -- by their names in small letters
  local function add(name, param)
    names[#names + 1] = not columns[name:lower()] and name or nil
    columns[name:lower()] = param
  end
  add("text", "text")
  for _, name in ipairs(own.columns(operation)) do
    add(name, name)
  end
  for what, others in pairs(ALSO) do
    for _, name in ipairs(others) do
      add(name, own[what])
    end
  end
  table.sort(names)
  return setmetatable({ columns = columns, names = names, number = own.number, ref = own.ref },
    Form)
end

--- What is said of a column that cannot be sent, in a file that may well have it.
local function unknown(column, form)
  local meant = near.hint(column, form.names)
  return ("a column '%s' is not known%s"):format(column, meant ~= "" and meant
    or "; known are " .. table.concat(form.names, ", "))
end

--- By the name of each column that of the parameter, and the other way round; nil, and what is
--- wrong with the heading.
local function heading_of(file, form)
  local by_column, by_name = {}, {}
  for _, column in ipairs(file.columns) do
    local name = form.columns[column]
    if not name then
      return nil, file.columns[2] and ("%s: %s"):format(file.path, unknown(column, form))
        or file:lacks { "number", "text" }
    elseif by_name[name] then
      return nil, ("%s: the columns '%s' and '%s' are the same"):format(file.path, by_name[name],
        column)
    end
    by_column[column], by_name[name] = name, column
  end
  if not by_name[form.number] or not by_name.text then
    return nil, file:lacks { by_name[form.number] or "number", "text" }
  end
  return { by_column = by_column, by_name = by_name }
end

--- The item of a record, and what is known of it; nil, and why nobody can have it.
local function item_of(record, form, heading, usual)
  local item = {}
  for name, value in pairs(usual) do
    item[name] = value
  end
  for column, name in pairs(heading.by_column) do
    local cell = record.cells[column]
    if cell ~= "" or name == form.number or name == "text" then
      item[name] = cell
    end
  end
  local number = item[form.number]
  local wrong = number:match "[\r\n;|\t]"
  if wrong then
    return nil, ("%s in a number"):format(wrong:find "[\r\n]" and "a line end" or "a separator")
  end
  local measured, err = sms.measure(item.text)
  if not measured then
    return nil, err.message
  end
  item[form.ref] = item[form.ref] or "line " .. record.line
  return item, { line = record.line, number = number, parts = measured.parts,
    is_unicode = measured.encoding ~= "GSM-7",
    columns = heading.by_name }
end

--- Opens a file.
---@param path string
---@param form table
---@param usual table? what each item has beside its columns
---@return (fun(): table?, table|string|nil)? next_item gives an item and its row; nil at the end;
--- nil and why where the file is wrong
---@return string? why
function rows.open(path, form, usual)
  local file, why = csv_file.open(path)
  if not file then
    return nil, why
  end
  local heading, wrong = heading_of(file, form)
  if not heading then
    return nil, wrong
  end
  return function()
    local record, failure = file:next()
    if not record then
      return nil, failure
    end
    local item, row = item_of(record, form, heading, usual or {})
    if not item then
      return nil, ("%s: line %d: %s"):format(path, record.line, row)
    end
    return item, row
  end
end

return rows
