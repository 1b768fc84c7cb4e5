--- Reads the list of recipients: a CSV file with the columns name, number and text.

local csv_file = require "sms_command.csv.file"
local sms = require "sms"
local terminal = require "terminal"

local people = {}

local TEXT = "Hello {name}, your table is booked for Friday at 19:30. See you!"

--- The whole text of a file.
function people.read_file(path)
  local file, message = io.open(path, "rb")
  local text, why
  if file then
    text, why = file:read "*a"
    file:close()
  end
  if not text then
    terminal.give_up("cannot read %s", message or ("%s: %s"):format(path, why))
  end
  return text
end

local function person_of(record)
  local cells = record.cells
  local text = cells.text or ""
  text = (text == "" and TEXT or text):gsub("{name}", (cells.name:gsub("%%", "%%%%")))
  return {
    line = record.line,
    ref = "line-" .. record.line,
    name = cells.name,
    number = cells.number,
    text = text,
    measured = sms.measure(text) or { parts = 0 }, -- not UTF-8: no provider will get it
  }
end

--- Reads a list; {name} in a text becomes the name.
---@param path string
---@return table[] people
function people.read(path)
  local file, why = csv_file.open(path)
  why = why or file:lacks { "name", "number" }
  if why then
    terminal.give_up("%s", why)
  end
  local list = {}
  local record, wrong = file:next()
  while record do
    if record.cells.number:find "[\r\n]" then
      terminal.give_up("%s: line %d: a line end in a number", path, record.line)
    end
    list[#list + 1] = person_of(record)
    record, wrong = file:next()
  end
  if wrong or not list[1] then
    terminal.give_up("%s", wrong or path .. ": nobody is on the list")
  end
  return list
end

return people
