-- A replica of Redis that is promoted by hand in mid campaign, with all that its master had, or
-- without the last of it: nothing is sent twice, nothing is lost.

local campaigns = require "spec.support.outbox.campaign"
local child = require "spec.support.child"
local process = require "spec.support.process"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"
local windows = require "spec.support.windows"

local LONG = os.getenv "SMS_TEST_LONG"

local ITEMS = LONG and 20000 or 800
local WORKERS, IN_FLIGHT = 4, 8
local CALLS, PERIOD = 60, 0.2
local BEHIND = 0.15 -- seconds that the replica lacks, where it does
local PATIENCE = 30

describe("A replica that is promoted", function()
  local box = sandbox.for_specs({ workers = 2 }, { arrival_body = 0 })
  local folder, master, replica

  setup(function() folder = child.shell("mktemp -d").out:match "[^\n]+" end)
  teardown(function() child.shell("rm -r " .. child.quoted(folder)) end)

  before_each(function()
    master = redis_server.start "--appendfsync always"
    replica = redis_server.start "--appendfsync always"
    replica:follow(master)
  end)
  after_each(function()
    campaigns.end_all()
    master:stop()
    replica:stop()
  end)

  --- Nobody asks the master any more once the replica is the master.
  local function promote(campaign, case)
    if case.behind then
      replica:promote()
      socket.sleep(case.behind)
      if case.dies then
        campaign:kill(1)
        socket.sleep(case.behind) -- the others work on, and see what it did
      end
    end
    master:pause()
    campaign:use(replica)
    if not case.behind then
      -- What it had sent arrives; what it had answered was sent before.
      socket.sleep(0.2)
      replica:promote()
    end
    master:kill()
  end

  for _, case in ipairs { { "with all that its master had" },
    { "without the last that its master had", behind = BEHIND },
    { "without the last of a worker that has died, too,", behind = BEHIND, dies = true } } do
    it(case[1] .. " lets nothing be sent twice, and loses nothing", function()
      local campaign = campaigns.new { box = box, server = master, folder = folder, items = ITEMS,
        worker = { in_flight = IN_FLIGHT, calls = CALLS, period = PERIOD } }
      campaign:add():launch(WORKERS)
      process.wait("the middle of it", PATIENCE * 10, function() return box:count() > ITEMS / 3 end)
      promote(campaign, case)
      campaign:wait()
      local result = campaign:judge()
      print(("# promoted %s, %d items: %d listed as ambiguous, of which %d had not arrived"):format(
        case[1], ITEMS, result.listed, result.missing))
      assert.is_true(windows.most(result.arrivals, PERIOD) <= CALLS)
      assert.is_true(result.listed <= ITEMS / 3, result.listed)
      if not case.behind then assert.is_true(result.listed <= WORKERS * IN_FLIGHT) end
    end)
  end
end)
