-- The files of a campaign: the list, the journal and the results beside it.
--
--     local people = files.new(home)
--     people:numbered(20)                      -- the list: 20 texts
--     local count, by_line = people:rows()     -- the results; each line once

local assert = require "luassert"
local csv = require "sms_command.csv"

local files = {}

local methods = {}
local Files = { __index = methods }

--- Files in a folder.
function files.new(folder)
  return setmetatable({ path = folder .. "/people.csv" }, Files)
end

function methods:write(text, name, mode)
  local file = assert(io.open(self.path .. (name or ""), mode or "wb"))
  file:write(text)
  file:close()
end

function methods:append(name, text)
  self:write(text, name, "ab")
end

--- A list of so many texts to different numbers.
function methods:numbered(count)
  local lines = { "number,text" }
  for i = 1, count do
    lines[i + 1] = ("+44 7700 91%04d,Hello %d"):format(i % 1000 + 8000, i)
  end
  self:write(table.concat(lines, "\n") .. "\n")
end

function methods:read(name)
  local file = assert(io.open(self.path .. name, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

function methods:exists(name)
  local file = io.open(self.path .. name)
  if file then file:close() end
  return file ~= nil
end

--- How many rows the results have, and these by their lines; each line once.
function methods:rows()
  local seen, count = {}, 0
  local next_record = csv.records((self:read ".result.csv" .. "\n"):gmatch "(.-)\n")
  next_record() -- the heading
  local record, why = next_record()
  while record do
    assert.is_nil(seen[record[1]], record[1])
    seen[record[1]], count = record, count + 1
    record, why = next_record()
  end
  assert.is_nil(why)
  return count, seen
end

--- Removes one of them, or all.
function methods:remove(name)
  for _, one in ipairs { name or "", not name and ".journal" or nil,
    not name and ".result.csv" or nil } do
    os.remove(self.path .. one)
  end
end

return files
