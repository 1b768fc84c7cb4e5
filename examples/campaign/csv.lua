--- Reads comma-separated values (RFC 4180): quoted fields with commas, doubled quotes and
--- line ends inside, LF or CRLF, a byte order mark or none. Blank lines are left out.

local csv = {}

--- One field from a position on, and the position of what ends it.
local function read_field(text, at)
  if text:sub(at, at) ~= '"' then
    local stop = text:find("[,\r\n]", at) or #text + 1
    return text:sub(at, stop - 1), stop
  end
  local parts, from = {}, at + 1
  while true do
    local quote = text:find('"', from, true)
    if not quote then
      return nil, "a quoted field does not end"
    end
    parts[#parts + 1] = text:sub(from, quote - 1)
    if text:sub(quote + 1, quote + 1) ~= '"' then
      return table.concat(parts, '"'), quote + 1
    end
    from = quote + 2
  end
end

local function count_lines(text)
  local _, count = text:gsub("\n", "")
  return count
end

--- Reads all records.
---@param text string
---@return { line: integer, [integer]: string }[]? records each with the line it starts in
---@return string? message what is wrong, and in which line
function csv.read(text)
  local records, record = {}, { line = 1 }
  local at, line = text:sub(1, 3) == "\239\187\191" and 4 or 1, 1
  while at <= #text do
    local field, stop = read_field(text, at)
    if not field then
      return nil, ("line %d: %s"):format(line, stop)
    end
    record[#record + 1] = field
    line = line + count_lines(text:sub(at, stop - 1))
    local after = text:match("^\r?\n", stop) or text:match("^,", stop)
    if not after and stop <= #text then
      return nil, ("line %d: a comma or the end of the line was expected"):format(line)
    end
    at = stop + #(after or "")
    if after == "," and at > #text then
      record[#record + 1] = ""
    elseif after ~= "," then
      line = line + 1
    end
    if after ~= "," or at > #text then
      if #record > 1 or record[1] ~= "" then
        records[#records + 1] = record
      end
      record = { line = line }
    end
  end
  return records
end

return csv
