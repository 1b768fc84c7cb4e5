-- Reload, quit, stop and death of workers while calls are in flight. The long form:
-- SMS_TEST_LONG=1.

local cjson = require "cjson"
local load = require "spec.support.runs.load"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

local LONG = os.getenv "SMS_TEST_LONG"

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s")
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /later {
    content_by_lua_block {
      local ref = ngx.var.arg_ref
      sms.later(function() handlers.call(ref) end)
    }
  }
]]

local GONE = 2.25 -- seconds after its last call, when an old worker must have gone

describe("The life of nginx's workers", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start(options)
    server:start({ init = INIT:format(box.urls.nexmo), locations = LOCATIONS }, options)
  end

  local function latency(seconds)
    box:fault { operation = "send_sms", kind = "latency", seconds = seconds, when = "before" }
  end

  local function in_flight()
    local _, body = server:get "/status"
    return cjson.decode(body).in_flight
  end

  -- Begins so many calls and waits until all of them are in flight.
  local function begin(count)
    local connections = {}
    for i = 1, count do connections[i] = server:begin("/one?ref=b" .. i) end
    process.wait("the calls", 5, function() return in_flight() == count end)
    return connections
  end

  local function wait_until_gone(pids, seconds)
    local began = socket.gettime()
    process.wait("old workers to go", seconds, function()
      for _, pid in ipairs(pids) do
        if process.lives(pid) then return false end
      end
      return true
    end)
    print(("# old workers had gone after %.2f s"):format(socket.gettime() - began))
  end

  local function arrived()
    local count = {}
    for _, arrival in ipairs(box:arrivals "send_sms") do
      count[arrival.ref] = (count[arrival.ref] or 0) + 1
    end
    return count
  end

  -- Ends it, with what is in flight, which the log must not mention.
  local function stop_clean(expected)
    server:signal "QUIT"
    process.wait("the end", 2 * GONE, function() return not process.lives(server.pid) end)
    server:stop()
    assert.equal("", (server.last_log:gsub(expected or "\n$", "")))
  end

  it("reloads lose no call and repeat none", function()
    local every, seconds = LONG and 2 or 0.2, LONG and 60 or 3
    start { workers = 2 }
    latency(0.05)
    local reloads, first = 0, server:workers()
    local answers, count = load.run(server, 24, function(i) return "/one?ref=" .. i end,
      function(passed)
        if passed > (reloads + 1) * every then
          server:signal "HUP"
          reloads = reloads + 1
        end
        return passed < seconds
      end)
    for path, answer in pairs(answers) do
      assert.equal(200, answer.status, answer.body)
      assert.equal(path:match "=(.*)", cjson.decode(answer.body).ref, answer.body)
    end
    local arrivals = arrived()
    for i = 1, count do
      assert.equal(1, arrivals[tostring(i)], "arrivals of " .. i)
    end
    print(("# %d reloads in %d s: %d calls, each answered and at the provider once"):format(
      reloads, seconds, count))
    assert.is_true(reloads >= 0.7 * seconds / every - 1, reloads .. " reloads")
    wait_until_gone(first, GONE)
    stop_clean()
  end)

  for _, name in ipairs { "HUP", "QUIT" } do
    it(("%s lets all calls end, and workers go soon after"):format(name), function()
      start()
      latency(0.5)
      local connections, old = begin(40), server:workers()
      server:signal(name)
      for i, connection in ipairs(connections) do
        local _, body = nginx.answer(connection)
        assert.equal("b" .. i, cjson.decode(body).ref, body)
      end
      wait_until_gone(old, GONE)
      stop_clean()
    end)
  end

  it("an idle worker goes soon, whenever its last call was", function()
    start()
    server:get "/one?ref=x"
    local old = server:workers()
    server:signal "QUIT"
    wait_until_gone(old, GONE)
    stop_clean()
  end)

  it("QUIT lets functions of sms.later end", function()
    start()
    latency(0.3)
    for i = 1, 100 do server:get("/later?ref=later" .. i) end
    local old = server:workers()
    server:signal "QUIT"
    wait_until_gone(old, 5)
    local arrivals = arrived()
    for i = 1, 100 do assert.equal(1, arrivals["later" .. i]) end
    stop_clean()
  end)

  it("TERM ends calls at once", function()
    start()
    latency(3)
    local connections, old = begin(40), server:workers()
    local began = socket.gettime()
    server:signal "TERM"
    wait_until_gone(old, GONE)
    assert.is_true(socket.gettime() - began < GONE)
    for _, connection in ipairs(connections) do assert.is_nil((nginx.answer(connection))) end
    stop_clean()
  end)

  it("worker_shutdown_timeout ends calls that take longer", function()
    start { main = "worker_shutdown_timeout 300ms;" }
    latency(5)
    local connections, old = begin(40), server:workers()
    server:signal "HUP"
    wait_until_gone(old, 0.3 + GONE)
    for _, connection in ipairs(connections) do connection:close() end
    assert.equal(0, in_flight())
    stop_clean "[^\n]+lua tcp socket [^\n]+\n?"
  end)

  it("kill -9 of a worker harms no other", function()
    start { workers = 2, listen = "reuseport" } -- the kernel gives both of them some
    box:fault { operation = "send_sms", kind = "latency", seconds = 3 }
    local connections = {}
    for i = 1, 60 do connections[i] = server:begin("/one?ref=b" .. i) end
    process.wait("the calls", 20, function() return box:count() == 60 end)
    local victim = server:workers()[1]
    process.signal("KILL", victim)
    local answered, lost = 0, 0
    for i, connection in ipairs(connections) do
      local status, body = nginx.answer(connection)
      if status then
        local told = cjson.decode(body)
        assert.equal("b" .. i, told.ref, body)
        assert.not_equal(victim, told.worker)
        answered = answered + 1
      else
        lost = lost + 1
      end
    end
    assert.equal(60, answered + lost)
    assert.is_true(answered > 0 and lost > 0, ("%d answered, %d lost"):format(answered, lost))
    process.wait("a new worker", 5, function() return #server:workers() == 2 end)
    box:clear_faults()
    for i = 1, 8 do
      local _, body = server:get("/one?ref=after" .. i)
      assert.equal("after" .. i, cjson.decode(body).ref)
    end
    stop_clean "[^\n]+exited on signal 9"
  end)
end)
