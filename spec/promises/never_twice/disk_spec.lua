-- A campaign whose journal's disk is full, or fails: over this run and the next, by what the
-- provider saw, nothing is sent twice, and what was told as accepted is never told again.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local journal_runs = require "spec.support.runs.journal_runs"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"
local usual = require "spec.support.usual"

local EDQUOT, EIO, EROFS, ENOSPC = "122", "5", "30", "28"

local CAN_MOUNT = child.shell("unshare -m mount -t tmpfs none /tmp").status == 0

describe("A campaign with a journal", function()
  local box = sandbox.for_specs()
  local runs

  before_each(function()
    runs = journal_runs.new(box)
  end)

  after_each(function() runs:remove() end)

  it("on a disk that fills up tells each end, and goes on when there is room again", function()
    if not CAN_MOUNT then return pending "nothing can be mounted here" end
    for _, sync in ipairs { false, true } do
      box:reset()
      local given = { sync = sync, items = 800,
        before = 'mount -t tmpfs -o size=256k none "$D"',
        happening = 'dd if=/dev/zero of="$D/full" bs=4k 2>/dev/null', between = 'rm "$D/full"' }
      local first, second = runs:twice(given)
      assert.matches("^fatal .*No space left on device", first.ending)
      for item, outcome in pairs(first.outcomes) do
        assert.is_true(outcome == "accepted" or outcome == "not_sent", item .. outcome)
      end
      assert.equal("done", second.ending)
      local counts = runs:assert_never_twice(first, second)
      runs:assert_complete(given, counts, first, second)
      for _, outcome in pairs(second.outcomes) do assert.equal("accepted", outcome) end
    end
  end)

  it("on a small disk does the same", function()
    if not CAN_MOUNT then return pending "nothing can be mounted here" end
    local given = { items = 400, before = 'mount -t tmpfs -o size=16k none "$D"',
      between = 'mount -o remount,size=1m "$D"' }
    local first, second = runs:twice(given)
    assert.matches("^fatal .*No space left on device", first.ending)
    assert.equal("done", second.ending)
    for _, outcome in pairs(second.outcomes) do assert.equal("accepted", outcome) end
    runs:assert_complete(given, runs:assert_never_twice(first, second), first, second)
  end)

  it("on a full disk that reserves no room tells nothing as accepted twice", function()
    if not CAN_MOUNT then return pending "nothing can be mounted here" end
    local image = runs.folder .. "/image"
    local given = { items = 400,
      before = ([[truncate -s 4M %s; mkfs.ext2 -q %s; mount -o loop %s "$D" ||
        { echo none >%s/told.1; exit 0; }]]):format(image, image, image, runs.folder),
      happening = 'dd if=/dev/zero of="$D/full" bs=1k 2>/dev/null', between = 'rm "$D/full"' }
    local first, second = runs:twice(given)
    if first.ending == "none" then return pending "no disks in files here" end
    assert.matches("reserves no room", first.warnings[1])
    assert.matches("^fatal .*No space left on device", first.ending)
    assert.equal("done", second.ending)
    runs:assert_complete(given, runs:assert_never_twice(first, second), first, second)
  end)

  it("leaves no reserved room behind", function()
    local first = runs:twice { items = 20, after = 'stat -c %b "$J" >"$D/blocks"' }
    assert.equal("done", first.ending)
    assert.is_true(tonumber(process.read(runs.folder .. "/disk/blocks")) <= 8)
  end)

  --- A campaign on a disk of its own, which finds itself damaged after 30 items.
  local function run_on_damaged_disk(given)
    local image = runs.folder .. "/image"
    given.before = ([[truncate -s 4M %s; mkfs.ext4 -q %s; mount -o loop,errors=remount-ro %s "$D" ||
      { echo none >%s/told.1; exit 0; }]]):format(image, image, image, runs.folder)
    given.happening =
      [[echo 1 >/sys/fs/ext4/$(basename $(findmnt -no SOURCE "$D"))/trigger_fs_error]]
    given.between = given.sync and ([[umount "$D"; mount -o loop %s "$D"]]):format(image)
    local first, second = runs:twice(given)
    if first.ending == "none" then return nil end
    assert.matches("^fatal .*/journal: ", first.ending)
    assert.is_true(first.count < journal_runs.ITEMS)
    return first, second, runs:assert_never_twice(first, second)
  end

  it("on a disk that becomes read-only is refused the next time", function()
    if not CAN_MOUNT then return pending "nothing can be mounted here" end
    local first, second = run_on_damaged_disk {}
    if not first then return pending "no disks in files here" end
    assert.matches("^fatal .*/journal: Read.only file system", second.ending)
    assert.equal(0, second.count)
  end)

  it("on a disk that becomes read-only goes on once that is mounted again, if synced", function()
    if not CAN_MOUNT then return pending "nothing can be mounted here" end
    local given = { sync = true }
    local first, second, counts = run_on_damaged_disk(given)
    if not first then return pending "no disks in files here" end
    assert.equal("done", second.ending)
    runs:assert_complete(given, counts, first, second)
  end)

  local function of_outcome(told, outcome)
    local found = {}
    for item, its in pairs(told.outcomes) do
      if its == outcome then found[#found + 1] = item end
    end
    return found
  end

  --- What was told not to be sent is new to the next run.
  local function assert_holds(first, second)
    for _, item in ipairs(of_outcome(first, "not_sent")) do
      assert.equal("accepted", second.outcomes[item], "told as not sent: " .. item)
    end
  end

  for name, case in pairs {
    ["a quota"] = { EDQUOT, "Disk quota exceeded" },
    ["an error of the disk"] = { EIO, "Input/output" },
    ["a read-only disk"] = { EROFS, "Read.only file system" },
    ["a full disk that reserves nothing"] = { ENOSPC, "No space left on device" },
    ["a disk that cannot be brought up to date"] = { EIO, "Input/output", sync = true },
  } do
    it("never tells as accepted what the next run tells, with " .. name, function()
      local when = runs.folder .. "/fails"
      local given = { happening = "touch " .. when, sync = case.sync,
        environment = { LD_PRELOAD = build.folder .. "/preload/failing_disk.so",
          FAILING_DISK = case[1], FAILING_DISK_WHEN = when,
          FAILING_DISK_ONLY = case.sync and "sync" or nil } }
      if build.is_sanitized then return pending "its run time would have to come first" end
      local first, second = runs:twice(given)
      assert.matches("^fatal .*" .. case[2], first.ending)
      assert.is_true(first.count < journal_runs.ITEMS)
      assert.equal("done", second.ending)
      runs:assert_complete(given, runs:assert_never_twice(first, second), first, second)
      if case.sync then assert_holds(first, second) end
    end)
  end

  it("that cannot note what the provider has refused tells that as ambiguous", function()
    if build.is_sanitized then return pending "its run time would have to come first" end
    local server, replies = raw_server.start(), {}
    local its = journal_runs.new { urls = { nexmo = server.url } }
    finally(function()
      server:stop()
      its:remove()
    end)
    for i = 1, journal_runs.AT do replies[i] = usual.taken() end
    replies[journal_runs.AT + 1] = { { sleep = 2 }, raw_server.http(400, "{}") }
    server:replies(replies)
    local when = its.folder .. "/fails"
    local first, second = its:twice { happening = "touch " .. when,
      environment = { LD_PRELOAD = build.folder .. "/preload/failing_disk.so",
        FAILING_DISK = EIO, FAILING_DISK_WHEN = when } }
    assert.matches("^fatal .*Input/output", first.ending)
    assert.is_true(#of_outcome(first, "ambiguous") > 0)
    for _, item in ipairs(of_outcome(first, "ambiguous")) do
      assert.equal("ambiguous", second.outcomes[item], item)
    end
  end)

  for name, only in pairs { ["note"] = "sync", ["begin"] = false } do
    it(("that cannot %s what it refuses tells none as ambiguous"):format(name), function()
      local when = runs.folder .. "/fails"
      local given = { happening = "touch " .. when, sync = true, wrong = true,
        environment = { LD_PRELOAD = build.folder .. "/preload/failing_disk.so",
          FAILING_DISK = EIO, FAILING_DISK_WHEN = when, FAILING_DISK_ONLY = only or nil } }
      if build.is_sanitized then return pending "its run time would have to come first" end
      local first, second = runs:twice(given)
      assert.matches("^fatal .*Input/output", first.ending)
      assert.is_true(first.count > journal_runs.AT)
      assert.same({ ending = "done", outcomes = {} },
        { ending = second.ending, outcomes = of_outcome(second, "ambiguous") })
    end)
  end
end)
