-- Waiting for slots: first come, first served, in a process.
-- SMS_TEST_LONG=1 waits more often.

local queue = require "sms.limits.queue"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local script = require "sms.runtime.script"
local sms = require "sms"
local socket = require "socket"
local stopwatch = require "spec.support.runs.stopwatch"

local LONG = os.getenv "SMS_TEST_LONG"
local GRACE = 0.25 -- seconds for a busy machine

describe("The queue for slots", function()
  local count = 0

  local function new()
    count = count + 1
    return queue.open("queue " .. count)
  end

  it("is one for all who name it alike", function()
    assert.equal(queue.open "alike", queue.open "alike")
    assert.not_equal(new(), new())
  end)

  it("serves those who came first, and puts newcomers behind them", function()
    local line = new()
    assert.equal(1, line:turn(nil, 0))
    local first, second, third = line:join(nil, 1), line:join(nil, 1), line:join(nil, 1)
    assert.same({ 1, 2, 3, 4 }, { line:turn(first, 0), line:turn(second, 0), line:turn(third, 0),
      line:turn(nil, 0) })
    line:leave(first)
    assert.same({ 1, 2, 3 }, { line:turn(second, 0), line:turn(third, 0), line:turn(nil, 0) })
    line:leave(third)
    line:leave(second)
    line:leave(nil)
    assert.equal(1, line:turn(nil, 0))
  end)

  it("knows at once who was killed in his sleep, and counts him no more", function()
    local line = new()
    local sleeping = { count = function(self) return self.gone and 0 or -1 end }
    local tickets = {}
    for i = 1, 5 do
      tickets[i] = line:join(nil, 1)
      tickets[i].sleeper = setmetatable({}, { __index = sleeping })
    end
    assert.same({ 5, 6 }, { line:turn(tickets[5], 0), line:turn(nil, 0) })
    for _, i in ipairs { 1, 3, 4 } do tickets[i].sleeper.gone = true end
    assert.same({ 1, 2, 3 }, { line:turn(tickets[2], 0.1), line:turn(tickets[5], 0.1),
      line:turn(nil, 0.1) })
    line:leave(tickets[2])
    line:leave(tickets[3])
    assert.same({ 1, 2 }, { line:turn(tickets[5], 0.2), line:turn(nil, 0.2) })
  end)

  it("counts those who wait, for each value and behind, and nobody who has gone", function()
    local line, of_value = queue.open "counted", queue.open "counted;a"
    local other = queue.open "counted2"
    for looks_at = 1, 3 do line:join(nil, looks_at) end
    line:leave(line:join(nil, 3))
    for _, one in ipairs { of_value, line:behind(), other } do one:join(nil, 3) end
    assert.equal(5, queue.waiting("counted", 0))
    assert.equal(4, queue.waiting("counted", 2.5))
  end)

  it("closes its ranks where time goes back, too", function()
    local line, tickets = new(), {}
    for i = 1, 4 do tickets[i] = line:join(nil, 20) end
    assert.equal(5, line:turn(nil, 10))
    line:leave(tickets[2])
    assert.equal(5, line:turn(nil, 10)) -- looked just now
    assert.equal(4, line:turn(nil, 5))
  end)

  it("keeps a place as long as its holder looks in time", function()
    local line = new()
    local first, second = line:join(nil, 1), line:join(nil, 9)
    for now = 1, 5 do
      assert.equal(1, line:turn(first, now))
      assert.equal(first, line:join(first, now + 1))
    end
    assert.equal(2, line:turn(second, 5))
  end)

  it("gives the place of somebody who has gone to the next, a second later", function()
    local line = new()
    local gone, second = line:join(nil, 1), line:join(nil, 3)
    assert.equal(2, line:turn(second, 2))
    assert.equal(1, line:turn(second, 2.001))
    assert.equal(2, line:turn(gone, 2.001)) -- comes back after all: behind the others
    gone = line:join(gone, 3)
    assert.equal(2, line:turn(gone, 2.001))
  end)
end)

