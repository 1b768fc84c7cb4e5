-- Reloads and deaths of workers under load, by what the provider saw. The long form, 60 s:
-- SMS_TEST_LONG=1.

local cjson = require "cjson"
local load = require "spec.support.runs.load"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local windows = require "spec.support.windows"

local LONG = os.getenv "SMS_TEST_LONG"
local SECONDS = LONG and 60 or 3
local RELOAD, KILL = LONG and 2 or 0.5, LONG and 1.5 or 0.4 -- seconds from one to the next
local IN_FLIGHT, WORKERS = 32, 2
local CALLS, PERIOD = 100, 0.5
local END = 5 -- seconds from QUIT

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  require("sms.nginx").socket_folder "%s" -- who is killed may leave something there
  handlers.open("%s", { timeout = 2, slots_path = "%s",
    rate_limit = { calls = %d, period = %g, share = "machine" } })
]]

-- Nginx complains of a worker whose first timer is made as it quits.
local HTTP = "init_worker_by_lua_block { ngx.timer.at(0, function() end) }"

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /status { content_by_lua_block { handlers.status() } }
]]

describe("Reloads and deaths of workers under load", function()
  local box, server = sandbox.for_specs { workers = 2 }, nginx.for_specs()

  -- Does something whenever so many seconds have passed; how often it did is what it returns.
  local function each(seconds, act)
    local count = 0
    return function(passed)
      if passed > (count + 1) * seconds then
        count = count + 1
        act()
      end
      return count
    end
  end

  local function kill_one()
    local workers = server:workers()
    if workers[1] then process.signal("KILL", workers[math.random(#workers)]) end
  end

  -- Lets calls go until the time is over: what came of them by their reference.
  local function run()
    local reload, kill = each(RELOAD, function() server:signal "HUP" end), each(KILL, kill_one)
    local answers, count = load.run(server, IN_FLIGHT, function(i) return "/one?ref=r" .. i end,
      function(passed)
        reload(passed)
        kill(passed)
        return passed < SECONDS
      end)
    local told = {}
    for path, answer in pairs(answers) do
      if answer.status then assert.equal(200, answer.status, answer.body) end
      told[path:match "=(.*)"] = answer.status and cjson.decode(answer.body)
    end
    return told, count, reload(0), kill(0)
  end

  it("repeat no call, and let through no more than the limit", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1, probability = 0.3 }
    server:start { workers = WORKERS, http = HTTP, locations = LOCATIONS,
      init = INIT:format(box.dir, box.urls.nexmo, box.dir, CALLS, PERIOD) }
    local told, count, reloads, kills = run()
    process.wait("nothing in flight", END, function()
      return server:ask "/status".in_flight == 0
    end)
    local arrivals, arrived, taken = box:arrivals "send_sms", {}, 0
    for _, arrival in ipairs(arrivals) do
      assert.is_nil(arrived[arrival.ref], arrival.ref .. " arrived twice")
      arrived[arrival.ref] = true
    end
    for ref, answer in pairs(told) do
      if answer.ref then
        taken = taken + 1
        assert.is_true(arrived[ref], ref)
      elseif answer.outcome ~= "ambiguous" then
        assert.is_nil(arrived[ref], ref .. ": " .. answer.message)
      end
    end
    print(("# %d reloads and %d kills in %d s: %d calls, %d arrived, %d were answered; %d in %g s")
      :format(reloads, kills, SECONDS, count, #arrivals, taken, windows.most(arrivals, PERIOD),
        PERIOD))
    assert.is_true(windows.most(arrivals, PERIOD) <= CALLS)
    assert.is_true(reloads > 1 and kills > 1 and taken > count - IN_FLIGHT * (kills + 1))
    server:signal "QUIT"
    process.wait("the end", END, function() return not process.lives(server.pid) end)
    assert.equal("", (server:log():gsub("[^\n]+exited on signal 9\n?", "")))
  end)
end)
