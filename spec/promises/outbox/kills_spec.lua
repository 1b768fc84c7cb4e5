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

local ITEMS = LONG and 100000 or 3000
local RESTARTS = LONG and 10 or 3 -- of Redis; every fourth ends it well
local WORKERS, IN_FLIGHT = 8, 8
local CALLS, PERIOD = 200, 0.2
local EVERY = 0.3 -- seconds between two kills of a worker
local ROUNDS = 400 -- after at most so many a worker ends by itself

--- Restarts Redis with what it has.
local function restart(server, number)
  if number % 4 == 0 then server:command("SHUTDOWN", "NOSAVE") end
  server:restart { with = "data" }
end

--- Kills workers by chance, and Redis at equal parts of the campaign, until all items have ended.
local function disturb(campaign, server)
  local restarts, due = 0, core.now() + EVERY
  while campaign:left() ~= 0 do
    socket.sleep(0.05)
    if core.now() > due then
      campaign:kill(campaign:any())
      campaign:revive()
      due = core.now() + EVERY
    end
    if restarts < RESTARTS and campaign:progress() > (restarts + 1) / (RESTARTS + 2) * ITEMS then
      restarts = restarts + 1
      restart(server, restarts)
    end
  end
  return restarts
end

describe("Eight workers of one outbox", function()
  local box, server, folder

  setup(function()
    box = sandbox.start { workers = 2 }
    server = redis_server.start "--appendfsync always"
    folder = child.shell("mktemp -d").out:match "[^\n]+"
  end)
  teardown(function()
    server:stop()
    box:stop()
    child.shell("rm -r " .. child.quoted(folder))
  end)

  it("send each item once, whoever is killed", function()
    box:settings { arrival_body = 0 }
    local campaign = campaigns.new { box = box, server = server, folder = folder, items = ITEMS,
      worker = { in_flight = IN_FLIGHT, calls = CALLS, period = PERIOD } }
    local began = core.now()
    campaign:add()
    local added = core.now() - began
    campaign:launch(WORKERS, function(i)
      return { worker = "w" .. i, rounds = 1 + math.floor(core.random() * ROUNDS) }
    end)
    local restarts = disturb(campaign, server)
    campaign:wait()
    local ended = core.now() - began
    local result = campaign:judge()
    local most = windows.most(result.arrivals, PERIOD)
    print(("# %d items, added in %.1f s and sent in %.1f s; %d workers killed, %d restarts of "
      .. "Redis, %d starts"):format(ITEMS, added, ended - added, campaign.killed, restarts,
      campaign.starts))
    print(("# %d listed as ambiguous, of which %d had not arrived; %d told more than once; at most "
      .. "%d calls in %.1f s"):format(result.listed, result.missing, result.again, most, PERIOD))
    assert.is_true(campaign.killed > 0)
    assert.equal(RESTARTS, restarts)
    assert.is_true(most <= CALLS, most)
    assert.is_true(result.listed <= (campaign.killed + restarts * WORKERS) * IN_FLIGHT)
    assert.equal(result.listed, assert(campaign.outbox:status()).ambiguous)
  end)
end)
