-- What an outbox tells: of one item, of those that are ambiguous, of all.

local core = require "sms.core"
local loops = require "spec.support.loops"
local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sms = require "sms"

local ITEM = { from = "Acme", to = "447700900000", text = "Hello" }
local RESULT = { ["message-count"] = "1", messages = { { status = "0", to = "447700900000" } } }
local ERR = { kind = "server", outcome = "ambiguous", message = "no whole answer came",
  provider = "nexmo", operation = "send_sms", status = 502, retryable = false }

describe("An outbox", function()
  local server, outbox, step

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function()
    outbox = assert(outboxes.new(server))
    step = outboxes.stepping(outbox)
  end)

  it("tells the state of an item by its id and by its key, and how it ended", function()
    local id = assert(outbox:add(ITEM, { key = "k" })).id
    assert.same({ state = "queued" }, outbox:result "k")
    step.take(id)
    assert.same({ state = "taken" }, outbox:result(id))
    step.begin(id)
    assert.same({ state = "begun" }, outbox:result "k")
    step.close(id, "accepted", RESULT)
    local ended = { state = "ended", outcome = "accepted", result = RESULT }
    assert.same(ended, outbox:result "k")
    assert.same(ended, outbox:result(id))
  end)

  it("tells an error as one of this library", function()
    local id = assert(outbox:add(ITEM)).id
    outboxes.finish(outbox, id, "ambiguous", nil, ERR)
    local read = assert(outbox:result(id))
    assert.is_true(sms.is_error(read.err))
    assert.same({ "ambiguous", 502, "nexmo send_sms: no whole answer came [server, ambiguous]" },
      { read.outcome, read.err.status, tostring(read.err) })
  end)

  it("knows no item that was never added", function()
    for _, call in ipairs { "result", "cancel", "erase", "resend" } do
      local done, err = outbox[call](outbox, "nobody")
      assert.is_nil(done)
      assert.same({ "not_found", "outbox", call }, { err.kind, err.provider, err.operation })
    end
  end)

  it("does not take a key for an id, nor an id for another one's key", function()
    local first = assert(outbox:add(ITEM)).id
    assert(outbox:add(ITEM, { key = first }))
    local read, err = outbox:result(first)
    assert.is_nil(read)
    assert.are.equal("invalid", err.kind)
  end)

  it("waits for an end, as long as it is told", function()
    local id = assert(outbox:add(ITEM)).id
    local began = core.now()
    assert.same({ state = "queued" }, outbox:wait(id, 0.2))
    assert.is_true(core.now() - began >= 0.2)
    local read
    sms.all { function() read = assert(outbox:wait(id, 10)) end, function()
      outboxes.finish(outbox, id, "accepted", RESULT)
    end }
    assert.are.equal("accepted", read.outcome)
    assert.is_true(core.now() - began < 5)
    assert.are.equal("not_found", select(2, outbox:wait("nobody", 10)).kind)
  end)

  for name, tested in pairs(loops) do
    it("waits in a loop of " .. name .. " without holding it up", function()
      local client = sms.nexmo { api_key = "abcd1234", api_secret = "0123456789abcdef",
        runtime = tested.runtime }
      finally(function() client:close() end)
      local own = assert(outboxes.new(server, { client = client }))
      local id = assert(own:add(ITEM)).id
      local read, before
      tested.run { function() read = assert(own:wait(id, 10)) end, function()
        before = read
        outboxes.finish(own, id, "accepted", RESULT)
      end }
      assert.is_nil(before)
      assert.are.equal("accepted", read.outcome)
    end)
  end

  it("counts what there is to do", function()
    local ids = {}
    for i = 1, 5 do ids[i] = assert(outbox:add(ITEM)).id end
    assert(outbox:add(ITEM, { not_before = os.time() + 1000 }))
    step.take(ids[2])
    step.take(ids[3])
    step.begin(ids[3])
    outboxes.finish(outbox, ids[4], "ambiguous")
    outboxes.finish(outbox, ids[5], "accepted")
    local status = assert(outbox:status())
    assert.is_true(status.oldest > 0 and status.oldest < 10)
    status.oldest = nil
    assert.same({ queued = 1, delayed = 1, taken = 1, begun = 1, ambiguous = 1 }, status)
  end)

  it("tells the age of the oldest that has not ended", function()
    assert.is_nil(outbox:status().oldest)
    assert(outbox:add(ITEM, { not_before = os.time() + 1000 }))
    assert.is_nil(outbox:status().oldest)
    local first = assert(outbox:add(ITEM)).id
    local second = assert(outbox:add(ITEM)).id
    local before = outbox:status().oldest
    step.take(first)
    assert.is_true(outbox:status().oldest > before)
    step.close(first, "accepted")
    assert.is_true(outbox:status().oldest < before + (second - first) / 1e6 + 1)
  end)

  it("lists what is ambiguous, the oldest first, however many", function()
    local list = {}
    for i = 1, 250 do list[i] = { to = ("4477009%05d"):format(i) } end
    local added = assert(outbox:add(list, { priority = "high",
      key = function(item) return item.to end }))
    for i = 250, 1, -1 do step.close(added[i].id, "ambiguous", nil, ERR) end
    local found = assert(outbox:ambiguous())
    assert.are.equal(250, #found)
    for i, one in ipairs(found) do
      assert.same({ added[i].id, list[i].to, list[i] }, { one.id, one.key, one.item })
    end
    local one = found[1]
    assert.same({ "high", true, true, 502 }, { one.priority, one.ended >= one.added,
      math.abs(one.added - os.time()) < 100, one.err.status })
    assert.is_true(sms.is_error(one.err))
    assert.same({}, assert(outboxes.new(server)):ambiguous())
  end)

  it("lists what is ambiguous though some of it cannot be read", function()
    local ids = {}
    for i = 1, 3 do
      ids[i] = assert(outbox:add({ to = "447700900000", text = "Hello" }, { key = "k" .. i })).id
      outboxes.finish(outbox, ids[i], "ambiguous")
    end
    server:command("HSET", outboxes.key(outbox, "item:" .. ids[2]), "params", "x")
    local list = assert(outbox:ambiguous())
    assert.same(ids, { list[1].id, list[2].id, list[3].id })
    assert.same({ "Hello", "k2" }, { list[3].item.text, list[2].key })
    assert.is_nil(list[2].item)
    assert.matches("cannot be read", list[2].err.message)
    assert.is_nil(list[1].err)
  end)
end)
