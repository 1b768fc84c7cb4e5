--- What became of everybody, in a CSV file: once each, whatever number of runs it took.
---
---   local results, why = results.open(path)          -- who is told again has a new row then
---   local ok, why = results:add { line = 2, number = "447700900000", outcome = "accepted", … }
---   local counts = results:close(everybody)          -- counts.accepted, counts.rejected, …

local csv = require "sms_command.csv"

local results = {}

local methods = {}
local Results = { __name = "sms_command.results", __index = methods }

local HEADING = { "line", "number", "outcome", "id or reason", "parts", "price" }
local IS_TAKEN = { accepted = true, partial = true }
local FORMER = 4 -- columns that such files had before there were more

--- The record as a row: numbers as numbers, what there was not yet left out.
local function row_of(record)
  return { line = tonumber(record[1]:match "%d+"), number = record[2], outcome = record[3],
    told = record[4], parts = tonumber(record[5]), price = record[6] ~= "" and record[6] or nil }
end

local function is_heading(record)
  for i, name in ipairs(record) do
    if name ~= HEADING[i] then
      return false
    end
  end
  return #record == #HEADING or #record == FORMER
end

--- The rows of a file, by line of the campaign; of several the last one counts. A row that was
--- not written to its end, since the run was killed, does not.
local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  local next_record = csv.records((text:match "^(.*\n)" or ""):gmatch "(.-)\n")
  local rows, record, why = {}, next_record()
  if text ~= "" and not why and not (record and is_heading(record)) then
    return nil, path .. ": is not the result file of a campaign"
  end
  while record do
    record, why = next_record()
    if record then
      local row = row_of(record)
      if not row.line then
        return nil, ("%s: line %d: has no line of a campaign"):format(path, record.line)
      end
      rows[row.line] = row
    end
  end
  if why then
    return nil, ("%s: %s"):format(path, why)
  end
  return rows
end

local function line_of(row)
  return csv.line { tostring(row.line), row.number, row.outcome, row.told or "",
    row.parts and ("%d"):format(row.parts) or "", row.price or "" }
end

--- The whole file as a text.
local function text_of(rows)
  local lines, texts = {}, { csv.line(HEADING) }
  for line in pairs(rows) do
    lines[#lines + 1] = line
  end
  table.sort(lines)
  for _, line in ipairs(lines) do
    texts[#texts + 1] = line_of(rows[line])
  end
  return table.concat(texts)
end

--- Opens a file in which a write that fails says so each time it is tried. With a buffer it would
--- not: what is in it is gone then, and a trace of LuaJIT tries twice.
local function open_unbuffered(path, mode)
  local file, why = io.open(path, mode)
  if file then
    file:setvbuf "no"
  end
  return file, why
end

--- Writes the rows in their order, in place of what is there.
local function write(path, rows)
  local new = path .. ".new"
  local file, why = open_unbuffered(new, "wb")
  if not file then
    return nil, why
  end
  local ok
  ok, why = file:write(text_of(rows))
  file:close()
  if ok then
    ok, why = os.rename(new, path)
  end
  if not ok then
    os.remove(new)
    return nil, why
  end
  return true
end

local function failure(self, why)
  return nil, ("%s: cannot be written: %s"):format(self.path, tostring(why):gsub("^.*: ", ""))
end

--- The file of a campaign, which need not be there; it is not touched before there is a row, since
--- another run may be at work.
---@param path string
---@return table? results with the `rows` of earlier runs, by their lines
---@return string? why
function results.open(path)
  local rows, why = read(path)
  if not rows then
    return nil, why
  end
  return setmetatable({ path = path, rows = rows }, Results)
end

--- Whether the file can be written, before anything is sent.
---@return boolean? ok
---@return string? why
function methods:check()
  local file, why = io.open(self.path, "ab")
  if not file then
    return failure(self, why)
  end
  file:close()
  return true
end

--- Reads the file once more, since another run may have ended meanwhile, and opens it.
local function begin(self)
  local ok, why = true, nil
  if not self.is_read then
    ok, why = read(self.path)
    self.rows, self.is_read = ok or self.rows, ok ~= nil
  end
  if ok then
    ok, why = write(self.path, self.rows)
  end
  if ok then
    self.file, why = open_unbuffered(self.path, "ab")
  end
  return self.file ~= nil, why
end

--- Adds a row that cannot be written.
---@param row table
function methods:note(row)
  self.rows[row.line] = row
end

--- Adds a row, at once; the same again does no harm.
---@param row table
---@return boolean? ok
---@return string? why
function methods:add(row)
  local ok, why = true, nil
  if not self.file then
    ok, why = begin(self)
  end
  self:note(row) -- after the file was read
  if ok then
    ok, why = self.file:write(line_of(row))
  end
  if not ok then
    return failure(self, why)
  end
  return true
end

--- Adds those that have ended and have no row: they ended in a run that was killed before it could
--- write them. Where the journal counts all of them as accepted, they were.
local function add_untold(rows, everybody, accepted)
  local untold, taken = {}, 0
  for _, row in pairs(rows) do
    taken = taken + (IS_TAKEN[row.outcome] and 1 or 0)
  end
  local item, row = everybody()
  while item do
    if not rows[row.line] then
      untold[#untold + 1] = row
    end
    item, row = everybody()
  end
  local outcome = taken + #untold == accepted and "accepted" or "unknown"
  for _, one in ipairs(untold) do
    rows[one.line] = { line = one.line, number = one.number, outcome = outcome,
      told = "it ended in a run that was killed", parts = one.parts }
  end
end

--- Puts the rows in order, once each, and counts them.
---@param everybody function? of rows.open, where all of them have ended
---@param accepted integer? that the journal knows
---@return table<string, number> counts by outcome, and the `price` of all
---@return string? why the file could not be written
function methods:close(everybody, accepted)
  local ok, why = true, nil
  if self.file then
    ok, why = self.file:close()
  end
  local rows, counts = self.rows, { price = 0 }
  if everybody then
    add_untold(rows, everybody, accepted)
  end
  if self.file or everybody and next(rows) then
    local written, reason = write(self.path, rows)
    ok, why = ok and written, why or reason
  end
  for _, row in pairs(rows) do
    counts[row.outcome] = (counts[row.outcome] or 0) + 1
    counts.price = counts.price + (tonumber(row.price) or 0)
  end
  return counts, not ok and select(2, failure(self, why)) or nil
end

return results
