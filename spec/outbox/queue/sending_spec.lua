-- send_all over an outbox: what is sent, what its loop is told, and what is left in Redis.

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local item, list_of, count_of = texts.item, texts.list_of, texts.count_of

describe("send_all over an outbox", function()
  local box = sandbox.for_specs()
  local server, outbox, nexmo

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function()
    outbox = assert(outboxes.new(server))
    nexmo = wire.nexmo(box)
  end)

  local function key_of(one) return one["client-ref"] end

  local function run(given, options)
    given = wire.changed({ worker = "w", lease = 1, block = 0 }, given or {})
    return texts.collect(nexmo, outbox:source(given), options)
  end

  local function assert_once(count)
    local seen = {}
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
    end
    assert.equal(count, count_of(seen))
  end

  it("sends all once, tells each, and leaves no places behind", function()
    assert(outbox:add(list_of(250), { key = key_of }))
    local seen, errs, fatal = run(nil, { in_flight = 8 })
    assert.same({ 250, {} }, { count_of(seen), errs })
    assert.is_nil(fatal)
    assert_once(250)
    assert.same({ queued = 0, delayed = 0, taken = 0, begun = 0, ambiguous = 0 }, outbox:status())
    assert.equal(0, server:command("XLEN", outboxes.key(outbox, "bulk")))
    assert.equal(0, server:command("EXISTS", outboxes.key(outbox, "leases")))
    local result = outbox:result "r17"
    assert.same({ "ended", "accepted", "r17" },
      { result.state, result.outcome, result.result.messages[1]["client-ref"] })
  end)

  it("gives the loop the params as added, and where they come from", function()
    local added = assert(outbox:add(item(1), { key = "order-1", priority = "high" }))
    for sent, result, err, entry in nexmo:send_all(outbox:source { worker = "one", block = 0 }) do
      assert.is_nil(err)
      assert.same({ item(1), "r1" }, { sent, result.messages[1]["client-ref"] })
      assert.same({ added.id, "order-1", "high", "one" },
        { entry.id, entry.key, entry.priority, entry.worker })
      assert.is_true(math.abs(entry.added - os.time()) < 10)
    end
    assert_once(1)
  end)

  it("shares all among workers, also of one name", function()
    assert(outbox:add(list_of(60), { key = key_of }))
    local first = nexmo:send_all(outbox:source { worker = "w", block = 0 }, { in_flight = 4 })
    local second = nexmo:send_all(outbox:source { worker = "w", block = 0 }, { in_flight = 4 })
    local told, shares = {}, { 0, 0 }
    repeat
      local is_over = true
      for i, one in ipairs { first, second } do
        local sent = one()
        if sent then
          is_over, shares[i] = false, shares[i] + 1
          told[sent["client-ref"]] = true
        end
      end
    until is_over
    assert.equal(60, count_of(told))
    assert.is_true(shares[1] > 5 and shares[2] > 5, table.concat(shares, " "))
    assert_once(60)
  end)

  it("tells an item that is wrong, and goes on", function()
    assert(outbox:add { item(1), { from = "Acme", to = "1", text = "Hello", ["client-ref"] = "r2" },
      item(3) })
    local seen, errs = run()
    assert.same({ r1 = 1, r2 = 1, r3 = 1 }, seen)
    assert.same({ "invalid", "not_sent" }, { errs.r2.kind, errs.r2.outcome })
    assert_once(2)
  end)

  it("tells what cannot be read as invalid, and goes on", function()
    local added = assert(outbox:add(list_of(5)))
    local foreign = { "", "foreign", "\1s3:abc;", "\9of a later version" }
    for i, bytes in ipairs(foreign) do
      server:command("HSET", outboxes.key(outbox, "item:" .. added[i].id), "params", bytes)
    end
    local told, ids = {}, {}
    for sent, _, err, entry in nexmo:send_all(outbox:source { block = 0 }) do
      ids[entry.id] = true
      told[#told + 1] = err and err.kind .. " " .. err.outcome or sent["client-ref"]
    end
    table.sort(told)
    assert.same({ "invalid not_sent", "invalid not_sent", "invalid not_sent", "invalid not_sent",
      "r5" }, told)
    assert.equal(5, count_of(ids))
    assert.same({ "ended", "not_sent", "invalid" }, { outbox:result(added[1].id).state,
      outbox:result(added[1].id).outcome, outbox:result(added[1].id).err.kind })
    assert_once(1)
  end)

  it("tells neither sends what was cancelled", function()
    local added = assert(outbox:add(list_of(3)))
    assert.is_true(outbox:cancel(added[2].id).cancelled)
    assert.same({ r1 = 1, r3 = 1 }, (run()))
    assert_once(2)
  end)

  it("does not send what was cancelled when it was taken already", function()
    local added = assert(outbox:add(list_of(8)))
    local seen = {}
    for sent in nexmo:send_all(outbox:source { block = 0 }, { in_flight = 1 }) do
      seen[sent["client-ref"]] = true
      if sent["client-ref"] == "r1" then outbox:cancel(added[5].id) end
    end
    assert.equal(7, count_of(seen))
    assert.is_nil(seen.r5)
    assert_once(7)
  end)

  it("tells what the provider refuses, with what it said", function()
    box:fault { ref = "r2", kind = "nexmo_status", code = 6, count = 1 }
    assert(outbox:add(list_of(3), { key = key_of }))
    local seen, errs = run()
    assert.same({ r1 = 1, r2 = 1, r3 = 1 }, seen)
    assert.same({ "rejected", "6" }, { errs.r2.outcome, errs.r2.code })
    local result = outbox:result "r2"
    assert.same({ "rejected", "6" }, { result.outcome, result.err.code })
  end)

  it("tells what is ambiguous once, and leaves it to people", function()
    box:fault { ref = "r1", kind = "lost_answer", count = 1 }
    assert(outbox:add(list_of(2), { key = key_of }))
    local seen, errs = run()
    assert.same({ r1 = 1, r2 = 1 }, seen)
    assert.equal("ambiguous", errs.r1.outcome)
    assert.same({}, (run()))
    assert.equal(1, #outbox:ambiguous())
    assert.is_true(outbox:resend(outbox:ambiguous()[1].id) and true)
    assert.same({ r1 = 1 }, (run()))
    assert.equal(0, outbox:status().ambiguous)
  end)

  it("waits for new items as long as it is told, and takes one within a moment", function()
    local core = require "sms.core"
    local began, rounds = core.now(), 0
    local run_on = nexmo:send_all(outbox:source { block = 0.4 })
    assert.is_nil((run_on()))
    local took = core.now() - began
    assert.is_true(took >= 0.4 and took < 1.5, took)
    assert(outbox:add(item(1)))
    for _ in nexmo:send_all(outbox:source { block = 0.4 }) do
      rounds = rounds + 1
      if rounds < 3 then outbox:add(item(rounds + 1)) end
    end
    assert.equal(3, rounds)
  end)

  it("takes nothing of an outbox that is paused", function()
    assert(outbox:add(list_of(20)))
    outbox:pause "lunch"
    assert.same({}, (run()))
    outbox:resume()
    local rounds = 0
    for _ in nexmo:send_all(outbox:source { block = 0 }, { in_flight = 1 }) do
      rounds = rounds + 1
      if rounds == 1 then outbox:pause "tea" end
    end
    assert.is_true(rounds <= 2, rounds) -- none begins after it
    assert.equal(20 - rounds, outbox:status().queued)
    assert_once(rounds)
  end)

  it("puts back what it has taken when its loop is left", function()
    assert(outbox:add(list_of(40)))
    box:fault { kind = "latency", seconds = 0.05 }
    local items = nexmo:send_all(outbox:source { lease = 30 }, { in_flight = 4 })
    items()
    items:close()
    local status = outbox:status()
    assert.same({ 0, 0 }, { status.taken, status.begun })
    local sent = box:count()
    assert.equal(40 - sent, status.queued)
    run()
    assert_once(40)
  end)

  it("begins nothing after `stop` or `not_after` of the run, and loses nothing", function()
    assert(outbox:add(list_of(20)))
    run(nil, { in_flight = 1, stop = function(one) return one["client-ref"] == "r4" end })
    assert.is_true(box:count() <= 3)
    run(nil, { not_after = os.time() - 1 })
    assert.equal(0, outbox:status().taken)
    run()
    assert_once(20)
  end)

  for name, case in pairs {
    ["a journal"] = { { journal = "/tmp/none" }, "journal: an outbox is the journal of its items" },
    ["a total"] = { { total = 7 }, "total: nobody knows" },
    ["what needs a journal"] = { { resend_ambiguous = true }, "resend_ambiguous: needs a journal" },
  } do
    it("refuses " .. name, function()
      assert.error_matches(function() nexmo:send_all(outbox:source(), case[1]) end, case[2])
    end)
  end

  it("sends nothing of an outbox that is for another provider", function()
    local retarus = require "spec.support.servers.retarus"
    outbox = assert(outboxes.new(server, { client = nexmo }))
    assert(outbox:add(item(1)))
    local sent, _, err = retarus.client(box):send_all(outbox:source { block = 0 })()
    assert.same({ false, "invalid" }, { sent, err.kind })
    assert.matches("the outbox is for nexmo", err.message)
    assert.equal(1, outbox:status().queued)
  end)

  it("sends nothing of an outbox that has items of another provider's workers", function()
    local client = require "spec.support.servers.retarus".client(box)
    run()
    assert(outbox:add(item(1)))
    local sent, _, err = client:send_all(outbox:source { block = 0 })()
    assert.same({ false, "invalid" }, { sent, err.kind })
    run()
    assert.is_nil((client:send_all(outbox:source { block = 0 })())) -- it is empty
    assert_once(1)
  end)

  for name, case in pairs {
    ["an unknown option"] = { { works = "w" }, "source: 'works' is not known" },
    ["a label that is no text"] = { { worker = 7 }, "source: worker: a text" },
    ["a lease that is none"] = { { lease = 0 }, "source: lease: 0.1 to 3600 seconds" },
    ["a time that is none"] = { { block = -1 }, "source: block: seconds were expected" },
  } do
    it("refuses a source with " .. name, function()
      assert.error_matches(function() outbox:source(case[1]) end, case[2])
    end)
  end
end)
