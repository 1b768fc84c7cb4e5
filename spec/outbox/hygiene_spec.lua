-- What an outbox leaves in its Redis, and for how long.

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local socket = require "socket"

local ITEM = { from = "Acme", to = "447700900000", text = "Hello" }
local DAY = 86400000 -- milliseconds

describe("An outbox", function()
  local server, outbox, step

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function()
    outbox = assert(outboxes.new(server, { keep = 3 }))
    step = outboxes.stepping(outbox)
  end)

  local function time_left(name)
    return server:command("PTTL", outboxes.key(outbox, name))
  end

  it("has keys of one hash tag, whatever its name", function()
    local odd = assert(outboxes.new(server, { name = "a}b{c d\n*" }))
    assert.are.equal("sms:{outbox:a%7Db%7Bc%20d%0A%2A}:state", odd.keys[1])
    local id = assert(odd:add(ITEM, { key = "k" })).id
    assert.same({ state = "queued" }, odd:result(id))
  end)

  it("has nothing in common with an outbox of another name", function()
    local other = assert(outboxes.new(server))
    assert(outbox:add(ITEM, { key = "k" }))
    assert.are.equal("not_found", select(2, other:result "k").kind)
    assert.is_true(other:add(ITEM, { key = "k" }).is_new)
  end)

  it("remembers an item and its key for `keep` from its end, and not less", function()
    local id = assert(outbox:add(ITEM, { key = "k" })).id
    local key = "key:" .. outboxes.record(server, outbox, id).key
    for _, name in ipairs { "take", "begin" } do
      assert.same({ -1, -1 }, { time_left("item:" .. id), time_left(key) })
      step[name](id)
    end
    assert.same({ -1, -1 }, { time_left("item:" .. id), time_left(key) })
    step.close(id, "accepted")
    for _, name in ipairs { "item:" .. id, key } do
      assert.is_true(time_left(name) > 3 * DAY - 10000 and time_left(name) <= 3 * DAY + 1)
    end
  end)

  it("remembers what is ambiguous until it is settled, and `keep` from then on", function()
    local id = assert(outbox:add(ITEM, { key = "k" })).id
    outboxes.finish(outbox, id, "ambiguous")
    assert.are.equal(-1, time_left("item:" .. id))
    assert(outbox:settle(id, "accepted"))
    assert.is_true(time_left("item:" .. id) > 3 * DAY - 10000)
  end)

  it("forgets a key when its time is over", function()
    local brief = assert(outboxes.new(server, { keep = 0.05 / 86400 }))
    local id = assert(brief:add(ITEM, { key = "k" })).id
    outboxes.finish(brief, id, "accepted")
    local gives_up = socket.gettime() + 5
    while brief:result(id) do
      assert.is_true(socket.gettime() < gives_up)
      socket.sleep(0.01)
    end
    assert.is_true(brief:add(ITEM, { key = "k" }).is_new)
  end)

  it("keeps nothing of ends but records and keys", function()
    local list = {}
    for i = 1, 100 do list[i] = ITEM end
    for _, one in ipairs(assert(outbox:add(list))) do
      outboxes.finish(outbox, one.id, "accepted")
    end
    for _, name in ipairs { "high", "bulk" } do
      local length = server:command("XLEN", outboxes.key(outbox, name))
      assert.are.equal(0, length)
    end
    for _, name in ipairs { "leases", "delayed:bulk", "ready:bulk", "ambiguous", "untold" } do
      assert.are.equal(0, server:command("EXISTS", outboxes.key(outbox, name)))
    end
  end)

  it("forgets within ten minutes the keys of what was added without one", function()
    local id = assert(outbox:add(ITEM)).id
    assert.are.equal(-1, time_left("item:" .. id))
    for _, key in ipairs(server:command("KEYS", ("*%s}:key:*"):format(outbox.name))) do
      local left = server:command("PTTL", key)
      assert.is_true(left > 0 and left <= 600000, key)
    end
  end)

  it("names items by a clock that never runs backwards", function()
    local ahead = ("%.0f"):format((os.time() + 1000) * 1e6)
    assert(outbox:add(ITEM))
    server:command("HSET", outbox.keys[1], "clock", ahead)
    local first, second = assert(outbox:add(ITEM)).id, assert(outbox:add(ITEM)).id
    assert.is_true(first > ahead and second > first)
    assert.is_true(math.abs(outbox:status().oldest - 1000) < 10)
  end)

  it("runs no command that looks through all keys, and few different scripts", function()
    server:command("CONFIG", "RESETSTAT")
    for _ = 1, 5 do outbox:add { ITEM, ITEM } end
    outbox:status()
    outbox:ambiguous()
    local stats = server:command("INFO", "commandstats")
    assert.is_nil(stats:match "cmdstat_keys:" or stats:match "cmdstat_scan:")
    local scripts = server:command("INFO", "memory"):match "number_of_cached_scripts:(%d+)"
    assert.is_true(tonumber(scripts) < 30)
  end)
end)
