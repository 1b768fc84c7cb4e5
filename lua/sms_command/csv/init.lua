--- Reads and writes comma-separated values as RFC 4180 has them: fields in quotes with commas,
--- doubled quotes and line ends inside; LF or CRLF; a byte order mark or none; as many fields in
--- each record as in the first. Blank lines are left out. All else is an error with its line.
---
---   local next_record = csv.records(file:lines())
---   local record, why = next_record()      -- { "Zoë", "+44 7700 900000", line = 2 }

local csv = {}

--- The rest of a field in quotes, which may go on in the next lines, and where it ends.
local function read_quoted(reader, at)
  local parts, from = {}, reader.line
  while true do
    local quote = reader.text:find('"', at, true)
    if not quote then
      parts[#parts + 1] = reader.text:sub(at) .. "\n"
      reader.text, at = reader.next_line(), 1
      if not reader.text then
        reader.line = from
        return nil, "a quoted field does not end"
      end
      reader.line = reader.line + 1
    elseif reader.text:sub(quote + 1, quote + 1) == '"' then
      parts[#parts + 1] = reader.text:sub(at, quote)
      at = quote + 2
    else
      parts[#parts + 1] = reader.text:sub(at, quote - 1)
      return table.concat(parts), quote + 1
    end
  end
end

--- One field from a position on, and the position behind it.
local function read_field(reader, at)
  if reader.text:sub(at, at) == '"' then
    return read_quoted(reader, at + 1)
  end
  local stop = reader.text:find(",", at, true) or (reader.text:find "\r$" or #reader.text + 1)
  local field = reader.text:sub(at, stop - 1)
  if field:find('"', 1, true) then
    return nil, "a quote inside of a field that does not begin with one"
  elseif field:find("\r", 1, true) then
    return nil, "a carriage return inside of a field that is not in quotes"
  end
  return field, stop
end

--- The record that begins in a line.
local function read_record(reader, text)
  local record, at = { line = reader.line }, 1
  reader.text = text
  repeat
    local field, stop = read_field(reader, at)
    if not field then
      return nil, stop
    end
    record[#record + 1] = field
    local rest = reader.text:sub(stop)
    at = rest:sub(1, 1) == "," and stop + 1
    if not at and rest ~= "" and rest ~= "\r" then
      return nil, "a comma or the end of the line was expected"
    end
  until not at
  return record
end

local function plural(count)
  return count == 1 and "1 field" or ("%d fields"):format(count)
end

--- Why a record has not as many fields as the first; nil where it has.
local function misfit(reader, record)
  reader.width = reader.width or #record
  if #record ~= reader.width then
    local other = #record == 1 and record[1]:match "[;\t|]"
    local hint = other and (", where %s stands in the place of a comma"):format(
      other == "\t" and "a tab" or "'" .. other .. "'") or ""
    return ("%s, and the first line has %d%s"):format(plural(#record), reader.width, hint)
  end
end

--- Iterates over records.
---@param next_line fun(): string? lines without their end, as file:lines() gives them
---@return fun(): table?, string? record, with the line it begins in; nil at the end; nil, message
function csv.records(next_line)
  local reader = { next_line = next_line, line = 0 }
  return function()
    local text
    repeat
      text, reader.line = next_line(), reader.line + 1
      if text and reader.line == 1 then
        text = text:gsub("^\239\187\191", "")
      end
    until not text or text:find "[^\r]"
    if not text then
      return nil
    end
    local line = reader.line
    local record, why = read_record(reader, text)
    if not record then
      return nil, ("line %d: %s"):format(reader.line, why)
    end
    why = misfit(reader, record)
    if why then
      return nil, ("line %d: %s"):format(line, why)
    end
    return record
  end
end

local function written(field)
  return field:find '[",\r\n]' and '"' .. field:gsub('"', '""') .. '"' or field
end

--- A record as a line.
---@param fields string[]
---@return string
function csv.line(fields)
  local all = {}
  for i, field in ipairs(fields) do
    all[i] = written(field)
  end
  return table.concat(all, ",") .. "\n"
end

return csv