describe("Calls that wait for a slot", function()
  local box = sandbox.for_specs()

  local last_options

  local function client_with(calls, period, more)
    last_options = retarus.options { base_url = box.urls.retarus }
    last_options.rate_limit = { calls = calls, period = period }
    box:settings { retarus_username = last_options.username }
    for name, value in pairs(more or {}) do last_options[name] = value end
    return sms.retarus(last_options)
  end

  --- One with the same user name and limits, and something different.
  local function twin_with(more)
    for name, value in pairs(more) do last_options[name] = value end
    return sms.retarus(last_options)
  end

  local function send(client, i, options)
    local job = retarus.job "+491760000001"
    job.options = { customerRef = "n" .. i }
    return client:send_job(job, options)
  end

  local function order_of_arrival()
    local order = {}
    for i, arrival in ipairs(box:arrivals "send_job") do order[i] = tonumber(arrival.ref:sub(2)) end
    return order
  end

  it("arrive in the order in which they were made", function()
    local client, calls, expected = client_with(1, 0.03), {}, {}
    for i = 1, 30 do
      calls[i], expected[i] = function() assert(send(client, i)) end, i
    end
    sms.all(calls)
    assert.same(expected, order_of_arrival())
  end)

  it("go before those that come later", function()
    local client, calls, last = client_with(1, 0.05), {}, 3
    local function call_and_follow(i)
      return function()
        assert(send(client, i))
        if last < 12 then -- comes anew as soon as it was served
          last = last + 1
          assert(send(client, last))
        end
      end
    end
    for i = 1, 3 do calls[i] = call_and_follow(i) end
    calls[4] = function() for i = 101, 103 do assert(send(client, i)) end end
    sms.all(calls)
    assert.same({ 1, 2, 3, 101, 4, 5, 6, 102, 103 }, order_of_arrival())
  end)

  it("keep their order in bursts, as far as the network does", function()
    local client, calls = client_with(5, 0.1), {}
    for i = 1, 40 do calls[i] = function() assert(send(client, i)) end end
    sms.all(calls)
    for place, i in ipairs(order_of_arrival()) do
      assert.is_true(math.abs(place - i) < 5, i)
    end
  end)

  it("are not held up for long by one that was killed or raised while it waited", function()
    local client = client_with(1, 0.05)
    local killed = twin_with { runtime = { perform = script.perform,
      sleep = function() error("killed", 0) end } }
    assert(send(client, 0))
    assert.has_error(function() send(killed, 1) end, "killed")
    local began = socket.gettime()
    sms.all { function() assert(send(client, 2)) end, function() assert(send(client, 3)) end }
    assert.is_true(socket.gettime() - began < 10) -- a place that nobody leaves is for good
    assert.same({ 0, 2, 3 }, order_of_arrival())
  end)

  it("give up at once where their turn comes too late", function()
    local client, calls = client_with(1, 0.2), {}
    local stop, ends, kinds = stopwatch.start(), {}, {}
    for i = 1, 8 do
      calls[i] = function()
        local _, err = send(client, i, { max_wait = 0.5 })
        local seconds, own = stop()
        kinds[i], ends[i] = err and err.kind or "sent", own
        if err then
          assert.equal("not_sent", err.outcome)
          assert.is_true(err.retry_after > 0.5, err.retry_after)
          assert.is_true(err.retry_after < 8 * 0.21 + seconds, err.retry_after)
        end
      end
    end
    sms.all(calls)
    assert.equal("sent sent sent" .. (" rate_limited"):rep(5), table.concat(kinds, " "))
    for i = 4, 8 do assert.is_true(ends[i] < GRACE, ends[i]) end
    assert.same({ 1, 2, 3 }, order_of_arrival())
  end)

  it("leave their place to others when they give up", function()
    local client, calls, ended = client_with(1, 0.3), {}, {}
    local server = raw_server.start { { sleep = 9 } }
    finally(function() server:stop() end)
    local stalled = twin_with { base_url = server.url, retry = false }
    calls[1] = function() stalled:get_version(nil, { timeout = 0.5 }) end
    for i, wait in ipairs { 0.4, 5 } do
      calls[i + 1] = function() ended[i] = { send(client, i, { max_wait = wait }) } end
    end
    local began = socket.gettime()
    sms.all(calls)
    assert.is_true(socket.gettime() - began < 4) -- behind the stalled one it would be 5
    assert.equal("rate_limited", ended[1][2].kind)
    assert.is_nil(ended[2][2])
    assert.same({ 2 }, order_of_arrival())
  end)

  it("wake when it is time", function()
    local rounds, at_once, late, due = LONG and 20 or 2, 25, {}, {}
    local events = function(event)
      local current = event.name == "wait" and socket.gettime() + event.seconds
      if current then due[#due + 1] = current end
      if event.name == "request" and #due > 0 then
        late[#late + 1] = (socket.gettime() - table.remove(due, 1)) * 1000
      end
    end
    local client, calls = client_with(at_once, 0.2, { on_event = events }), {}
    for i = 1, at_once do calls[i] = function() assert(client:get_version()) end end
    sms.all(calls)
    for _ = 1, rounds do sms.all(calls) end
    table.sort(late)
    print(("# a waiter wakes late by: half %.1f ms, 99 %% %.1f ms, all %.1f ms (of %d)"):format(
      late[math.ceil(#late / 2)], late[math.ceil(#late * 0.99)], late[#late], #late))
    assert.is_true(#late == rounds * at_once and late[#late] < GRACE * 1000, late[#late])
  end)
end)
