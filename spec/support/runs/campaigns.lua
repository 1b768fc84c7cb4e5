-- The command of a campaign as a process, through a sandbox, and what it leaves behind.
--
--     local made = campaigns.for_specs()       -- in a describe: a sandbox, and a list of people
--     made.people:numbered(20)
--     local ended = made.run "--yes"

local assert = require "luassert"
local busted = require "busted"
local child = require "spec.support.child"
local csv = require "sms_command.csv"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

local campaigns = { JOURNAL = ".journal.sandbox", RESULT = ".result.csv.sandbox" }

-- The list, and the journal and the results beside it.
local methods = {}
local Files = { __index = methods }


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
  local next_record = csv.records((self:read(campaigns.RESULT) .. "\n"):gmatch "(.-)\n")
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
  for _, one in ipairs(name and { name } or { "", campaigns.JOURNAL, campaigns.RESULT }) do
    os.remove(self.path .. one)
  end
end

--- What the specs of a file have: `box`, `home`, `people`, and functions.
function campaigns.for_specs()
  local box, home = sandbox.for_specs(), run.home()
  local made = { box = box, home = home,
    people = setmetatable({ path = home .. "/people.csv" }, Files) }

  busted.after_each(function() made.people:remove() end)

  --- The shell command that sends through Nexmo.
  function made.line(...)
    return run.line({ "campaign", made.people.path, "--provider", "nexmo", "--from", "Acme", ... },
      run.with(box, { HOME = home }))
  end

  --- Runs it to its end.
  function made.run(...)
    return child.shell("exec " .. made.line(...))
  end

  --- Runs it until it is in the middle of its work, where it gets a signal.
  function made.stopped(signal, ...)
    return process.interrupted(made.line("--yes", ...), function() return box:count() > 5 end,
      signal)
  end

  --- How many texts have arrived, no reference twice.
  function made.arrived()
    local seen, count = {}, 0
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref], count = true, count + 1
    end
    return count
  end

  return made
end

return campaigns
