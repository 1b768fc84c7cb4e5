-- Leases of a worker: what it holds is its own as long as it lives, and nobody's afterwards.

local core = require "sms.core"
local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"
local working = require "sms.outbox.scripts.working"

local list_of, count_of = texts.list_of, texts.count_of

local LEASE = 1 -- seconds

describe("A worker of an outbox", function()
  local box = sandbox.for_specs()
  local server, outbox

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function() outbox = assert(outboxes.new(server)) end)

  local function key_of(one) return one["client-ref"] end

  local function source(block)
    return outbox:source { worker = "w", lease = LEASE, block = block }
  end

  local function assert_once(count)
    local seen = {}
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
    end
    assert.equal(count, count_of(seen))
  end

  it("keeps what waits for its slot, though that takes longer than the lease", function()
    local nexmo = wire.nexmo(box, { rate_limit = { calls = 1, period = 1 },
      api_key = "lease" .. core.random() })
    box:settings { nexmo_key = nexmo.identity }
    assert(outbox:add(list_of(3)))
    local other = wire.nexmo(box):send_all(source(0))
    local first = nexmo:send_all(source(0), { use = 1 })
    local seen = { (first())["client-ref"] }
    seen[2] = (first())["client-ref"] -- a second after the first
    assert.is_nil((other()))
    seen[3] = (first())["client-ref"]
    assert.same({ "r1", "r2", "r3" }, seen)
    assert_once(3)
  end)

  it("keeps what is in flight longer than the lease", function()
    box:fault { kind = "latency", seconds = 3 * LEASE, count = 2 }
    assert(outbox:add(list_of(2)))
    local seen, errs = texts.collect(wire.nexmo(box), source(0))
    assert.same({ { r1 = 1, r2 = 1 }, {} }, { seen, errs })
    assert_once(2)
  end)

  it("whose loop takes longer than the lease sends nothing of what others have", function()
    assert(outbox:add(list_of(40)))
    local first = wire.nexmo(box):send_all(source(0), { in_flight = 2 })
    local told = { [first()["client-ref"]] = 1 }
    socket.sleep(2 * LEASE)
    local rounds = 0
    for sent, _, err in wire.nexmo(box):send_all(source(0)) do
      rounds = rounds + 1
      local ref = sent["client-ref"]
      told[ref] = (told[ref] or 0) + (err and 0 or 1)
    end
    assert.is_true(rounds >= 37, rounds)
    for sent in first do
      local ref = sent["client-ref"]
      told[ref] = (told[ref] or 0) + 1
    end
    assert.equal(40, count_of(told))
    assert_once(40)
  end)

  it("that has gone leaves what it took to others, and what it began is ambiguous", function()
    assert(outbox:add(list_of(8), { key = key_of }))
    box:fault { kind = "latency", seconds = 0.2 }
    local gone = wire.nexmo(box):send_all(source(), { in_flight = 2 })
    gone() -- another call is under way then
    gone.queue.line.outbox = nil -- nobody hears of it any more
    socket.sleep(2 * LEASE)
    box:clear_faults()
    local seen, errs = texts.collect(wire.nexmo(box), source(0))
    assert.equal(0, outbox:status().begun)
    assert_once(8)
    assert.equal(outbox:status().ambiguous, count_of(errs))
    for ref, err in pairs(errs) do
      assert.same({ "ambiguous", "ambiguous" }, { err.outcome, outbox:result(ref).outcome })
      assert.matches("gone before", err.message)
    end
    assert.is_true(count_of(seen) >= 6)
  end)

  it("that has gone is found out by who only looks", function()
    assert(outbox:add(list_of(5), { key = key_of }))
    box:fault { ref = "r2", kind = "latency", seconds = LEASE }
    local gone = wire.nexmo(box):send_all(source(), { in_flight = 2 })
    gone()
    gone.queue.line.outbox = nil
    local status = outbox:status()
    local begun, waiting = status.begun, status.taken + status.queued
    assert.is_true(begun > 0)
    socket.sleep(1.2 * LEASE)
    assert.equal(begun, #outbox:ambiguous())
    status = outbox:status()
    assert.same({ 0, 0, waiting, begun },
      { status.begun, status.taken, status.queued, status.ambiguous })
  end)

  it("tells of a whole job, though its loop takes longer than the lease for all of it", function()
    local list, told = {}, {}
    for i = 1, 6 do
      list[i] = { text = "Hello", dst = "491721234567" .. i, customerRef = "r" .. i }
    end
    assert(outbox:add(list))
    box:fault { kind = "latency", seconds = 0.5 }
    local client = retarus.client(box, { timeout = 0.2 })
    local function tell(run, wait)
      for one in run do
        told[#told + 1] = one.customerRef
        wait(#told)
      end
    end
    tell(client:send_all(outbox:source { lease = 2, block = 0 }), function(count)
      socket.sleep(0.5)
      if count == 5 then tell(client:send_all(source(0)), tostring) end
    end)
    table.sort(told)
    assert.same({ "r1", "r2", "r3", "r4", "r5", "r6" }, told)
  end)

  it("tells of what others do not, though these have much to tell", function()
    local client, list = retarus.client(box), {}
    for i = 1, 150 do
      list[i] = { text = "Hello", dst = ("4917212345%03d"):format(i), customerRef = "r" .. i }
    end
    assert(outbox:add(list))
    box:fault { kind = "latency", seconds = 0.2 }
    local gone = client:send_all(source())
    local finish = gone.queue.finish
    function gone.queue.finish(...)
      gone.queue.line.outbox = nil -- it is begun, and nobody hears of its end
      return finish(...)
    end
    pcall(gone)
    socket.sleep(1.5 * LEASE)
    local others = {}
    for i = 1, 12 do -- what each has, it has for a lease
      others[i] = client:send_all(source(0))
      others[i]()
    end
    local told = 0
    for _ in client:send_all(source(0)) do told = told + 1 end
    assert.equal(150, told + server:command("ZCARD", outboxes.key(outbox, "leases")))
    local seen = {}
    for _, other in ipairs(others) do
      for sent in other do seen[sent.customerRef] = true end
    end
    assert.is_true(count_of(seen) >= 138 - told)
    assert.equal(1, box:count())
  end)

  it("whose call ends late says how, though others were told otherwise", function()
    assert(outbox:add(list_of(1), { key = key_of }))
    box:fault { kind = "latency", seconds = 0.2 }
    local slow = wire.nexmo(box):send_all(source())
    local beat = slow.queue.beat
    function slow.queue.beat() end
    local others = {}
    local ask = slow.queue.line.ask
    function slow.queue.line.ask(line, script, ...)
      if box:count() == 1 and not others[1] then -- its end
        socket.sleep(1.5 * LEASE)
        others[1] = texts.collect(wire.nexmo(box), source(0))
        others[2] = outbox:result("r1").outcome
      end
      return ask(line, script, ...)
    end
    local sent, result = slow()
    slow.queue.beat = beat
    slow:close()
    assert.same({ "r1", "r1" }, { sent["client-ref"], result.messages[1]["client-ref"] })
    assert.same({ { r1 = 1 }, "ambiguous" }, others)
    assert.same({ "accepted", 0 }, { outbox:result("r1").outcome, outbox:status().ambiguous })
    assert_once(1)
  end)

  it("whose call did not leave says so late: who died before he told that it is ambiguous loses"
    .. " nothing", function()
    assert(outbox:add(list_of(1), { key = key_of }))
    local slow = wire.nexmo(box, { base_url = "http://127.0.0.1:1", retry = false })
      :send_all(source(0))
    function slow.queue.beat() end
    local ask, listed = slow.queue.line.ask, nil
    function slow.queue.line.ask(line, script, ...)
      if script == working.put_back and not listed then
        socket.sleep(1.5 * LEASE)
        listed = #outbox:ambiguous()
        local gone = wire.nexmo(box):send_all(source(0))
        gone()
        gone.queue.line.outbox = nil
      end
      return ask(line, script, ...)
    end
    slow()
    slow:close()
    assert.same({ 1, "ambiguous", 0 }, { listed, outbox:result("r1").outcome, box:count() })
    socket.sleep(1.5 * LEASE)
    local _, errs = texts.collect(wire.nexmo(box), source(0))
    assert.equal("ambiguous", errs.r1.outcome)
  end)

  it("tells what is ambiguous again where nobody has asked for the next round", function()
    box:fault { kind = "lost_answer", count = 1 }
    assert(outbox:add(list_of(1), { key = key_of }))
    local first = wire.nexmo(box):send_all(source())
    local _, _, err = first()
    assert.equal("ambiguous", err.outcome)
    first.queue.line.outbox = nil
    assert.same({}, (texts.collect(wire.nexmo(box), source(0)))) -- it may still be told there
    socket.sleep(2 * LEASE)
    local seen, errs = texts.collect(wire.nexmo(box), source(0))
    assert.same({ { r1 = 1 }, err.message }, { seen, errs.r1.message })
    assert.same({}, (texts.collect(wire.nexmo(box), source(0))))
  end)
end)
