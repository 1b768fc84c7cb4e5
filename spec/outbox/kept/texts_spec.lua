-- Where texts are not kept, or an item is erased, or all is sealed, a search of the whole Redis
-- finds no text, no number and no key of it.

local contents = require "spec.support.outbox.contents"
local outboxes = require "spec.support.outbox.outboxes"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local sms_redis = require "sms.redis"
local wire = require "spec.support.wire"

local NUMBER, TEXT, REF = "447700900123", "Your secret code is 4711", "ref-of-somebody"
local KEY = "key of 447700900123"
local ALL = { NUMBER, TEXT, REF, KEY, "7700900123" }

local function item()
  return { from = "Acme", to = NUMBER, text = TEXT, ["client-ref"] = REF }
end

--- What the provider says of it.
local function result()
  return { ["message-count"] = "1", messages = { { to = NUMBER, ["message-id"] = "0B01",
    status = "0", ["client-ref"] = REF } } }
end

local function receipt(status)
  return { messageId = "0B01", status = status or "delivered", msisdn = NUMBER, to = "Acme",
    ["client-ref"] = REF, ["err-code"] = "0", ["message-timestamp"] = "2018-10-25 12:10:00" }
end

describe("In Redis", function()
  local server

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function() server:command "FLUSHALL" end)

  local function outbox_of(options)
    return assert(outboxes.new(server, wire.changed({ name = "texts" }, options or {})))
  end

  local function receipts_of(options)
    local given = redis_client.options(server.port)
    given.name = "texts"
    return sms.receipts.new(sms_redis.store(wire.changed(given, options or {})))
  end

  --- Which of text, number, reference and key can be found.
  local function left()
    local whole, found = contents.of(server), {}
    for _, part in ipairs(ALL) do
      found[#found + 1] = whole:find(part, 1, true) and part or nil
    end
    return found
  end

  local function add(outbox, more)
    return assert(outbox:add(item(), wire.changed({ key = KEY }, more or {}))).id
  end

  describe("what was erased", function()
    it("is gone, whether it waits, is delayed or was taken", function()
      local outbox = outbox_of()
      local step = outboxes.stepping(outbox)
      for way = 1, 3 do
        server:command "FLUSHALL"
        local id = add(outbox, way == 2 and { not_before = os.time() + 1000 } or nil)
        if way == 3 then step.take(id) end
        assert.same(ALL, left())
        assert.same({ erased = true, state = "ended" }, outbox:erase(id))
        assert.same({}, left())
        assert.same({ id = id, is_new = false }, outbox:add(item(), { key = KEY }))
        assert.same({}, left())
      end
    end)

    it("is gone when it has ended, where it was begun", function()
      for _, outcome in ipairs { "accepted", "ambiguous" } do
        server:command "FLUSHALL"
        local outbox = outbox_of()
        local step = outboxes.stepping(outbox)
        local id = add(outbox)
        step.take(id)
        step.begin(id)
        assert.is_false(outbox:erase(KEY).erased)
        assert.same(ALL, left())
        step.close(id, outcome, result())
        assert.same({}, left())
        assert.equal(outcome, outbox:result(id).outcome)
      end
    end)

    it("is gone from its receipts, too, those to come included", function()
      local outbox, receipts = outbox_of(), receipts_of()
      local id = add(outbox)
      outboxes.finish(outbox, id, "accepted", result())
      assert(receipts:add(receipt "buffered"))
      assert.equal("buffered", outbox:result(id).receipt.status)
      assert.same(ALL, left())
      assert.is_true(outbox:erase(id).erased)
      assert.same({}, left())
      assert.equal("delivered", assert(receipts:add(receipt())).status)
      assert.same({}, left())
    end)

    it("is gone though the receipts were in an error's result", function()
      local outbox, receipts = outbox_of(), receipts_of()
      local id = add(outbox)
      outboxes.finish(outbox, id, "accepted", nil, { kind = "partial", outcome = "accepted",
        message = "some parts were refused", result = result() })
      assert(receipts:add(receipt()))
      assert.equal("delivered", outbox:result(id).receipt.status)
      assert.is_true(outbox:erase(id).erased)
      assert.same({}, left())
    end)

    it("is gone though nobody has the secret any more", function()
      local outbox = outbox_of { seal = "old" }
      local id = add(outbox)
      outboxes.finish(outbox, id, "accepted", result())
      assert.is_true(outbox_of({ seal = "new" }):erase(id).erased)
      assert.is_nil(outboxes.record(server, outbox, id).params)
    end)
  end)

  describe("without texts", function()
    it("what was cancelled or refused is gone", function()
      local outbox = outbox_of { keep_texts = false }
      local step = outboxes.stepping(outbox)
      local id = add(outbox)
      assert.same(ALL, left())
      assert.is_true(outbox:cancel(KEY).cancelled)
      assert.same({}, left())
      local other = assert(outbox:add(item(), { key = KEY .. "2" })).id
      assert.not_equal(id, other)
      step.take(other)
      step.close(other, "rejected", nil,
        { kind = "rejected", outcome = "rejected", message = "no" })
      assert.same({}, left())
    end)

    it("what is ambiguous stays until it is settled, since it may be sent again", function()
      local outbox = outbox_of { keep_texts = false }
      local id = add(outbox)
      outboxes.finish(outbox, id, "ambiguous", nil, { kind = "timeout", outcome = "ambiguous",
        message = "no answer came" })
      assert.same({ item(), KEY }, { outbox:ambiguous()[1].item, outbox:ambiguous()[1].key })
      assert(outbox:settle(id, "rejected"))
      assert.same({}, left())
    end)

    it("receipts are kept where their store or their outbox keeps none", function()
      assert.equal("delivered", assert(receipts_of({ keep_texts = false }):add(receipt())).status)
      assert.same({}, left())
      server:command "FLUSHALL"
      assert(receipts_of():add(receipt "accepted"))
      assert.same({ NUMBER, REF, "7700900123" }, left())
      server:command "FLUSHALL"
      assert(outbox_of({ keep_texts = false }):add { from = "Acme", to = "1", text = "Other" })
      assert(receipts_of():add(receipt()))
      assert.same({}, left())
    end)
  end)

  it("nothing can be read that is sealed, and all is there for who has a secret", function()
    local seal = { ("new"):rep(20), "old" }
    local outbox, receipts = outbox_of { seal = seal }, receipts_of { seal = seal }
    local id = add(outbox)
    assert.same({}, left())
    outboxes.finish(outbox, id, "ambiguous", nil, { kind = "timeout", outcome = "ambiguous",
      message = "no answer", result = result() })
    assert(receipts:add(receipt()))
    assert.same({}, left())
    local one = outbox_of({ seal = seal[1] }):ambiguous()[1]
    assert.same({ item(), KEY, result() }, { one.item, one.key, one.err.result })
    local read = outbox_of({ seal = seal[1] }):result(KEY)
    assert.same({ "delivered", NUMBER },
      { read.receipt.status, read.receipt.parts[1].receipt.msisdn })
    local nothing, err = outbox_of({ seal = "another" }):result(KEY)
    assert.is_nil(nothing)
    assert.matches("sealed with a secret that is not among those given here", err.message)
  end)
  describe("a run of send_all", function()
    local box = sandbox.for_specs()

    --- Sends what there is, whose receipt comes at once; how it stands then.
    local function send(adder, sender)
      local id = add(adder)
      for sent, said, err, entry in wire.nexmo(box):send_all(sender:source { block = 0 }) do
        assert.is_nil(err)
        assert.same({ item(), KEY, NUMBER }, { sent, entry.key, said.messages[1].to })
        local fields = receipt()
        fields.messageId = said.messages[1]["message-id"]
        assert(receipts_of():add(fields))
      end
      return assert(adder:result(id))
    end

    it("leaves nothing of what it has sent, and its results without numbers", function()
      for _, keep in ipairs { { false, true }, { true, false }, { false, false } } do
        server:command "FLUSHALL"
        local read = send(outbox_of { keep_texts = keep[1] }, outbox_of { keep_texts = keep[2] })
        assert.same({}, left())
        assert.same({ "accepted", "…0123", "delivered" },
          { read.outcome, read.result.messages[1].to, read.receipt.status })
      end
    end)

    it("puts back what is sealed with a secret that it has not, for one that has it", function()
      local warnings = {}
      local id = add(outbox_of { seal = "old" })
      local client = wire.nexmo(box, { on_event = function(event)
        warnings[#warnings + 1] = event.name == "warning" and event.message or nil
      end })
      for _, outbox in ipairs { outbox_of(), outbox_of { seal = "new" } } do
        for _ in client:send_all(outbox:source { block = 0 }) do error "told" end
        server:command("ZADD", outboxes.key(outbox, "delayed:bulk"), 1, id) -- its pause is over
      end
      assert.equal(0, box:count())
      assert.equal("queued", outbox_of({ seal = "new" }):result(id).state)
      assert.same({ "an item of the outbox cannot be read here: it is sealed, and no secret is "
        .. "given here (seal)", "an item of the outbox cannot be read here: it is sealed with a "
        .. "secret that is not among those given here (seal)" }, warnings)
      local told = 0
      for sent in client:send_all(outbox_of({ seal = { "new", "old" } }):source { block = 0 }) do
        assert.same(item(), sent)
        told = told + 1
      end
      assert.same({ 1, 1 }, { told, box:count() })
    end)

    it("leaves all as it was said where texts are kept", function()
      local read = send(outbox_of(), outbox_of())
      assert.same(ALL, left())
      assert.same({ "accepted", NUMBER, NUMBER }, { read.outcome, read.result.messages[1].to,
        read.receipt.parts[1].receipt.msisdn })
    end)
  end)
end)
