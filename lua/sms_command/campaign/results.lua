--- What became of everybody, in a CSV file: once each, whatever number of runs it took.
---
---   local results = results.open(path)          -- who is told again has a new row then
---   results:add { "line 2", "447700900000", "accepted", id }
---   local counts = results:close(messages)      -- counts.accepted, counts.rejected, …

local csv = require "sms_command.csv"

local results = {}

local methods = {}
local Results = { __index = methods }

local HEADING = { "line", "number", "outcome", "id or reason" }

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
  while record or why do
    if why then
      return nil, path .. ": " .. why
    end
    rows[record[1]] = record
    record, why = next_record()
  end
  return rows
end

local function number_of(row)
  return tonumber(row[1]:match "%d+") or 0 -- the heading comes first
end

--- Writes the rows in their order, in place of what is there.
local function write(path, rows)
  local list = { HEADING }
  rows[HEADING[1]] = nil
  for _, row in pairs(rows) do
    list[#list + 1] = row
  end
  table.sort(list, function(a, b) return number_of(a) < number_of(b) end)
  local file = assert(io.open(path .. ".new", "wb"))
  for _, row in ipairs(list) do
    assert(file:write(csv.line(row)))
  end
  assert(file:close())
  assert(os.rename(path .. ".new", path))
end

--- The file of a campaign, which need not be there; it is not touched before there is a row, since
--- another run may be at work.
---@param path string
---@return table? results
---@return string? why
function results.open(path)
  local rows, why = read(path)
  if not rows then
    return nil, why
  end
  return setmetatable({ path = path }, Results)
end

local function begin(self)
  write(self.path, assert(read(self.path)))
  self.file = assert(io.open(self.path, "ab"))
  self.file:setvbuf "line"
end

--- Adds a row, at once; the same again does no harm.
function methods:add(row)
  if not self.file then
    begin(self)
  end
  assert(self.file:write(csv.line(row)))
end

--- Puts the rows in order, once each, and counts them.
---@param everybody (fun(): table?)? the messages, where all of them have ended: one that has no
--- row ended in a run that was killed before it could write it
---@return table<string, integer> counts by outcome
function methods:close(everybody)
  if self.file then
    self.file:close()
  elseif not everybody then
    return {}
  end
  local rows, counts = assert(read(self.path)), {}
  for message in everybody or function() end do
    local line = message["client-ref"]
    rows[line] = rows[line] or { line, message.to, "unknown", "it ended in a run that was killed" }
  end
  write(self.path, rows)
  for _, row in pairs(rows) do
    counts[row[3]] = (counts[row[3]] or 0) + 1
  end
  return counts
end

return results
