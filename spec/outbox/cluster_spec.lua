-- An outbox in a Redis Cluster: all its keys lie in one slot, and every script works there.

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

describe("An outbox in a Redis Cluster", function()
  local box = sandbox.for_specs()
  local server

  setup(function()
    server = redis_server.start(outboxes.DURABLE .. " --cluster-enabled yes")
    server:command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
    local gives_up = socket.gettime() + 10
    repeat
      assert(socket.gettime() < gives_up, "the cluster does not come up")
      socket.sleep(0.05)
    until server:command("CLUSTER", "INFO"):match "cluster_state:ok"
  end)
  teardown(function() server:stop() end)

  it("is added to, sent from, asked and decided about", function()
    local outbox = assert(outboxes.new(server, { name = "a}{b" }))
    local nexmo = wire.nexmo(box)
    local function key(item) return item["client-ref"] end
    assert(outbox:add(texts.list_of(30), { key = key }))
    assert(outbox:add(texts.item(31), { key = "r31", priority = "high" }))
    assert(outbox:add(texts.item(32), { key = "r32", not_before = os.time() + 1000 }))
    assert.is_true(outbox:cancel("r30").cancelled)
    box:fault { operation = "send_sms", kind = "lost_answer", count = 1 }
    local seen = texts.collect(nexmo, outbox:source { lease = 1, block = 0 }, { in_flight = 4 })
    assert.equal(30, texts.count_of(seen))
    local list = assert(outbox:ambiguous())
    assert.equal(1, #list)
    assert.is_true(outbox:resend(list[1].id))
    assert.equal(1, texts.count_of(texts.collect(nexmo, outbox:source { lease = 1, block = 0 })))
    assert.is_true(outbox:erase("r32").erased)
    assert.is_true(outbox:pause "done" and outbox:resume())
    local status = assert(outbox:status())
    assert.same({ queued = 0, delayed = 0, taken = 0, begun = 0, ambiguous = 0 }, status)
    for _, name in ipairs(server:command("KEYS", "*")) do
      assert.equal(server:command("CLUSTER", "KEYSLOT", outbox.keys[1]),
        server:command("CLUSTER", "KEYSLOT", name), name)
    end
  end)
end)
