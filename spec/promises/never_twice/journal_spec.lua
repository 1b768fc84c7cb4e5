-- A campaign whose journal is renamed, replaced, cut or removed while it is in use, or whose disk
-- fails or is full: over this run and the next, by what the provider saw, nothing is sent twice,
-- and what was told as accepted is never told again.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local ITEMS, AT = 120, 30
local EDQUOT, EIO, EROFS, ENOSPC = "122", "5", "30", "28"

local IS_ROOT = child.shell("id -u").out:match "%d+" == "0"

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
  local box, folder, journal

  setup(function() box = sandbox.start() end)
  teardown(function() box:stop() end)

  before_each(function()
    box:reset()
    folder = child.shell("mktemp -d").out:match "[^\n]+"
    child.shell("mkdir " .. folder .. "/disk")
    journal = folder .. "/disk/journal"
  end)

  after_each(function() child.shell("rm -r " .. child.quoted(folder)) end)

  --- The shell command of one run, the number of which is part of its file.
  local function command(number, given, happening)
    local arguments = { box.urls.nexmo, tostring(given.items or ITEMS),
      ("%s/told.%d"):format(folder, number), journal, given.sync and "sync" or "async" }
    if happening then
      arguments[6], arguments[7] = tostring(given.at or AT), happening
    end
    return lua_process.command("spec/support/runs/journal_child.lua",
      number == 1 and given.environment or nil, arguments)
  end

  --- What a run told: outcomes by item, how it ended, and its warnings.
  local function told_by(number)
    local told = { outcomes = {}, count = 0, warnings = {} }
    for line in (process.read(("%s/told.%d"):format(folder, number)) or ""):gmatch "[^\n]+" do
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

  local function arrivals()
    local counts = {}
    for _, arrival in ipairs(box:arrivals()) do
      counts[arrival.ref] = (counts[arrival.ref] or 0) + 1
    end
    return counts
  end

  --- Runs a campaign twice, in a shell that may mount what it likes.
  ---@param given { before: string?, happening: string?, between: string?, items: integer?,
  ---  at: integer?, sync: boolean?, environment: table? }
  local function run_twice(given)
    local shell = { "J=" .. journal, "D=" .. folder .. "/disk", "export J D", given.before or "",
      command(1, given, given.happening or ":"), given.between or "", command(2, given),
      given.after or "" }
    local whole = table.concat(shell, "\n")
    if given.before then
      whole = "unshare -m sh -c " .. child.quoted(whole)
    end
    local ended = child.shell(whole)
    assert.equal("", ended.err)
    return told_by(1), told_by(2)
  end

  --- Over both runs: nothing arrived twice; what was told as accepted arrived, and was told once.
  local function assert_never_twice(first, second)
    local counts = arrivals()
    for item, count in pairs(counts) do
      assert.equal(1, count, "arrivals of " .. item)
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
  local function assert_complete(given, counts, first, second)
    for i = 1, given.items or ITEMS do
      local item = tostring(i)
      assert.is_truthy(counts[item] or first.outcomes[item] == "ambiguous"
        or second.outcomes[item] == "ambiguous", item)
    end
  end

  for name, case in pairs(HAPPENINGS) do
    it(name .. " begins nothing more and sends nothing twice", function()
      local given = { happening = case[1], between = case[4] }
      local first, second = run_twice(given)
      assert.matches("^fatal .*" .. case[2], first.ending)
      assert.is_true(first.count < ITEMS)
      local counts = assert_never_twice(first, second)
      if case[3] then
        assert.matches("^fatal .*" .. case[3], second.ending)
        assert.equal(0, second.count)
      else
        assert.equal("done", second.ending)
        assert_complete(given, counts, first, second)
      end
    end)
  end

  it("says so where that happens after the last begin", function()
    local given = { items = 20, at = 20, happening = 'mv "$J" "$J.1"' }
    local first, second = run_twice(given)
    assert.matches("^fatal .*was renamed or removed while it was in use", first.ending)
    assert.equal("done", second.ending)
    assert.equal(0, second.count)
    assert_never_twice(first, second)
  end)

  it("on a disk that fills up tells each end, and goes on when there is room again", function()
    if not IS_ROOT then return pending "only root mounts" end
    for _, sync in ipairs { false, true } do
      box:reset()
      child.shell(("rm -f %s/told.*"):format(folder))
      local given = { sync = sync, items = 800,
        before = 'mount -t tmpfs -o size=256k none "$D"',
        happening = 'dd if=/dev/zero of="$D/full" bs=4k 2>/dev/null', between = 'rm "$D/full"' }
      local first, second = run_twice(given)
      assert.matches("^fatal .*No space left on device", first.ending)
      for item, outcome in pairs(first.outcomes) do
        assert.is_true(outcome == "accepted" or outcome == "not_sent", item .. outcome)
      end
      assert.equal("done", second.ending)
      local counts = assert_never_twice(first, second)
      assert_complete(given, counts, first, second)
      for _, outcome in pairs(second.outcomes) do assert.equal("accepted", outcome) end
    end
  end)

  it("on a small disk does the same", function()
    if not IS_ROOT then return pending "only root mounts" end
    local given = { items = 400, before = 'mount -t tmpfs -o size=16k none "$D"',
      between = 'mount -o remount,size=1m "$D"' }
    local first, second = run_twice(given)
    assert.matches("^fatal .*No space left on device", first.ending)
    assert.equal("done", second.ending)
    for _, outcome in pairs(second.outcomes) do assert.equal("accepted", outcome) end
    assert_complete(given, assert_never_twice(first, second), first, second)
  end)

  it("leaves no reserved room behind", function()
    local first = run_twice { items = 20, after = 'stat -c %b "$J" >"$D/blocks"' }
    assert.equal("done", first.ending)
    assert.is_true(tonumber(process.read(folder .. "/disk/blocks")) <= 8)
  end)

  --- A campaign on a disk of its own, which finds itself damaged after 30 items.
  local function run_on_damaged_disk(given)
    local image = folder .. "/image"
    given.before = ([[truncate -s 4M %s; mkfs.ext4 -q %s; mount -o loop,errors=remount-ro %s "$D" ||
      { echo none >%s/told.1; exit 0; }]]):format(image, image, image, folder)
    given.happening =
      [[echo 1 >/sys/fs/ext4/$(basename $(findmnt -no SOURCE "$D"))/trigger_fs_error]]
    given.between = given.sync and ([[umount "$D"; mount -o loop %s "$D"]]):format(image)
    local first, second = run_twice(given)
    if first.ending == "none" then return nil end
    assert.matches("^fatal .*/journal: ", first.ending)
    assert.is_true(first.count < ITEMS)
    return first, second, assert_never_twice(first, second)
  end

  it("on a disk that becomes read-only is refused the next time", function()
    if not IS_ROOT then return pending "only root mounts" end
    local first, second = run_on_damaged_disk {}
    if not first then return pending "no disks in files here" end
    assert.matches("^fatal .*/journal: Read.only file system", second.ending)
    assert.equal(0, second.count)
  end)

  it("on a disk that becomes read-only goes on once that is mounted again, if synced", function()
    if not IS_ROOT then return pending "only root mounts" end
    local given = { sync = true }
    local first, second, counts = run_on_damaged_disk(given)
    if not first then return pending "no disks in files here" end
    assert.equal("done", second.ending)
    assert_complete(given, counts, first, second)
  end)

  for name, case in pairs {
    ["a quota"] = { EDQUOT, "Disk quota exceeded" },
    ["an error of the disk"] = { EIO, "Input/output" },
    ["a read-only disk"] = { EROFS, "Read.only file system" },
    ["a full disk that reserves nothing"] = { ENOSPC, "No space left on device" },
    ["a disk that cannot be brought up to date"] = { EIO, "Input/output", sync = true },
  } do
    it("never tells as accepted what the next run tells, with " .. name, function()
      local when = folder .. "/fails"
      local given = { happening = "touch " .. when, sync = case.sync,
        environment = { LD_PRELOAD = build.folder .. "/preload/failing_disk.so",
          FAILING_DISK = case[1], FAILING_DISK_WHEN = when,
          FAILING_DISK_ONLY = case.sync and "sync" or nil } }
      if build.is_sanitized then return pending "its run time would have to come first" end
      local first, second = run_twice(given)
      assert.matches("^fatal .*" .. case[2], first.ending)
      assert.is_true(first.count < ITEMS)
      assert.equal("done", second.ending)
      assert_complete(given, assert_never_twice(first, second), first, second)
    end)
  end

  it("says in words who holds its journal", function()
    local given = { items = 2, at = 1, happening = command(2, { items = 2 }) }
    local ended = child.shell(command(1, given, given.happening))
    assert.equal("", ended.err)
    assert.equal("done", told_by(1).ending)
    assert.matches("^fatal .*/journal: is in use already, by process %d+ %(lua", told_by(2).ending)
  end)

  it("lets no second run begin anew before the first has found out that it was renamed", function()
    local given = { items = 20, at = 5 }
    local happening = ("mv %s %s.1; %s"):format(journal, journal, command(2, given))
    local ended = child.shell(command(1, given, happening) .. "; " .. command(3, given))
    assert.equal("", ended.err)
    local first, second, third = told_by(1), told_by(2), told_by(3)
    assert.matches("^fatal .*was renamed or removed while it was in use; it was put back",
      first.ending)
    assert.matches("^fatal .*/journal: is in use already, by process %d+ %(lua", second.ending)
    assert.equal(0, second.count)
    assert.equal("done", third.ending)
    assert_complete(given, assert_never_twice(first, third), first, third)
  end)
end)
