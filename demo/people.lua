--- Reads the list of recipients: a CSV file with the columns name, number and text.

local columns = require "columns"
local csv = require "sms_command.csv"
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

local function person_of(record, place)
  local name = record[place.name] or ""
  local text = place.text and record[place.text] or ""
  text = (text == "" and TEXT or text):gsub("{name}", (name:gsub("%%", "%%%%")))
  return {
    line = record.line,
    ref = "line-" .. record.line,
    name = name,
    number = record[place.number] or "",
    text = text,
    measured = sms.measure(text) or { parts = 0 }, -- not UTF-8: no provider will get it
  }
end

--- The records of a file, the heading apart.
local function records_of(path)
  local list = {}
  local text = people.read_file(path)
  if text:find "^\255\254" or text:find "^\254\255" then
    terminal.give_up("%s: the file is UTF-16; save it as UTF-8", path)
  end
  local next_record = csv.records((text .. "\n"):gmatch "(.-)\n")
  local record, message = next_record()
  while record do
    list[#list + 1] = record
    record, message = next_record()
  end
  if message or not list[2] then
    terminal.give_up("%s: %s", path, message or "nobody is on the list")
  end
  return table.remove(list, 1), list
end

--- Where the columns stand, by their names.
local function places_of(heading, path)
  local place = {}
  for i, title in ipairs(heading) do
    place[title:lower():match "^%s*(.-)%s*$"] = i
  end
  if place.name and place.number then
    return place
  end
  local line, hint = table.concat(heading, ","), ""
  local separator = not heading[2] and line:match "[;\t]"
  if separator then
    hint = separator == ";" and "; columns are separated by commas, not by ';'"
      or "; columns are separated by commas, not by tabs"
  end
  terminal.give_up("%s: the first line must name the columns 'name' and 'number', and is: %s%s",
    path, columns.fit(line, 60), hint)
end

--- Reads a list; {name} in a text becomes the name.
---@param path string
---@return table[] people
function people.read(path)
  local heading, list = records_of(path)
  local place = places_of(heading, path)
  for i, record in ipairs(list) do
    if record[place.number]:find "[\r\n]" then
      terminal.give_up("%s: line %d: a line end in a number", path, record.line)
    end
    list[i] = person_of(record, place)
  end
  return list
end

return people
