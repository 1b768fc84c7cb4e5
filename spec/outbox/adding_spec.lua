-- What is added to an outbox: once for each key, all of a list or none, as it was given.

local outboxes = require "spec.support.outbox.outboxes"
local pack = require "sms.outbox.kept.pack"
local redis_server = require "spec.support.servers.redis_server"
local sms = require "sms"

local ITEM = { from = "Acme", to = "447700900000", text = "Hello" }

describe("outbox:add", function()
  local server, outbox

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function() outbox = assert(outboxes.new(server)) end)

  local function queued()
    return assert(outbox:status()).queued
  end

  local function params_of(id)
    return pack.decode(outboxes.record(server, outbox, id).params)
  end

  it("gives an id, and the item waits", function()
    local added = assert(outbox:add(ITEM))
    assert.matches("^%d+$", added.id)
    assert.is_true(added.is_new)
    assert.same({ state = "queued" }, outbox:result(added.id))
    assert.same(ITEM, params_of(added.id))
  end)

  it("gives each item without a key an id of its own", function()
    local first, second = outbox:add(ITEM), outbox:add(ITEM)
    assert.are_not.equal(first.id, second.id)
    assert.is_true(first.id < second.id)
    assert.are.equal(2, queued())
  end)

  it("takes the same key once, and the first params win", function()
    local first = assert(outbox:add(ITEM, { key = "order 7" }))
    local second = assert(outboxes.new(server, { name = outbox.name }))
      :add({ from = "Acme", to = "447700900001", text = "Other" }, { key = "order 7" })
    assert.same({ id = first.id, is_new = false }, second)
    assert.same(ITEM, params_of(first.id))
    assert.are.equal(1, queued())
  end)

  it("takes a whole number as a key", function()
    local first = assert(outbox:add(ITEM, { key = 7 }))
    assert.are.equal(first.id, outbox:add(ITEM, { key = "7" }).id)
    assert.same({ state = "queued" }, outbox:result(7))
  end)

  for _, outcome in ipairs { "accepted", "rejected", "not_sent", "ambiguous" } do
    it("takes a key once though its item has ended " .. outcome, function()
      local id = assert(outbox:add(ITEM, { key = "k" })).id
      outboxes.finish(outbox, id, outcome)
      assert.same({ id = id, is_new = false }, outbox:add(ITEM, { key = "k" }))
      assert.are.equal(outcome, outbox:result("k").outcome)
      assert.are.equal(0, queued())
    end)
  end

  it("gives back what went in: empty tables, numbers, any bytes", function()
    local item = { from = "Acme", to = "447700900000", text = "\0\255\r\n", ttl = 86400000,
      ["client-ref"] = "7", options = {}, share = 0.1 }
    local id = assert(outbox:add(item)).id
    local same = params_of(id)
    assert.same(item, same)
    assert.are.equal("86400000", tostring(same.ttl))
  end)

  it("adds lists of any length, in their order", function()
    local list = {}
    for i = 1, 1234 do list[i] = { to = ("4477009%05d"):format(i), from = "A", text = "x" } end
    local added = assert(outbox:add(list, { key = function(item) return item.to end }))
    assert.are.equal(1234, #added)
    for i = 2, #added do assert.is_true(added[i - 1].id < added[i].id) end
    assert.same(list[777], params_of(added[777].id))
    assert.are.equal(1234, queued())
    for _, one in ipairs(assert(outbox:add(list, { key = function(item) return item.to end }))) do
      assert.is_false(one.is_new)
    end
    assert.are.equal(1234, queued())
  end)

  it("adds a key that stands in a list twice once", function()
    local added = assert(outbox:add({ ITEM, { text = "b" }, ITEM }, { key = function(item)
      return item.text
    end }))
    assert.same({ added[1].id, true }, { added[3].id, added[1].is_new })
    assert.is_false(added[3].is_new)
    assert.are.equal(2, queued())
  end)

  it("adds nothing for an empty list", function()
    assert.same({}, outbox:add {})
    assert.are.equal(0, queued())
  end)

  local function sound(i)
    return { from = "A", to = ("4477009%05d"):format(i), text = "x" }
  end

  local BAD = {
    ["an item that is no table"] = { "text", "item 150 of the list is a string" },
    ["a text of more than 64 KiB"] = { { text = ("x"):rep(70000) }, "items%[150%]" },
    ["a function"] = { { text = print }, "items%[150%]" },
  }
  for name, bad in pairs(BAD) do
    it("adds none of a list with " .. name, function()
      local list = {}
      for i = 1, 300 do list[i] = i == 150 and bad[1] or sound(i) end
      local added, err = outbox:add(list)
      assert.is_nil(added)
      assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome })
      assert.matches(bad[2], tostring(err))
      assert.are.equal(0, queued())
    end)
  end

  it("adds none of a list in which a key is wrong", function()
    local added, err = outbox:add({ sound(1), sound(2) }, { key = function(item)
      return item.to:find "2$" and "" or "a"
    end })
    assert.is_nil(added)
    assert.are.equal("items[2].key", err.problems[1].path)
    assert.are.equal(0, queued())
  end)

  it("finds a list that has a hole, and one that has names", function()
    assert.matches("item 2 of the list is missing", tostring(select(2,
      outbox:add { sound(1), nil, sound(3) })))
    assert.matches("names", tostring(select(2, outbox:add { sound(1), to = "447700900000" })))
  end)

  describe("with a client", function()
    local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "0123456789abcdef" }
    local retarus = sms.retarus { username = "u", password = "p" }
    teardown(function()
      nexmo:close()
      retarus:close()
    end)

    it("adds none where one is not what send_all takes, and names all that is wrong", function()
      outbox = assert(outboxes.new(server, { client = nexmo }))
      local added, err = outbox:add { sound(1), { from = "A", to = "12", text = "x" },
        { from = "A", to = "447700900000" }, sound(4) }
      assert.is_nil(added)
      assert.are.equal("invalid", err.kind)
      assert.same({ "items[2].to", "items[3].text" },
        { err.problems[1].path, err.problems[2].path })
      assert.are.equal(0, queued())
      assert.is_true(outbox:add(sound(1)).is_new)
      assert.are.equal("to", select(2, outbox:add { from = "A", to = "12", text = "x" })
        .problems[1].path)
    end)

    it("checks recipients with their text for Retarus", function()
      outbox = assert(outboxes.new(server, { client = retarus }))
      assert.is_true(outbox:add({ text = "Hello", dst = "+491760000001" }).is_new)
      assert.are.equal("items[1].dst", select(2, outbox:add { { text = "Hello" } })
        .problems[1].path)
      assert.are.equal(1, queued())
    end)
  end)

  it("keeps back what is not to be sent yet", function()
    local now = os.time()
    assert(outbox:add(ITEM, { not_before = now + 100, not_after = now + 200 }))
    assert(outbox:add(ITEM, { not_before = now - 100 }))
    local status = assert(outbox:status())
    assert.same({ 1, 1 }, { status.queued, status.delayed })
  end)

  it("puts what is high in a place of its own", function()
    assert(outbox:add(ITEM, { priority = "high" }))
    assert(outbox:add(ITEM, { priority = "bulk" }))
    assert.same({ 1, 1 }, { server:command("XLEN", outboxes.key(outbox, "high")),
      server:command("XLEN", outboxes.key(outbox, "bulk")) })
  end)
end)
