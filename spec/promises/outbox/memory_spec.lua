-- What many items of an outbox take of memory, in Redis and in a worker, where items are forgotten
-- soon after their end: no more than few. 200,000 in jobs to Retarus, and a few thousand to Nexmo,
-- one by one; SMS_TEST_LONG=1: a million of each.

local campaigns = require "spec.support.outbox.campaign"
local child = require "spec.support.child"
local process = require "spec.support.process"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"

local LONG = os.getenv "SMS_TEST_LONG"

local CASES = { { "retarus", LONG and 1000000 or 200000 }, { "nexmo", LONG and 1000000 or 6000 } }
local AT_MOST = 1000 -- items that wait
local KEEP = 1 / 86400 -- days that an ended item is kept: a second
local MORE = { redis = 2 ^ 20, worker = 4096 } -- bytes; kilobytes

describe("An outbox", function()
  local box, server, folder

  setup(function()
    box = sandbox.start()
    box:settings { record = false }
    server = redis_server.start ""
    folder = child.shell("mktemp -d").out:match "[^\n]+"
  end)
  after_each(campaigns.end_all)
  teardown(function()
    server:stop()
    box:stop()
    child.shell("rm -r " .. child.quoted(folder))
  end)

  --- Bytes that Redis uses, once what has ended is forgotten.
  local function used()
    process.wait("ended items to be forgotten", 60, function()
      return server:command "DBSIZE" < 20
    end)
    return tonumber(server:command("INFO", "memory"):match "used_memory:(%d+)")
  end

  for _, case in ipairs(CASES) do
    local provider, items = case[1], case[2]
    it("takes the same memory for many items to " .. provider .. " as for few", function()
      local campaign = campaigns.new { box = box, server = server, folder = folder,
        items = items, provider = provider, keep = KEEP, risk = "accepted",
        worker = { in_flight = 64, block = 30, lease = 10, timeout = 10 } }
      campaign:launch(1)
      local few
      for at = 1, items, AT_MOST do
        campaign:add(at, at + AT_MOST - 1)
        process.wait("some to be sent", 60, function() return campaign:left() == 0 end)
        if not few and at > items / 3 then
          few = { redis = used(), worker = process.usage(campaign.pids[1]).memory, items = at }
        end
      end
      local redis, worker = used(), process.usage(campaign.pids[1]).memory
      print(("# Redis used %.0f KB after %d items, %.0f KB after %d; the worker %d, %d KB"):format(
        few.redis / 1024, few.items + AT_MOST - 1, redis / 1024, items, few.worker, worker))
      assert.is_true(redis - few.redis < MORE.redis, redis)
      assert.is_true(worker - few.worker < MORE.worker, worker)
    end)
  end
end)
