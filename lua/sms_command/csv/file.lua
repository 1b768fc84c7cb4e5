--- Reads a CSV file whose first line names its columns.
---
---   local file, why = csv_file.open "people.csv"
---   file.columns                    -- { "number", "text" }: in their order, in small letters
---   local record, wrong = file:next()       -- { line = 2, cells = { number = "…", text = "…" } }
---
--- What is wrong is said with the file's name and the line.

local csv = require "sms_command.csv"

local csv_file = {}

local methods = {}
local File = { __name = "sms_command.csv.file", __index = methods }

--- The lines of a file; what fails as it is read is noted.
local function lines_of(self, handle)
  return function()
    if not handle then
      return nil
    end
    local line, why = handle:read "*l"
    if not line then
      self.failure = why
      handle:close()
      handle = nil
    end
    return line
  end
end

--- The place of each column; nil, and what is wrong with the heading. Blanks around a name do not
--- count, nor do capitals.
local function places_of(heading)
  local places = {}
  for place, name in ipairs(heading) do
    name = name:match "^%s*(.-)%s*$":lower()
    heading[place] = name
    if name == "" then
      return nil, ("column %d has no name"):format(place)
    elseif places[name] then
      return nil, ("two columns are called '%s'"):format(name)
    end
    places[name] = place
  end
  return places
end

--- The next record as the reader has it; nil at the end; nil, why.
local function read(self)
  local record, why = self.records()
  why = why or not record and self.failure or nil
  if why then
    return nil, ("%s: %s"):format(self.path, why)
  end
  return record
end

--- Opens a file and reads its heading.
---@param path string
---@return table? file
---@return string? why
function csv_file.open(path)
  local handle, why = io.open(path, "rb")
  if not handle then
    return nil, why
  end
  local self = setmetatable({ path = path }, File)
  self.records = csv.records(lines_of(self, handle))
  local heading, wrong = read(self)
  if not heading then
    return nil, wrong or path .. ": has no first line, which names the columns"
  end
  self.first = table.concat(heading, ",")
  if self.first:find "^\255\254" or self.first:find "^\254\255" then
    return nil, path .. ": the file is UTF-16; save it as UTF-8"
  end
  self.columns = heading
  self.places, wrong = places_of(heading)
  if not self.places then
    return nil, ("%s: %s"):format(path, wrong)
  end
  return self
end

--- What is wrong with a file that lacks a column; nil where there are all.
---@param names string[]
---@return string? why
function methods:lacks(names)
  for _, name in ipairs(names) do
    if not self.places[name] then
      local separator = not self.columns[2] and self.first:match "[;\t|]"
      return ("%s: the first line must name the columns '%s', and is: %s%s"):format(self.path,
        table.concat(names, "' and '"), self.first:sub(1, 60):gsub("%c", "?"), separator
        and "; columns are separated by commas, not by " .. (separator == "\t" and "tabs"
        or "'" .. separator .. "'") or "")
    end
  end
end

--- The next record; nil at the end.
---@return { line: integer, cells: table<string, string> }? record
---@return string? why
function methods:next()
  local record, why = read(self)
  if not record then
    return nil, why
  end
  local cells = {}
  for name, place in pairs(self.places) do
    cells[name] = record[place]
  end
  return { line = record.line, cells = cells }
end

return csv_file
