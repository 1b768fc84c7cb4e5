-- A handler that ends in mid call holds up nobody: what it has begun is settled and counted when
-- the transfer has ended. SMS_TEST_LONG=1: each way with slots of each kind.

local core = require "sms.core"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  edge = require "spec.support.nginx.edge"
  ended = require "spec.support.nginx.ended"
  ended.open("%s", { max_connections = 40,
    rate_limit = { calls = %d, period = %.6f, share = "%s" }%s })
]]

local LOCATIONS = [[
  location /early {
    lua_check_client_abort on;
    content_by_lua_block { ended.early() }
  }
  location /race { content_by_lua_block { ended.race() } }
  location /one { content_by_lua_block { ended.one() } }
  location /known { content_by_lua_block { ended.known() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /take { content_by_lua_block { edge.take_timers() } }
  location /give_back { content_by_lua_block { edge.give_back_timers() } }
]]

local MANY, PERIOD = 30, 1

local WAYS = { machine = { "abort", "kill", "exit" }, store = { "exec", "error", "raise" } }
if os.getenv "SMS_TEST_LONG" then
  WAYS.machine = { "abort", "kill", "exit", "exec", "error", "raise" }
  WAYS.store = WAYS.machine
end

describe("A handler that ends in mid call", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local started = math.floor(core.random() * 1000) / 1000

  -- Each has slots of its own, which no other run of this file has either.
  local function start(calls, period, share, more, options)
    started = started + 1
    period = period + started / 1000
    server:start({ init = INIT:format(box.urls.nexmo, calls, period, share, options or ""),
      locations = LOCATIONS }, more)
  end

  -- Ends so many requests that way, once their calls have begun.
  local function end_early(way, count, pause)
    local connections = {}
    for i = 1, count do
      connections[i] = server:begin(("/early?way=%s&pause=%g&ref=early%d"):format(way, pause, i))
    end
    return function()
      for _, connection in ipairs(connections) do
        if way ~= "abort" then nginx.answer(connection) end
        connection:close()
      end
    end
  end

  local function wait_for(what, seconds, is_it)
    local known
    process.wait(what, seconds, function()
      known = server:ask "/known"
      return is_it(known)
    end)
    return known
  end

  for _, share in ipairs { "machine", "store" } do
    for _, way in ipairs(WAYS[share]) do
      it(("(%s) gives its slots back when the provider has answered (%s)"):format(way, share),
        function()
          start(MANY, PERIOD, share)
          box:fault { operation = "send_sms", kind = "latency", seconds = 0.5 }
          local finish = end_early(way, MANY, 0.2)
          process.wait("the calls", 5, function() return box:count() == MANY end)
          finish()
          wait_for("the answers", 5, function(known) return known.in_flight == 0 end)
          box:clear_faults()
          local told = server:ask "/one?ref=next"
          assert.equal("next", told.ref, told.message)
          assert.is_true(told.seconds < PERIOD + 5, told.seconds .. " s")
          local known = wait_for("the events", 2, function(known)
            return known.responses["200"] == MANY + 1
          end)
          assert.same({ MANY + 1, 0 }, { known.calls, known.failures })
        end)
    end

    it(("is counted where its call fails (%s)"):format(share), function()
      start(MANY, PERIOD, share, nil, ", timeout = 0.4")
      box:fault { operation = "send_sms", kind = "latency", seconds = 1 }
      end_early("kill", 5, 0.1)()
      wait_for("the failures", 5, function(known)
        return known.failures == 5 and known.responses["nil"] == 5 and known.in_flight == 0
      end)
      wait_for("the slots", 2 * PERIOD + 1, function(known) return known.free == MANY end)
    end)
    it(("while it waits for the pump has sent nothing and holds no slot (%s)"):format(share),
      function()
        start(5, 60, share, { http = "lua_max_running_timers 2;" })
        server:ask "/take"
        server:ask "/take"
        end_early("kill", 3, 0.2)()
        server:ask "/give_back"
        local sent = 0
        wait_for("the slots", 10, function(known)
          if known.free == 5 - sent then return true end
          sent = sent + (sent == 0 and server:ask "/one?ref=next".ref and 1 or 0)
        end)
        for _, arrival in ipairs(box:arrivals "send_sms") do assert.equal("next", arrival.ref) end
      end)
  end

  it("between its answer and its turn is counted, too", function()
    start(MANY, PERIOD, "machine")
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    for round = 1, 10 do server:ask("/race?ref=r" .. round) end
    wait_for("the responses", 5, function(known)
      return known.responses["200"] == 20 and known.in_flight == 0
    end)
    wait_for("the slots", PERIOD + 1, function(known) return known.free == MANY end)
    assert.equal(0, server:ask "/known".failures)
  end)

  it("while it waits for a slot is in nobody's way", function()
    start(1, 2, "process")
    assert.equal("first", server:ask "/one?ref=first".ref)
    end_early("kill", 20, 0.3)()
    local told = server:ask "/one?ref=next&max_wait=2.5"
    assert.equal("next", told.ref, told.message)
    assert.is_true(told.seconds < 2.5)
    assert.equal(2, box:count())
  end)

  it("while it waits to repeat the call holds no slot", function()
    start(5, PERIOD, "machine", nil, ", retry = { base = 20, cap = 20 }")
    box:fault { operation = "send_sms", kind = "status", status = 421, count = 5 }
    local finish = end_early("kill", 5, 1)
    process.wait("the calls", 5, function() return box:count() == 5 end)
    finish()
    local told = server:ask "/one?ref=next"
    assert.equal("next", told.ref, told.message)
    assert.is_true(told.seconds < PERIOD + 5, told.seconds .. " s")
    assert.equal(6, box:count())
  end)

  it("leaves nothing that keeps a worker from quitting", function()
    start(MANY, PERIOD, "store")
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.5 }
    local finish = end_early("exit", MANY, 0.2)
    process.wait("the calls", 5, function() return box:count() == MANY end)
    finish()
    local worker = server:workers()[1]
    server:signal "QUIT"
    process.wait("the worker to quit", 4, function() return not process.lives(worker) end)
    server:stop()
    assert.equal("", server.last_log)
  end)
end)
