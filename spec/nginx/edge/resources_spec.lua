-- At the edge of what a worker of nginx may have, calls say so in words, nothing is sent twice, and
-- the next call works.

local cjson = require "cjson"
local build = require "spec.support.hosts.build"
local nginx = require "spec.support.servers.nginx"
local nginx_conf = require "spec.support.servers.nginx_conf"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  edge = require "spec.support.nginx.edge"
  handlers.open("%s", %s)
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /timed { content_by_lua_block { edge.one() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /starved { content_by_lua_block { edge.starved() } }
  location /crowded { content_by_lua_block { edge.crowded() } }
  location /bare { content_by_lua_block { edge.bare() } }
  location /refuse { content_by_lua_block { edge.refuse() } }
  location /break { content_by_lua_block { edge.break_socket() } }
  location /take { content_by_lua_block { edge.take_timers() } }
  location /give_back { content_by_lua_block { edge.give_back_timers() } }
  location /dropped { content_by_lua_block { edge.dropped() } }
  location /blocked { content_by_lua_block { edge.blocked() } }
  location /lose { content_by_lua_block { edge.lose_letter() } }
]]

local SHIM = ('LD_PRELOAD="$LD_PRELOAD %s/preload/refused_wakes.so" '):format(build.folder)
local QUICK = 2.5 -- seconds; the driver thread looks each second by itself

