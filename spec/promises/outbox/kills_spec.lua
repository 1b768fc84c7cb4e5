-- Workers of one outbox that are killed at any instant, or end by themselves and begin anew, while
-- Redis is killed, too, and comes back: by what the provider saw, nothing is sent twice, nothing is
-- lost, the limit holds, and what cannot be known is listed once. SMS_TEST_LONG=1: 100,000 items.

local campaigns = require "spec.support.outbox.campaign"
local child = require "spec.support.child"
local core = require "sms.core"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"
local windows = require "spec.support.windows"

local LONG = os.getenv "SMS_TEST_LONG"

-- `waiting`: so many items are added whenever fewer are left, since jobs to Retarus take all there
-- are; without it all at once. `every`: seconds between two kills of a worker, and between them
-- something has been told, too: on a slow machine no worker would get on.
local CASES = {
  { "nexmo", items = LONG and 100000 or 20000, restarts = 13, in_flight = 8,
    every = 0.3, calls = 200, period = 0.2, arrival_body = 0 },
  { "retarus", items = LONG and 20000 or 1200, waiting = LONG and 1000 or 100,
    restarts = LONG and 10 or 1, in_flight = 2, every = LONG and 1 or 0.4, calls = 5, period = 0.5,
    arrival_body = 1000000 },
}
local WORKERS = 8
local ROUNDS = 400 -- after at most so many a worker ends by itself

--- Kills workers by chance, and Redis at equal parts of the campaign, until all items have ended.
local function disturb(campaign, server, case)
  local restarts, due, before, added = 0, core.now() + case.every, 0, case.waiting or case.items
  while true do
    local left = campaign:left()
    if left == 0 and added == case.items then return restarts end
    if left and added < case.items and left < case.waiting then
      campaign:add(added + 1, added + case.waiting)
      added = added + case.waiting
    end
    socket.sleep(0.05)
    if core.now() > due then
      if campaign:progress() > before then
        before = campaign:progress()
        campaign:kill(campaign:any())
      end
      campaign:revive()
      due = core.now() + case.every
    end
    local share = campaign:progress() / case.items
    if restarts < case.restarts and share > (restarts + 1) / (case.restarts + 2) then
      restarts = restarts + 1
      server:restart { with = "data", kindly = restarts % 4 == 3 }
    end
  end
end

describe("Eight workers of one outbox", function()
  local box, server, folder

  setup(function()
    box = sandbox.start { workers = 2 }
    server = redis_server.start "--appendfsync always"
    folder = child.shell("mktemp -d").out:match "[^\n]+"
  end)
  after_each(campaigns.end_all)
  teardown(function()
    server:stop()
    box:stop()
    child.shell("rm -r " .. child.quoted(folder))
  end)

  for _, case in ipairs(CASES) do
    it(("send each item to %s once, whoever is killed"):format(case[1]), function()
      box:reset { arrival_body = case.arrival_body }
      local campaign = campaigns.new { box = box, server = server, folder = folder,
        items = case.items, provider = case[1],
        worker = { in_flight = case.in_flight, calls = case.calls, period = case.period } }
      local began = core.now()
      campaign:add(1, case.waiting):launch(WORKERS, function(i)
        return { worker = "w" .. i, rounds = 1 + math.floor(core.random() * ROUNDS) }
      end)
      local restarts = disturb(campaign, server, case)
      local result = campaign:wait():judge()
      local most = windows.most(result.arrivals, case.period)
      print(("# %d items in %.1f s; %d workers killed, %d restarts of Redis, %d starts"):format(
        case.items, core.now() - began, campaign.killed, restarts, campaign.starts))
      print(("# %d listed as ambiguous, of which %d had not arrived; %d told more than once; at "
        .. "most %d calls in %.1f s"):format(result.listed, result.missing, result.again, most,
        case.period))
      assert.is_true(campaign.killed > 0)
      assert.equal(case.restarts, restarts)
      assert.is_true(most <= case.calls, most)
      if case[1] == "nexmo" then
        assert.is_true(result.listed <= (campaign.killed + restarts * WORKERS) * case.in_flight)
      end
      assert.equal(result.listed, assert(campaign.outbox:status()).ambiguous)
    end)
  end
end)
