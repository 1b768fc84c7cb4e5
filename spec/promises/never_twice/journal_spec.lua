-- A campaign whose journal is renamed, replaced, cut or removed while it is in use: nothing more
-- begins, and over this run and the next, by what the provider saw, nothing is sent twice.

local child = require "spec.support.child"
local journal_runs = require "spec.support.runs.journal_runs"
local sandbox = require "spec.support.servers.sandbox"

-- What happens after 30 items, with $J the journal; what the run ends with; and what the next.
local HAPPENINGS = {
  ["that is renamed"] = { 'mv "$J" "$J.1"', "was renamed or removed while it was in use" },
  ["that logrotate moves away and makes anew"] = { 'mv "$J" "$J.1"; install -m 600 /dev/null "$J"',
    "was replaced while it was in use" },
  ["that is removed"] = { 'rm "$J"', "was renamed or removed while it was in use" },
  ["in whose place an older copy is put"] = {
    'head -c 1024 "$J" >"$J.x"; chmod 600 "$J.x"; mv "$J.x" "$J"',
    "was replaced while it was in use" },
  ["in whose place something else is put"] = { 'echo name,number >"$J.x"; mv "$J.x" "$J"',
    "was replaced while it was in use", "is no journal" },
  ["in whose place a link to itself is put"] = { 'mv "$J" "$J.1"; ln -s "$J.1" "$J"',
    "was replaced while it was in use", "is a symbolic link" },
  ["that logrotate copies and cuts"] = { 'cp "$J" "$J.1"; : >"$J"', "was cut while it was in use",
    "was cut while it was in use" },
  ["that is cut between two records"] = { 'truncate -s 1024 "$J"', "was cut while it was in use",
    "was cut while it was in use" },
  ["that is cut within a record"] = { 'truncate -s 1000 "$J"', "was cut while it was in use",
    "was cut while it was in use" },
  ["that is written over"] = { 'head -c 100000 /dev/urandom >"$J"', "was written over",
    "is no journal" },
  ["whose folder is renamed"] = { 'mv "$D" "$D.1"', "was renamed or removed while it was in use",
    "No such file or directory" },
}

describe("A campaign with a journal", function()
  local box = sandbox.for_specs()
  local runs

  before_each(function()
    runs = journal_runs.new(box)
  end)

  after_each(function() runs:remove() end)

  for name, case in pairs(HAPPENINGS) do
    it(name .. " begins nothing more and sends nothing twice", function()
      local given = { happening = case[1], between = case[4] }
      local first, second = runs:twice(given)
      assert.matches("^fatal .*" .. case[2], first.ending)
      assert.is_true(first.count < journal_runs.ITEMS)
      local counts = runs:assert_never_twice(first, second)
      if case[3] then
        assert.matches("^fatal .*" .. case[3], second.ending)
        assert.equal(0, second.count)
      else
        assert.equal("done", second.ending)
        runs:assert_complete(given, counts, first, second)
      end
    end)
  end

  it("says so where that happens after the last begin", function()
    local given = { items = 20, at = 20, happening = 'mv "$J" "$J.1"' }
    local first, second = runs:twice(given)
    assert.matches("^fatal .*was renamed or removed while it was in use", first.ending)
    assert.equal("done", second.ending)
    assert.equal(0, second.count)
    runs:assert_never_twice(first, second)
  end)

  it("says in words who holds its journal", function()
    local given = { items = 2, at = 1, happening = runs:command(2, { items = 2 }) }
    local ended = child.shell(runs:command(1, given, given.happening))
    assert.equal("", ended.err)
    local first, second = runs:told_by(1), runs:told_by(2)
    assert.equal("done", first.ending)
    assert.matches("^fatal .*/journal: is in use already, by process %d+ %(lua", second.ending)
  end)

  it("lets no second run begin anew before the first has found out that it was renamed", function()
    local given = { items = 20, at = 5 }
    local happening = ("mv %s %s.1; %s"):format(runs.journal, runs.journal, runs:command(2, given))
    local ended = child.shell(runs:command(1, given, happening) .. "; " .. runs:command(3, given))
    assert.equal("", ended.err)
    local first, second, third = runs:told_by(1), runs:told_by(2), runs:told_by(3)
    assert.matches("^fatal .*was renamed or removed while it was in use; it was put back",
      first.ending)
    assert.matches("^fatal .*/journal: is in use already, by process %d+ %(lua", second.ending)
    assert.equal(0, second.count)
    assert.equal("done", third.ending)
    runs:assert_complete(given, runs:assert_never_twice(first, third), first, third)
  end)
end)
