-- What people decide: an item is not to be sent, or again, or is settled; nothing is to begin.

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"

local ITEM = { from = "Acme", to = "447700900000", text = "Hello" }

describe("In an outbox", function()
  local server, outbox, step, id

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function()
    outbox = assert(outboxes.new(server, { keep = 3 }))
    step = outboxes.stepping(outbox)
    id = assert(outbox:add(ITEM, { key = "k" })).id
  end)

  local function record() return outboxes.record(server, outbox, id) end

  local function is_in(name)
    return server:command("ZSCORE", outboxes.key(outbox, name), id) and true or false
  end

  describe("cancel", function()
    it("takes back what waits", function()
      assert.same({ cancelled = true, state = "ended" }, outbox:cancel "k")
      local read = assert(outbox:result(id))
      assert.same({ "ended", "not_sent", "cancelled" }, { read.state, read.outcome, read.err.kind })
      assert.are.equal(0, server:command("XLEN", outboxes.key(outbox, "bulk")))
      assert.same({ id = id, is_new = false }, outbox:add(ITEM, { key = "k" }))
    end)

    it("takes back what is delayed", function()
      local later = assert(outbox:add(ITEM, { not_before = os.time() + 1000 })).id
      assert.is_true(outbox:cancel(later).cancelled)
      assert.are.equal(0, outbox:status().delayed)
    end)

    it("takes back what a worker has taken and not begun", function()
      step.take(id)
      assert.same({ cancelled = true, state = "ended" }, outbox:cancel(id))
      assert.is_false(is_in "leases")
      assert.are.equal(0, outbox:status().taken)
    end)

    it("may be said again", function()
      assert(outbox:cancel(id))
      assert.is_true(outbox:cancel(id).cancelled)
    end)

    it("comes too late for what is begun or has ended", function()
      step.take(id)
      step.begin(id)
      assert.same({ cancelled = false, state = "begun" }, outbox:cancel(id))
      step.close(id, "accepted")
      assert.same({ cancelled = false, state = "ended" }, outbox:cancel(id))
      assert.are.equal("accepted", outbox:result(id).outcome)
    end)
  end)

  describe("resend", function()
    it("has an ambiguous item wait again, before what was added later", function()
      outboxes.finish(outbox, id, "ambiguous")
      assert.is_true(is_in "ambiguous")
      assert.is_true(outbox:resend "k")
      assert.same({ state = "queued" }, outbox:result(id))
      assert.same({ true, false }, { is_in "ready:bulk", is_in "ambiguous" })
      assert.same({}, outbox:ambiguous())
      local status = outbox:status()
      assert.same({ 1, 0 }, { status.queued, status.ambiguous })
      assert.is_nil(record().owner)
    end)

    it("is for what is ambiguous alone", function()
      local done, err = outbox:resend(id)
      assert.is_nil(done)
      assert.are.equal("invalid", err.kind)
      assert.matches("it is queued", err.message)
      outboxes.finish(outbox, id, "rejected")
      assert.matches("ended, rejected", select(2, outbox:resend(id)).message)
    end)

    it("is impossible for what was erased", function()
      outboxes.finish(outbox, id, "ambiguous")
      assert.is_true(outbox:erase(id).erased)
      assert.matches("erased", select(2, outbox:resend(id)).message)
      assert.are.equal(1, #outbox:ambiguous())
      assert.is_nil(outbox:ambiguous()[1].item)
    end)
  end)

  describe("settle", function()
    for _, outcome in ipairs { "accepted", "rejected", "not_sent" } do
      it("says that it ended " .. outcome, function()
        outboxes.finish(outbox, id, "ambiguous", nil, { kind = "timeout", message = "x" })
        assert.is_true(outbox:settle("k", outcome))
        assert.same({ state = "ended", outcome = outcome }, outbox:result(id))
        assert.same({}, outbox:ambiguous())
        assert.matches("not ambiguous", select(2, outbox:settle(id, outcome)).message)
      end)
    end
  end)

  it("pause and resume are for all, and the reason is told", function()
    assert.is_true(outbox:pause "credit used up")
    assert.are.equal("credit used up", outboxes.new(server, { name = outbox.name }):status().paused)
    assert.is_true(outbox:resume())
    assert.is_nil(outbox:status().paused)
    assert.is_true(outbox:pause())
    assert.are.equal("paused", outbox:status().paused)
  end)

  describe("erase", function()
    --- Whether any byte of the text or the number is left in the record.
    local function leaves()
      for _, value in pairs(record()) do
        if value:find("Hello", 1, true) or value:find("447700900000", 1, true) then return true end
      end
      return false
    end

    it("forgets text, number, key and result of what has ended", function()
      local other = assert(outbox:add(ITEM, { key = "447700900000" })).id
      id = other
      outboxes.finish(outbox, other, "accepted", { messages = { { to = "447700900000" } } })
      assert.is_true(leaves())
      assert.same({ erased = true, state = "ended" }, outbox:erase "447700900000")
      assert.is_false(leaves())
      assert.same({ state = "ended", outcome = "accepted" }, outbox:result(other))
      assert.is_false(outbox:add(ITEM, { key = "447700900000" }).is_new)
    end)

    it("cancels what waits", function()
      assert.same({ erased = true, state = "ended" }, outbox:erase "k")
      assert.is_false(leaves())
      assert.are.equal("not_sent", outbox:result(id).outcome)
      assert.are.equal(0, outbox:status().queued)
    end)

    it("forgets what is being sent when it has ended", function()
      step.take(id)
      step.begin(id)
      assert.same({ erased = false, state = "begun" }, outbox:erase(id))
      step.close(id, "accepted", { messages = { { to = "447700900000" } } })
      assert.is_false(leaves())
      assert.same({ state = "ended", outcome = "accepted" }, outbox:result(id))
    end)
  end)

  it("a text goes with its end where texts are not kept, but not before it is settled", function()
    local brief = assert(outboxes.new(server, { name = outbox.name, keep_texts = false }))
    id = assert(brief:add(ITEM)).id
    outboxes.finish(outbox, id, "ambiguous")
    assert.is_string(record().params)
    assert(outbox:resend(id))
    outboxes.finish(outbox, id, "accepted")
    assert.is_nil(record().params)
  end)
end)
