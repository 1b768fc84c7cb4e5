local core = require "sms.core"
local redis_server = require "spec.support.redis_server"
local socket = require "socket"

local CALLS, PERIOD, LEASE = 100, 0.5, 0.4
local PROCESSES = 16
local SECONDS = os.getenv "SMS_TEST_LONG" and 30 or 8
local RESTARTS = { "data", "nothing", "copy" }

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

-- With the paths of this one, which are in its environment.
local function start(server, ends, file)
  local command = ("%s spec/support/redis_child.lua %d %d %g %g %.3f %s")
    :format(rawget(_G, "jit") and "luajit" or "lua5.4", server.port, CALLS, PERIOD, LEASE, ends,
      file)
  return (output_of(command .. " >/dev/null 2>&1 & echo $!")):match "%d+"
end

--- When the provider saw something, in order.
local function arrivals_in(dir)
  local arrivals = {}
  for line in (output_of("cat " .. dir .. "/*")):gmatch "[%d.]+\n" do
    arrivals[#arrivals + 1] = tonumber(line)
  end
  table.sort(arrivals)
  return arrivals
end

--- Kills processes by chance, and Redis three times, until the time is over. Its copy is
--- older by more than a period then.
local function disturb(server, processes, ends, replace)
  local killed, restarts, kept = 0, 0, false
  local due = core.now() + SECONDS / 4
  while core.now() < ends do
    socket.sleep(0.1)
    local victim = 1 + math.floor(core.random() * PROCESSES)
    os.execute(("kill -9 %s 2>/dev/null"):format(processes[victim]))
    processes[victim] = replace(victim)
    killed = killed + 1
    if not kept and core.now() > due - 1.5 * PERIOD then
      server:keep()
      kept = true
    elseif restarts < #RESTARTS and core.now() > due then
      restarts = restarts + 1
      server:restart { with = RESTARTS[restarts] }
      kept, due = false, due + SECONDS / 4
    end
  end
  return killed, restarts
end

describe("sixteen processes on one Redis", function()
  local server, dir

  setup(function()
    server = redis_server.start()
    dir = output_of("mktemp -d"):match "[^\n]+"
  end)
  teardown(function()
    server:stop()
    os.execute("rm -rf " .. dir)
  end)

  it("are never over the limit, whoever is killed", function()
    local ends = core.now() + SECONDS
    local processes = {}
    local function replace(i)
      return start(server, ends, dir .. "/" .. i)
    end
    for i = 1, PROCESSES do processes[i] = replace(i) end
    local killed, restarts = disturb(server, processes, ends, replace)
    assert.are.equal(#RESTARTS, restarts)
    assert.is_true(killed > SECONDS * 2)
    socket.sleep(0.3) -- the last ones end

    local arrivals, worst = arrivals_in(dir), math.huge
    for i = 1, #arrivals - CALLS do
      worst = math.min(worst, arrivals[i + CALLS] - arrivals[i])
    end
    print(("# %d processes on Redis, %d killed, %d restarts: %d calls, %d of them never in less "
      .. "than %.3f s (limit: %.1f s)"):format(PROCESSES, killed, restarts, #arrivals, CALLS + 1,
      worst, PERIOD))
    assert.is_true(worst >= PERIOD, ("more than %d in %.4f s"):format(CALLS, worst))
    -- It was used, too: each loss of the state costs LEASE + W of the time.
    local usable = SECONDS - (1 + #RESTARTS) * (LEASE + PERIOD + 0.5)
    assert.is_true(#arrivals > 0.5 * CALLS / PERIOD * usable, #arrivals .. " in all")
  end)
end)
