-- What was not sent and is not told: it goes back to its place. What is too late, and what ends a
-- worker.

local core = require "sms.core"
local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local item, list_of = texts.item, texts.list_of

describe("An item that was not sent", function()
  local box = sandbox.for_specs()
  local server, outbox

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function() outbox = assert(outboxes.new(server)) end)

  local function run(client, given, options)
    given = wire.changed({ lease = 1, block = 0 }, given or {})
    return texts.collect(client, outbox:source(given), options)
  end

  local function delay_of(id)
    local due = server:command("ZSCORE", outboxes.key(outbox, "delayed:bulk"), id)
    return due and tonumber(due) / 1e6 - core.wall()
  end

  local function away()
    return wire.nexmo(box, { base_url = "http://127.0.0.1:1" })
  end

  it("for a moment's fault is not told, and waits twice as long each time", function()
    local added = assert(outbox:add(item(1), { key = "a" }))
    for _, pause in ipairs { 1, 2, 4 } do
      assert.same({}, (run(away())))
      assert.same({ state = "queued" }, outbox:result "a")
      local delay = delay_of(added.id)
      assert.is_true(delay > pause - 0.7 and delay <= pause, delay)
      server:command("ZADD", outboxes.key(outbox, "delayed:bulk"), 1, added.id)
    end
    assert.same({ r1 = 1 }, (run(wire.nexmo(box))))
    assert.equal(1, box:count())
  end)

  it("since the limit's store is away waits", function()
    local share = require("sms.redis").new { connect = function() return nil, "away" end,
      release = function() end }
    local nexmo = wire.nexmo(box, { rate_limit = { calls = 5, period = 1, share = share } })
    assert(outbox:add(list_of(3)))
    assert.same({}, (run(nexmo)))
    assert.same({ 0, 3 }, { outbox:status().queued, outbox:status().delayed })
  end)

  it("has the reason told by one warning, until others are sent", function()
    local warnings = {}
    local nexmo = wire.nexmo(box, { base_url = "http://127.0.0.1:1", on_event = function(event)
      warnings[#warnings + 1] = event.name == "warning" and event.message:match "^what could.*"
        or nil
    end })
    assert(outbox:add(list_of(5)))
    run(nexmo)
    assert.equal(1, #warnings)
    assert.matches("^what could not be sent goes back for a while: Failed to connect", warnings[1])
  end)

  it("waits 60 s at most, and not longer than it may be sent", function()
    local added = assert(outbox:add(item(1)))
    local late = assert(outbox:add(item(2), { not_after = os.time() + 20 }))
    for _, one in ipairs { added, late } do
      server:command("HSET", outboxes.key(outbox, "item:" .. one.id), "tries", 30)
    end
    run(away())
    local delay, shorter = delay_of(added.id), delay_of(late.id)
    assert.is_true(delay > 58 and delay <= 60, delay)
    assert.is_true(shorter > 17 and shorter <= 20, shorter)
  end)

  it("since the client was closed goes back at once", function()
    local nexmo = wire.nexmo(box, { rate_limit = { calls = 1, period = 30 },
      api_key = "back" .. core.random() })
    box:settings { nexmo_key = nexmo.identity }
    assert(outbox:add(list_of(5)))
    local told, last = 0, nil
    for sent, _, err in nexmo:send_all(outbox:source {}, { use = 1 }) do
      told, last = told + 1, sent == false and err
      nexmo:close()
    end
    assert.same({ 2, "cancelled" }, { told, last.kind })
    assert.same({ 4, 0, 0 },
      { outbox:status().queued, outbox:status().delayed, outbox:status().taken })
  end)

  it("before its last moment is told, and never sent", function()
    assert(outbox:add(item(1), { not_after = os.time() - 10, key = "a" }))
    assert(outbox:add(item(2)))
    local seen, errs = run(wire.nexmo(box))
    assert.same({ r1 = 1, r2 = 1 }, seen)
    assert.same({ "timeout", "not_sent" }, { errs.r1.kind, errs.r1.outcome })
    assert.same({ "ended", "not_sent" }, { outbox:result("a").state, outbox:result("a").outcome })
    assert.equal(1, box:count())
  end)

  it("before its last moment, since there was no slot, is told", function()
    local nexmo = wire.nexmo(box, { rate_limit = { calls = 1, period = 1 },
      api_key = "late" .. core.random() })
    box:settings { nexmo_key = nexmo.identity }
    assert(outbox:add(item(1)))
    assert(outbox:add(item(2), { not_after = core.wall() + 0.6 }))
    local seen, errs = run(nexmo, { block = 0.2 }, { use = 1 })
    assert.same({ r1 = 1, r2 = 1 }, seen)
    assert.same({ "timeout", "not_sent" }, { errs.r2.kind, errs.r2.outcome })
    assert.equal(1, box:count())
  end)

  it("before its last moment leaves its job, and the others go on", function()
    local client = retarus.client(box, { rate_limit = { calls = 1, period = 1 } })
    local function to(i)
      return { text = "Hello", dst = "4917212345" .. i, customerRef = "r" .. i }
    end
    local done, errs = 0, {}
    assert(outbox:add(to(100)))
    for sent, _, err in client:send_all(outbox:source { block = 0.3 }, { use = 1 }) do
      done, errs[sent.customerRef] = done + 1, err and err.kind
      if done == 1 then
        assert(outbox:add { to(101), to(103) })
        assert(outbox:add(to(102), { not_after = core.wall() + 0.2 }))
      end
    end
    assert.same({ 4, { r102 = "timeout" } }, { done, errs })
    assert.equal(2, box:count())
  end)

  for name, case in pairs {
    ["one worker"] = { 1 }, ["calls side by side"] = { 8 },
  } do
    it("since the account was refused goes back, and nobody sends any more: " .. name, function()
      assert(outbox:add(list_of(20)))
      local wrong = wire.nexmo(box, { api_secret = "Wrong0123456789" })
      local seen, errs, fatal = run(wrong, nil, { in_flight = case[1] })
      assert.same({ {}, {} }, { seen, errs })
      assert.same({ "auth", true }, { fatal.kind, fatal.account })
      local status = outbox:status()
      assert.same({ 20, 0, 0, 0 }, { status.queued, status.delayed, status.taken, status.begun })
      assert.matches("auth", status.paused)
      assert.same({}, (run(wire.nexmo(box))))
      outbox:resume()
      assert.equal(20, texts.count_of(run(wire.nexmo(box))))
    end)
  end

  it("goes back where three in a row were answered with 403", function()
    assert(outbox:add(list_of(6)))
    box:fault { kind = "status", status = 403, count = 3 }
    local seen, errs, fatal = run(wire.nexmo(box), nil, { in_flight = 1 })
    assert.same({ {}, {}, 403 }, { seen, errs, fatal.status })
    assert.equal(6, outbox:status().queued)
    outbox:resume()
    assert.equal(6, texts.count_of(run(wire.nexmo(box))))
  end)

  it("for a 403 of its own is told", function()
    assert(outbox:add(list_of(3), { key = function(one) return one["client-ref"] end }))
    box:fault { kind = "status", status = 403, count = 1 }
    local seen, errs = run(wire.nexmo(box), nil, { in_flight = 1 })
    assert.same({ r1 = 1, r2 = 1, r3 = 1 }, seen)
    assert.equal("rejected", errs.r1.outcome)
    assert.equal("rejected", outbox:result("r1").outcome)
  end)
end)
