-- nginx gives slots by nginx.redis, with its pool of connections.

local nginx_server = require "spec.support.servers.nginx"
local redis_server = require "spec.support.servers.redis_server"

local INIT = [[
  local redis = require "nginx.redis"
  share = require("sms.redis").new {
    connect = function()
      local client = redis:new()
      client:set_timeout(300)
      local ok, err = client:connect("127.0.0.1", %d)
      if not ok then return nil, err end
      ngx.ctx.reused = client:get_reused_times()
      return client
    end,
    release = function(client, ok)
      if ok then client:set_keepalive(10000, 8) else client:close() end
    end,
  }
]]

local LOCATIONS = [[
  location = /slot {
    content_by_lua_block {
      local core = require "sms.core"
      local period = tonumber(ngx.var.arg_period)
      local slots = assert(share:open("nexmo:nginx", 5, period))
      local index, claim, why = slots:acquire(core.now(), period)
      local arrival = core.now()
      if ngx.var.arg_finish and index then
        assert(slots:finish(index, claim, core.now()))
      end
      ngx.say(index and "taken" or claim and "wait" or why)
      ngx.say(("%.6f"):format(arrival))
      ngx.say(ngx.ctx.reused)
    }
  }
]]

--- Whether there was a slot, when, and how often the connection had been used before.
local function asked(nginx, query)
  local _, body = assert(nginx:get("/slot?" .. query))
  local what, arrival, reused = body:match "^(.-)\n(.-)\n(.-)\n"
  return what, tonumber(arrival), tonumber(reused)
end

describe("slots in Redis, in nginx", function()
  local server, nginx

  setup(function()
    server = redis_server.start()
    nginx = nginx_server.start { workers = 2, init = INIT:format(server.port),
      http = "lua_socket_log_errors off;", locations = LOCATIONS }
  end)
  teardown(function()
    nginx:stop()
    server:stop()
  end)

  it("are as many as there may be, for all workers, over kept connections", function()
    asked(nginx, "period=60")
    server:command("HSET", "sms:{nexmo:nginx:5/60000000}:state", "lost", 0)
    local counts, kept = { taken = 0, wait = 0 }, 0
    for _ = 1, 20 do
      local what, _, reused = asked(nginx, "period=60")
      counts[what] = counts[what] + 1
      kept = math.max(kept, reused)
    end
    assert.are.same({ taken = 5, wait = 15 }, counts)
    assert.is_true(kept > 0)
  end)

  it("come back when the attempts have ended", function()
    local arrivals = {}
    while #arrivals < 30 do
      local what, arrival = asked(nginx, "period=0.2&finish=1")
      if what == "taken" then arrivals[#arrivals + 1] = arrival end
    end
    for i = 1, #arrivals - 5 do assert.is_true(arrivals[i + 5] - arrivals[i] >= 0.2) end
  end)

  it("are not given out while Redis is stopped or away", function()
    server:pause()
    assert.are.equal("Redis gave no answer: timeout", (asked(nginx, "period=1")))
    server:resume()
    server:kill()
    assert.truthy(asked(nginx, "period=1"):find "^Redis")
    server:launch()
    assert.are.equal("wait", (asked(nginx, "period=1")))
  end)
end)
