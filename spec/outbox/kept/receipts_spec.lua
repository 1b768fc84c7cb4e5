-- The result of an item has what delivery receipts said of its message, whichever machine they
-- came to.

local outboxes = require "spec.support.outbox.outboxes"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local sms_redis = require "sms.redis"
local wire = require "spec.support.wire"

local ITEM = { from = "Acme", to = "447700900000", text = "Hello" }

local function sent(...)
  local messages = {}
  for i, id in ipairs { ... } do
    messages[i] = { status = "0", ["message-id"] = id, to = ITEM.to }
  end
  return { ["message-count"] = tostring(#messages), messages = messages }
end

local function receipt(id, status, code)
  return { messageId = id, status = status, ["err-code"] = code or "0", msisdn = ITEM.to,
    to = "Acme", ["message-timestamp"] = "2018-10-25 12:10:00", price = "0.03330000" }
end

describe("The result of an outbox", function()
  local box = sandbox.for_specs()
  local server, outbox, receipts

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function()
    outbox = assert(outboxes.new(server))
    local given = redis_client.options(server.port)
    given.name = outbox.name
    receipts = sms.receipts.new(sms_redis.store(given))
  end)

  local function ended(result, err)
    local id = assert(outbox:add(ITEM)).id
    outboxes.finish(outbox, id, result and "accepted" or err.outcome, result, err)
    return id
  end

  it("has the provider's receipt, and whether it is the last word", function()
    local id = ended(sent "A")
    assert.is_nil(outbox:result(id).receipt)
    assert(receipts:add(receipt("A", "accepted")))
    assert.same({ "accepted", false },
      { outbox:result(id).receipt.status, outbox:result(id).receipt.final })
    assert(receipts:add(receipt("A", "failed", "8")))
    local told = outbox:result(id).receipt
    local fields = receipt("A", "failed", "8")
    fields.messageId = nil
    for name, value in pairs(fields) do assert.equal(value, told[name]) end
    assert.same({ true, false, false, "A" },
      { told.final, told.doubtful, told.conflict, told.parts[1].id })
    assert.same(told, outbox:wait(id, 0).receipt)
  end)

  it("has one that came before the result was written", function()
    assert(receipts:add(receipt("A", "delivered")))
    assert.equal("delivered", outbox:result(ended(sent "A")).receipt.status)
  end)

  it("has the worst of several parts, though nobody has told of these", function()
    local id = ended(sent("A", "B", "C"))
    assert(receipts:add(receipt("C", "delivered")))
    assert.same({ "sent", false, "0" }, { outbox:result(id).receipt.status,
      outbox:result(id).receipt.final, outbox:result(id).receipt["err-code"] })
    assert(receipts:add(receipt("A", "delivered")))
    assert(receipts:add(receipt("B", "failed", "7")))
    local told = outbox:result(id).receipt
    assert.same({ "failed", true, "7", 3 },
      { told.status, told.final, told["err-code"], #told.parts })
  end)

  it("has that of a message of which a part was refused", function()
    local result = sent("A", "B")
    result.messages[2] = { status = "9", ["error-text"] = "Quota Exceeded" }
    local id = ended(nil, { kind = "partial", outcome = "accepted", message = "a part was refused",
      result = result })
    assert(receipts:add(receipt("A", "delivered")))
    assert.same({ "refused", "delivered" }, { outbox:result(id).receipt.status,
      outbox:result(id).receipt.parts[1].status })
  end)

  it("has none where there is no message", function()
    for _, id in ipairs { ended { jobId = "J.1" }, ended { call_id = "c", status = "0" },
      ended(nil, { kind = "timeout", outcome = "ambiguous", message = "no answer came" }),
      assert(outbox:add(ITEM)).id } do
      local read = assert(outbox:result(id))
      assert.is_nil(read.receipt)
    end
  end)

  it("has none of another outbox", function()
    local id = ended(sent "A")
    local given = redis_client.options(server.port)
    given.name = outbox.name .. "x"
    assert(sms.receipts.new(sms_redis.store(given)):add(receipt("A", "delivered")))
    assert.is_nil(outbox:result(id).receipt)
  end)

  it("is an error where receipts cannot be read", function()
    local id = ended(sent "A")
    server:command("SET", outboxes.key(outbox, "store:sms:message:A"), ("x"):rep(40))
    local read, err = outbox:result(id)
    assert.is_nil(read)
    assert.same({ "internal", "result" }, { err.kind, err.operation })
    assert.matches("cannot be read", err.message)
  end)

  it("does not have whom they are about where the item was erased while it was sent", function()
    assert(outbox:add(ITEM, { key = "a" }))
    local run = wire.nexmo(box):send_all(outbox:source { block = 0 })
    local begin = run.queue.begin
    function run.queue.begin(...)
      assert.is_true(begin(...))
      assert.is_false(outbox:erase("a").erased)
      return true
    end
    local _, sent_as = run()
    local id = sent_as.messages[1]["message-id"]
    assert(receipts:add(receipt(id, "delivered")))
    local kept = server:command("GET", outboxes.key(outbox, "store:sms:message:" .. id))
    assert.is_nil(kept:find(ITEM.to, 1, true))
  end)

  it("does not have it either where the item ends while it is erased", function()
    local id = assert(outbox:add(ITEM, { key = "a" })).id
    local step, forget = outboxes.stepping(outbox), outbox.messages.forget
    step.take(id)
    step.begin(id)
    outbox.messages = { forget = function(...)
      outbox.messages = { forget = forget }
      step.close(id, "accepted", sent "A")
      return forget(...)
    end }
    assert.is_true(outbox:erase("a").erased)
    assert(receipts:add(receipt("A", "delivered")))
    local kept = server:command("GET", outboxes.key(outbox, "store:sms:message:A"))
    assert.is_nil(kept:find(ITEM.to, 1, true))
  end)
end)
