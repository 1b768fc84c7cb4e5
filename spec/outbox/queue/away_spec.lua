-- A Redis that is away, or full, while a worker runs.

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local list_of, count_of = texts.list_of, texts.count_of

describe("While Redis is away", function()
  local box = sandbox.for_specs()
  local server, outbox, warnings, nexmo

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function()
    outbox = assert(outboxes.new(server))
    warnings = {}
    nexmo = wire.nexmo(box, { on_event = function(event)
      if event.name == "warning" then warnings[#warnings + 1] = event.message end
    end })
  end)

  local function key_of(one) return one["client-ref"] end

  local function assert_once(count)
    local seen = {}
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
    end
    assert.equal(count, count_of(seen))
  end

  it("a run goes on as soon as it is back", function()
    assert(outbox:add(list_of(60), { key = key_of }))
    local seen, rounds = {}, 0
    local source = outbox:source { lease = 1, block = 0.5 }
    for sent, _, err in nexmo:send_all(source, { in_flight = 4 }) do
      rounds = rounds + 1
      assert.is_nil(err)
      seen[sent["client-ref"]] = true
      if rounds == 10 then server:restart { with = "data" } end
    end
    assert.equal(60, count_of(seen))
    assert_once(60)
    assert.same({ 0, 0 }, { outbox:status().begun, outbox:status().ambiguous })
  end)

  it("nothing begins, and what has ended is told at once and written later", function()
    assert(outbox:add(list_of(30), { key = key_of }))
    box:fault { kind = "latency", seconds = 0.1 }
    local paused, told_meanwhile = nil, 0
    local seen, errs = {}, {}
    local source = outbox:source { lease = 1.5, block = 0.5 }
    for sent, _, err in nexmo:send_all(source, { in_flight = 4 }) do
      seen[sent["client-ref"]], errs[sent["client-ref"]] = 1, err
      if not paused then
        server:kill()
        paused = box:count()
      elseif told_meanwhile < 3 then
        told_meanwhile = told_meanwhile + 1
        if told_meanwhile == 3 then
          assert.equal(paused, box:count())
          assert.equal(1, #warnings)
          server:launch()
        end
      end
    end
    assert.same({ 30, {} }, { count_of(seen), errs })
    assert_once(30)
    for i = 1, 30 do assert.equal("accepted", outbox:result("r" .. i).outcome) end
  end)

  it("a run that is closed then tries to write what has ended", function()
    assert(outbox:add(list_of(4), { key = key_of }))
    for i = 2, 4 do box:fault { ref = "r" .. i, kind = "latency", seconds = 0.4 } end
    local items = nexmo:send_all(outbox:source { lease = 2 }, { in_flight = 4 })
    items()
    server:kill()
    local sleep, launched = items.sleep, false
    function items.sleep(seconds)
      if not launched then
        launched = true
        server:launch()
      end
      return sleep(seconds)
    end
    items:close()
    local status = outbox:status()
    assert.same({ 0, 0, 0 }, { status.begun, status.taken, status.queued })
    for i = 1, 4 do assert.equal("accepted", outbox:result("r" .. i).outcome) end
  end)

  it("nothing begins where it is full, and every end is written", function()
    assert(outbox:add(list_of(30), { key = key_of }))
    box:fault { kind = "latency", seconds = 0.1 }
    local begun_by_then
    nexmo = wire.nexmo(box, { on_event = function(event)
      if event.name == "warning" then
        assert.matches("OOM", event.message)
        begun_by_then = outbox:status().begun
        server:command("CONFIG", "SET", "maxmemory", "0")
      end
    end })
    local seen = {}
    local source = outbox:source { lease = 1, block = 0.5 }
    for sent, _, err in nexmo:send_all(source, { in_flight = 4 }) do
      assert.is_nil(err)
      seen[sent["client-ref"]] = true
      if count_of(seen) == 5 then server:command("CONFIG", "SET", "maxmemory", "1mb") end
    end
    assert.same({ 30, true }, { count_of(seen), begun_by_then <= 4 })
    assert_once(30)
    for i = 1, 30 do assert.equal("accepted", outbox:result("r" .. i).outcome) end
  end)
end)
