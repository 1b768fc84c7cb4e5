-- Campaigns whose process is killed at any instant and started again: by what the provider saw,
-- nothing is sent twice, nothing is lost, and what cannot be known is listed.
-- SMS_TEST_LONG=1: 100,000 items and 200 kills.

local build = require "spec.support.hosts.build"
local bulk_run = require "spec.support.runs.bulk_run"
local canonical = require "sms.bulk.canonical"
local child = require "spec.support.child"
local core = require "sms.core"
local items = require "spec.support.runs.bulk_items"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local LONG = os.getenv "SMS_TEST_LONG"

local REFERENCES = { nexmo = '"ref":"(%d+)"', retarus = [[customerRef\":\"(%d+)]] }
local IN_FLIGHT = { nexmo = 32, retarus = 2 }
local MOMENT = { nexmo = 0.02, retarus = 0.05 } -- seconds that a process lives on at most

describe("A campaign with a journal", function()
  local box = sandbox.for_specs()
  local folder

  before_each(function()
    folder = child.shell("mktemp -d").out:match "[^\n]+"
  end)

  after_each(function() child.shell("rm -r " .. child.quoted(folder)) end)

  local function new_run(provider, count, more)
    local given = { provider = provider, url = box.urls[provider], items = count,
      in_flight = IN_FLIGHT[provider], folder = folder, journal = true }
    for name, value in pairs(more or {}) do given[name] = value end
    return bulk_run.new(given)
  end

  --- How often each item arrived, by number.
  local function arrivals_of(provider)
    local counts = {}
    local status, text, headers = sandbox.request("GET",
      box.urls.control .. "/_sandbox/arrivals")
    assert.equal(200, status)
    assert.equal("0", headers.dropped or "0")
    for line in text:gmatch "[^\n]+" do
      for ordinal in line:gmatch(REFERENCES[provider]) do
        ordinal = tonumber(ordinal)
        counts[ordinal] = (counts[ordinal] or 0) + 1
      end
    end
    return counts
  end

  --- What the journal of a campaign has of each item is what was told of it.
  local function assert_journal_is_told(run)
    local item_of = items[run.given.provider]
    local journal = assert(core.journal(run.journal_path, false))
    for i = 1, run.given.items do
      local hash = core.sha256(canonical.text(item_of(i)))
      local state, expected = journal:look(i, hash), run.told[i] or "accepted"
      if state ~= expected then
        error(("item %d was told as %s and is %s in the journal"):format(i, expected, state))
      end
    end
    journal:close()
  end

  --- Judges a campaign that has ended: how many items were listed as ambiguous, and how many
  --- of these had not arrived.
  local function judge(run)
    local counts, listed, missing = arrivals_of(run.given.provider), 0, 0
    for i = 1, run.given.items do
      local count, told = counts[i] or 0, run.told[i]
      if count > 1 then error(("item %d arrived %d times"):format(i, count)) end
      if count == 0 and not told then error(("item %d is lost"):format(i)) end
      if told then
        assert.equal("ambiguous", told)
        listed, missing = listed + 1, missing + 1 - count
      end
    end
    return listed, missing
  end

  for _, case in ipairs {
    { "nexmo", items = LONG and 100000 or 400, kills = LONG and 200 or 8 },
    { "nexmo", sync = true, items = LONG and 10000 or 400, kills = LONG and 50 or 8 },
    { "retarus", items = LONG and 100000 or 15000, kills = LONG and 30 or 4 },
  } do
    local sync = case.sync and ", its journal synced" or ""
    it(("of %s loses and repeats nothing where it is killed%s"):format(case[1], sync), function()
      box:settings { arrival_body = case[1] == "retarus" and 1000000 or 0 }
      local run = new_run(case[1], case.items, { sync = case.sync })
      run:send_with_kills(case.kills, MOMENT[case[1]])
      local listed, missing = judge(run)
      assert_journal_is_told(run)
      assert.is_true(run.killed > 0)
      if case[1] == "nexmo" then
        assert.is_true(listed <= run.killed * IN_FLIGHT.nexmo)
      end
      print(("# %s, %d items%s, %d kills: %d listed as ambiguous, of which %d had not arrived")
        :format(case[1], case.items, sync, run.killed, listed, missing))
    end)
  end

  if not build.is_sanitized then -- its run time would have to come first
    it("sends nothing before the disk has what says so, where it is synced", function()
      local order = folder .. "/order"
      local run = new_run("nexmo", LONG and 10000 or 300, { sync = true, environment = {
        LD_PRELOAD = build.folder .. "/preload/disk_order.so", DISK_ORDER = order } })
      run:start():wait()
      local requests, early, syncs =
        process.read(order):match "requests (%d+) early (%d+) syncs (%d+)"
      assert.equal(run.given.items, tonumber(requests))
      assert.equal(0, tonumber(early))
      assert.is_true(tonumber(syncs) < run.given.items) -- one serves many
      print(("# %s requests, %s of them before their begin was on the disk, %s syncs"):format(
        requests, early, syncs))
    end)
  end
end)