describe("At the edge of a worker's resources", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start(more, options)
    local init = INIT:format(box.urls.nexmo, options or "{}")
    server:start({ init = init, locations = LOCATIONS }, more)
  end

  local function latency(seconds)
    box:fault { operation = "send_sms", kind = "latency", seconds = seconds, when = "before" }
  end

  local function in_flight(count)
    process.wait(count .. " calls in flight", 5, function()
      return server:ask "/status".in_flight == count
    end)
  end

  local function arrived()
    local count = {}
    for _, arrival in ipairs(box:arrivals "send_sms") do
      count[arrival.ref] = (count[arrival.ref] or 0) + 1
    end
    return count
  end

  -- Either it went out, or it says in words that it did not.
  local function assert_clear(told)
    assert.is_nil(told.raised)
    assert.is_true(told.seconds < QUICK, told.seconds .. " s")
    if not told.ref then assert.equal("not_sent", told.outcome, told.message) end
    return told.ref == nil
  end

  local function assert_works(ref)
    local told = server:ask("/timed?ref=" .. ref)
    assert.equal(ref, told.ref, told.message)
    assert.is_true(told.seconds < QUICK, told.seconds .. " s")
  end

  it("a first call without descriptors is not sent, and the next one is", function()
    local refused = 0
    for more = 0, 9 do
      start()
      local told = server:ask(("/starved?ref=first%d&more=%d"):format(more, more))
      if assert_clear(told) then refused = refused + 1 end
      assert_works("next" .. more)
      local sent = arrived()
      assert.equal(told.ref and 1 or nil, sent["first" .. more])
      assert.equal(1, sent["next" .. more])
      server:stop()
    end
    assert.is_true(refused > 0 and refused < 10, refused .. " refused")
  end)

  it("a wake-up that fails leaves no call waiting, nor a worker that is to quit", function()
    if build.is_sanitized then return pending "its run time would have to come first" end
    start { before = SHIM }
    assert_works "first"
    for round, refused in ipairs { "wakes=1&bytes=0", "wakes=0&bytes=1", "wakes=2&bytes=3" } do
      server:ask("/refuse?" .. refused)
      assert_works("a" .. round)
      assert_works("b" .. round)
    end
    server:ask "/refuse?wakes=1&bytes=1"
    local worker = server:workers()[1]
    server:signal "HUP"
    process.wait("the old worker to go", 5, function() return not process.lives(worker) end)
    assert_works "after"
    for ref, count in pairs(arrived()) do assert.equal(1, count, ref) end
  end)

  for _, how in ipairs { "raise", "refuse" } do
    it(("a pump whose socket cannot be connected (%s) is none"):format(how), function()
      start()
      server:ask("/break?how=" .. how)
      local told = server:ask "/timed?ref=first"
      assert_clear(told)
      assert_works "next"
      assert.same({ next = 1, first = told.ref and 1 }, arrived())
    end)
  end

  for _, how in ipairs { "break_off", "vanish" } do
    it(("what a pump that ended (%s) has not handed out is handed out"):format(how), function()
      start()
      server:ask("/break?how=" .. how)
      latency(3.5)
      local waiting = server:begin "/timed?ref=waiting"
      process.wait("its arrival", 5, function() return box:count() == 1 end)
      box:clear_faults()
      process.wait("the pump to be missed", 5, function()
        local told = server:ask "/timed?ref=other"
        return told.ref == "other" and told.seconds < 1
      end)
      local _, body = nginx.answer(waiting)
      local told = cjson.decode(body)
      assert.equal("waiting", told.ref, told.message)
      assert.is_true(told.seconds < 3.5 + QUICK, told.seconds .. " s")
      assert.equal(1, arrived().waiting)
    end)
  end

  it("a worker that stood still tells of all answers that are there", function()
    start(nil, "{ timeout = 1.5, max_connections = 30 }")
    latency(1)
    local connections = {}
    for i = 1, 30 do connections[i] = server:begin("/one?ref=s" .. i) end
    process.wait("their arrival", 5, function() return box:count() == 30 end)
    local worker = server:workers()[1]
    process.signal("STOP", worker)
    require "socket".sleep(7) -- the time-out, and what a caller waits longer
    process.signal("CONT", worker)
    for i, connection in ipairs(connections) do
      local _, body = nginx.answer(connection)
      assert.equal("s" .. i, cjson.decode(body).ref, body)
    end
    in_flight(0)
    assert_works "next"
  end)

  it("a caller whose time is over finds the answer that nobody has told of", function()
    if build.is_sanitized then return pending "its run time would have to come first" end
    start({ before = SHIM }, "{ timeout = 0.5 }")
    server:ask "/refuse?wakes=0&bytes=100000"
    local told = server:ask "/timed?ref=first"
    assert.equal("first", told.ref, told.message)
    server:ask "/refuse?wakes=0&bytes=0"
    assert_works "next"
    assert.same({ first = 1, next = 1 }, arrived())
  end)

  it("a deadline holds where nginx runs no timer", function()
    start { http = "lua_max_running_timers 1;" }
    assert.truthy(server:ask "/take".ok)
    local told = server:ask "/timed?ref=first&deadline=1"
    assert.equal("not_sent", told.outcome, told.message)
    assert.matches("nginx has not run a timer in [%d.]+ s", told.message)
    assert.is_true(told.seconds < 5, told.seconds .. " s")
    server:ask "/give_back"
    assert_works "next"
    assert.same({ next = 1 }, arrived())
  end)

  it("without a semaphore no call is sent", function()
    start()
    for _, told in ipairs(server:ask "/bare?ref=bare") do
      assert_clear(told)
      assert.matches("nginx gives no semaphore: no memory", told.message)
    end
    assert_works "next"
    assert.same({ next = 1 }, arrived())
  end)

  it("a call goes out as soon as nginx runs timers again", function()
    start { http = "lua_max_running_timers 1;" }
    server:ask "/take"
    local waiting = server:begin "/timed?ref=first"
    require "socket".sleep(0.2)
    server:ask "/give_back"
    local told = cjson.decode((select(2, nginx.answer(waiting))))
    assert.equal("first", told.ref, told.message)
    assert.is_true(told.seconds < 5, told.seconds .. " s")
  end)

  it("a handler that ended while no timer ran holds up no later call", function()
    start { http = "lua_max_running_timers 1;" }
    server:ask "/take"
    server:ask "/dropped?ref=dropped"
    server:ask "/give_back"
    assert_works "next"
    assert.same({ next = 1 }, arrived())
  end)

  it("what blocks the worker as calls begin makes none of them ambiguous", function()
    start(nil, "{ timeout = 8 }")
    latency(2)
    local all = server:ask "/blocked?seconds=5.5"
    assert.equal(3, #all)
    for i, told in ipairs(all) do assert.equal("b" .. i, told.ref, told.message) end
  end)

  it("a caller who misses his answer keeps the pump from nobody", function()
    start(nil, "{ timeout = 20 }")
    box:fault { operation = "send_sms", kind = "latency", seconds = 6.5, ref = "waiting" }
    local waiting = server:begin "/timed?ref=waiting"
    process.wait("its start", 5, function() return server:ask "/status".in_flight == 1 end)
    assert.equal("ambiguous", server:ask "/lose?ref=lost".outcome)
    local told = cjson.decode((select(2, nginx.answer(waiting))))
    assert.equal("waiting", told.ref, told.message)
    assert.is_true(told.seconds < 6.5 + QUICK, told.seconds .. " s")
  end)

  it("without connections for the pump a call is not sent", function()
    local function few(self)
      local options = { init = INIT:format(box.urls.nexmo, "{}"), locations = LOCATIONS }
      return (nginx_conf.of(self, options):gsub("worker_connections 4096", "worker_connections 40"))
    end
    start { conf = few }
    local told = server:ask "/crowded?ref=first"
    assert_clear(told)
    assert.is_true(told.connections > 10)
    assert_works "next"
    assert.same({ next = 1, first = told.ref and 1 }, arrived())
  end)
end)
