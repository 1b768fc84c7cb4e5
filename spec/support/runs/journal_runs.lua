-- Campaigns with a journal to which something happens (journal_child.lua): what two runs told,
-- and what the provider saw.
--
--     local runs = journal_runs.new(box)
--     local first, second = runs:twice { happening = 'rm "$J"' } -- $J: the journal; $D: its folder
--     first.outcomes["17"], first.count, first.ending, first.warnings
--     runs:assert_complete(given, runs:assert_never_twice(first, second), first, second)
--     runs:remove()

local assert = require "luassert"
local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"

local journal_runs = { ITEMS = 120, AT = 30 }

local methods = {}

--- Makes a folder for them.
function journal_runs.new(box)
  local folder = child.shell("mktemp -d").out:match "[^\n]+"
  child.shell("mkdir " .. folder .. "/disk")
  return setmetatable({ box = box, folder = folder, journal = folder .. "/disk/journal" },
    { __index = methods })
end

function methods:remove()
  child.shell("rm -r " .. child.quoted(self.folder))
end

--- The shell command of one run, the number of which is part of its file.
function methods:command(number, given, happening)
  local arguments = { self.box.urls.nexmo, tostring(given.items or journal_runs.ITEMS),
    ("%s/told.%d"):format(self.folder, number), self.journal,
    given.wrong and "wrong" or given.sync and "sync" or "async" }
  if happening then
    arguments[6], arguments[7] = tostring(given.at or journal_runs.AT), happening
  end
  return lua_process.command("spec/support/runs/journal_child.lua",
    number == 1 and given.environment or nil, arguments)
end

--- What a run told: outcomes by item, how it ended, and its warnings.
function methods:told_by(number)
  local told = { outcomes = {}, count = 0, warnings = {} }
  local text = process.read(("%s/told.%d"):format(self.folder, number)) or ""
  for line in text:gmatch "[^\n]+" do
    local item, outcome = line:match "^(%d+) (%S+)$"
    if item then
      assert.is_nil(told.outcomes[item])
      told.outcomes[item], told.count = outcome, told.count + 1
    elseif line:find "^warning " then
      told.warnings[#told.warnings + 1] = line
    else
      told.ending = line
    end
  end
  return told
end

--- Runs a campaign twice, in a shell that may mount what it likes.
---@param given { before: string?, happening: string?, between: string?, after: string?,
---  items: integer?, at: integer?, sync: boolean?, wrong: boolean?, environment: table? }
function methods:twice(given)
  child.shell(("rm -f %s/told.*"):format(self.folder))
  local whole = table.concat({ "J=" .. self.journal, "D=" .. self.folder .. "/disk", "export J D",
    given.before or "", self:command(1, given, given.happening or ":"), given.between or "",
    self:command(2, given), given.after or "" }, "\n")
  if given.before then
    whole = "unshare -m sh -c " .. child.quoted(whole)
  end
  local ended = child.shell(whole)
  assert.equal("", ended.err)
  return self:told_by(1), self:told_by(2)
end

--- Over both runs: nothing arrived twice; what was told as accepted arrived, and was told once.
function methods:assert_never_twice(first, second)
  local counts = {}
  for _, arrival in ipairs(self.box:arrivals()) do
    counts[arrival.ref] = (counts[arrival.ref] or 0) + 1
    assert.equal(1, counts[arrival.ref], "arrivals of " .. arrival.ref)
  end
  for _, told in ipairs { first, second } do
    for item, outcome in pairs(told.outcomes) do
      if outcome == "accepted" then assert.equal(1, counts[item], "accepted " .. item) end
    end
  end
  for item, outcome in pairs(first.outcomes) do
    if outcome == "accepted" then assert.is_nil(second.outcomes[item], "told again: " .. item) end
  end
  return counts
end

--- In the end each item arrived, or was told as ambiguous.
function methods:assert_complete(given, counts, first, second) -- luacheck: ignore 212/self
  for i = 1, given.items or journal_runs.ITEMS do
    local item = tostring(i)
    assert.is_truthy(counts[item] or first.outcomes[item] == "ambiguous"
      or second.outcomes[item] == "ambiguous", item)
  end
end

return journal_runs
