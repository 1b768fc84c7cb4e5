-- A Redis that comes back with less than an outbox needs, while programs use it.

local outboxes = require "spec.support.outbox.outboxes"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local list_of, count_of = texts.list_of, texts.count_of

local COUNT = 20

describe("An outbox whose Redis comes back with less than it needs", function()
  local box = sandbox.for_specs()
  local server, warnings, weak_at

  before_each(function()
    server = redis_server.start(outboxes.DURABLE)
    warnings, weak_at = {}, nil
  end)
  after_each(function() server:stop() end)

  local function open(risk)
    return assert(outboxes.new(server, {
      risk = risk,
      connect = function() return redis_client.connect(server.port, 1) end,
      release = function(client) client:close() end,
    }))
  end

  local function come_back(options)
    server.options = options
    server:restart { with = "data" }
  end

  it("adds nothing until it has what it needs", function()
    local outbox = open()
    local id = assert(outbox:add(list_of(1)))[1].id
    come_back "--appendfsync everysec"
    assert.equal("queued", outbox:result(id).state) -- it may be read
    local added, err = outbox:add(list_of(3))
    assert.is_nil(added)
    assert.same({ "internal", "not_sent" }, { err.kind, err.outcome })
    assert.matches("appendfsync is everysec", err.message)
    assert.equal(1, outbox:status().queued)
    come_back(outboxes.DURABLE)
    assert(outbox:status()) -- is answered by another one
    assert(outbox:add(list_of(3)))
    assert.equal(4, outbox:status().queued)
  end)

  it("has added nothing either where it was the first call that found out", function()
    local outbox = open()
    assert(outbox:status())
    come_back "--appendfsync everysec"
    local added, err = outbox:add(list_of(150))
    assert.is_nil(added)
    assert.matches("appendfsync is everysec", err.message)
    assert.equal(0, outbox:status().queued)
  end)

  it("begins nothing, says so once, and goes on as soon as it has what it needs", function()
    local outbox = open()
    assert(outbox:add(list_of(COUNT), { key = function(one) return one["client-ref"] end }))
    local naps = 0
    local nexmo = wire.nexmo(box, { on_event = function(event)
      if event.name == "warning" then
        warnings[#warnings + 1] = event.message
        if event.message:find "appendfsync" then weak_at = box:count() end
      end
    end })
    local run = nexmo:send_all(outbox:source { lease = 1, block = 0.5 }, { in_flight = 2 })
    local sleep, seen, known = run.sleep, {}, nil
    function run.sleep(seconds) -- where the run waits
      if weak_at and not known then
        naps = naps + 1
        if naps == 10 then
          known = box:count()
          server:command("CONFIG", "SET", "appendfsync", "always")
        end
      end
      return sleep(seconds)
    end
    for sent, _, err in run do
      assert.is_nil(err)
      seen[sent["client-ref"]] = true
      if count_of(seen) == 5 then come_back "--appendfsync everysec" end
    end
    assert.equal(COUNT, count_of(seen))
    assert.equal(weak_at, known)
    assert.equal(COUNT, box:count())
    local told = 0
    for _, message in ipairs(warnings) do
      told = told + (message:find("appendfsync is everysec, not always", 1, true) and 1 or 0)
    end
    assert.equal(1, told)
    for i = 1, COUNT do assert.equal("accepted", outbox:result("r" .. i).outcome) end
  end)

  it("goes on where the risk is accepted", function()
    local outbox = open "accepted"
    assert(outbox:add(list_of(COUNT)))
    local seen = {}
    local run = wire.nexmo(box):send_all(outbox:source { lease = 1, block = 0.5 },
      { in_flight = 2 })
    for sent, _, err in run do
      assert.is_nil(err)
      seen[sent["client-ref"]] = true
      if count_of(seen) == 5 then come_back "--appendfsync everysec" end
    end
    assert.equal(COUNT, count_of(seen))
    assert.equal(COUNT, box:count())
  end)
end)
