-- Processes that share a limit in Redis and are killed at any instant, while Redis is killed,
-- too, and comes back: by what the provider saw. SMS_TEST_LONG=1: for longer, and three times.

local core = require "sms.core"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local senders = require "spec.support.runs.senders"
local socket = require "socket"
local windows = require "spec.support.windows"

local CALLS, PERIOD, LEASE = 100, 0.5, 1.3
local PROCESSES = 16
local LONG = os.getenv "SMS_TEST_LONG"
local SECONDS = LONG and 40 or 6
local RESTARTS = LONG and { "data", "nothing", "copy" } or { "copy" }

--- Kills processes by chance, and Redis now and then, until the time is over. Its copy is
--- older by more than a period then.
local function disturb(server, running)
  local restarts, kept = 0, false
  local pause = SECONDS / (#RESTARTS + 1)
  local due = core.now() + pause
  while core.now() < running.given.ends do
    socket.sleep(0.1)
    running:kill_one()
    if not kept and core.now() > due - 1.5 * PERIOD then
      server:keep()
      kept = true
    elseif restarts < #RESTARTS and core.now() > due then
      restarts = restarts + 1
      server:restart { with = RESTARTS[restarts] }
      kept, due = false, due + pause
    end
  end
  return restarts
end

describe("sixteen processes on one Redis", function()
  local server, box

  setup(function()
    server = redis_server.start()
    box = sandbox.start { workers = 2 }
  end)
  teardown(function()
    server:stop()
    box:stop()
  end)

  it("are never over the limit, whoever is killed", function()
    local running = senders.start(PROCESSES, { url = box.urls.nexmo, calls = CALLS,
      period = PERIOD, ends = core.now() + SECONDS, share = "redis", place = server.port })
    local restarts = disturb(server, running)
    running:wait()
    local arrivals = box:arrivals()
    local closest = windows.closest(arrivals, CALLS)
    print(("# %d processes on Redis, %d killed, %d restarts: %d calls, %d of them never in less "
      .. "than %.3f s (limit: %.1f s)"):format(PROCESSES, running.killed, restarts, #arrivals,
      CALLS + 1, closest, PERIOD))
    assert.equal(#RESTARTS, restarts)
    assert.is_true(closest >= PERIOD, closest)
    -- It was used, too: each loss of the state costs LEASE + W of the time.
    local usable = SECONDS - (1 + #RESTARTS) * (LEASE + PERIOD + 0.5)
    assert.is_true(#arrivals > 0.5 * CALLS / PERIOD * usable, #arrivals .. " in all")
  end)
end)
