-- A run over an outbox that is closed while its loop goes on.

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"
local working = require "sms.outbox.scripts.working"

describe("A run over an outbox that is closed", function()
  local box = sandbox.for_specs()
  local server, outbox

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function() outbox = assert(outboxes.new(server)) end)

  it("in its loop tells of what is ambiguous, and nobody does so again", function()
    assert(outbox:add(texts.list_of(4)))
    box:fault { kind = "latency", seconds = 0.5 }
    local nexmo, told = wire.nexmo(box, { timeout = 0.2 }), {}
    local function tell(run, and_close)
      for sent, _, err in run do
        local ref = sent["client-ref"]
        told[ref] = (told[ref] or 0) + 1
        assert.equal("ambiguous", err.outcome)
        if and_close then
          run:close()
          tell(nexmo:send_all(outbox:source { block = 0 }))
        end
      end
    end
    tell(nexmo:send_all(outbox:source {}, { in_flight = 4 }), true)
    assert.same({ r1 = 1, r2 = 1, r3 = 1, r4 = 1 }, told)
  end)

  it("and whose loop ends while Redis is away has told of nothing that is told again", function()
    assert(outbox:add(texts.list_of(3)))
    box:fault { kind = "latency", seconds = 0.5 }
    local told = {}
    local run = wire.nexmo(box, { timeout = 0.2 }):send_all(outbox:source {}, { in_flight = 3 })
    told[1] = run()["client-ref"]
    run:close()
    local put = run.queue.line.put
    function run.queue.line.put(line, script, ...)
      if script ~= working.told then return put(line, script, ...) end
      return nil, "it is away"
    end
    told[2] = run()["client-ref"]
    told[3] = run()["client-ref"]
    run.sleep = function() run.queue.line.put = nil end -- it comes back while that is waited for
    assert.is_nil((run()))
    assert.equal(0, server:command("ZCARD", outboxes.key(outbox, "leases")))
    table.sort(told)
    assert.same({ "r1", "r2", "r3" }, told)
  end)

  -- How its calls ended is not written yet when Redis starts anew, nor that its loop will not know.
  it("while Redis is away leaves to others what its loop was not told of", function()
    assert(outbox:add(texts.list_of(2)))
    box:fault { kind = "latency", seconds = 0.5 }
    local source = outbox:source { lease = 2 }
    local run = wire.nexmo(box, { timeout = 0.2 }):send_all(source, { in_flight = 2 })
    local put = run.queue.line.put
    function run.queue.line.put(line, script, ...)
      if script ~= working.finish then return put(line, script, ...) end
      return nil, "it is away"
    end
    local told = { [run()["client-ref"]] = 1 }
    run.queue.line.put = nil
    server:restart { with = "data" }
    run:close()
    for sent in wire.nexmo(box):send_all(outbox:source { lease = 0.5, block = 2.5 }) do
      told[sent["client-ref"]] = (told[sent["client-ref"]] or 0) + 1
    end
    assert.same({ r1 = 1, r2 = 1 }, told)
  end)

  it("by Ctrl-C, when a call has ended, tells of that in a loop that goes on", function()
    local id = assert(outbox:add(texts.item(1))).id
    local run = wire.nexmo(box):send_all(outbox:source { block = 0 })
    local put = run.queue.line.put
    function run.queue.line.put(line, script, ...)
      if script == working.finish then
        run.queue.line.put = nil
        error("interrupted!", 0)
      end
      return put(line, script, ...)
    end
    assert.equal("r1", run()["client-ref"])
    assert.has_error(function() run() end, "interrupted!")
    assert.is_nil((run()))
    assert.same({ 1, "accepted" }, { box:count(), outbox:result(id).outcome })
  end)

  for place, told_later in pairs { ["outbox/kept/pack"] = false,
    ["outbox/queue/muster"] = "ambiguous" } do
    it("by Ctrl-C in " .. place .. ", when a call has ended, lets nobody make it again", function()
      assert(outbox:add(texts.item(1)))
      local run
      local function interrupt(event)
        if event.name ~= "response" then return end
        local worker = next(run.pool.workers)
        debug.sethook(worker, function() -- as a signal does
          if debug.getinfo(2, "S").source:find(place, 1, true) then
            debug.sethook(worker)
            error("interrupted!", 0)
          end
        end, "c")
      end
      run = wire.nexmo(box, { on_event = interrupt }):send_all(outbox:source { lease = 0.3 })
      assert.equal("r1", run()["client-ref"])
      assert.has_error(function() run() end, "interrupted!")
      run:close()
      local source, told = outbox:source { lease = 0.3, block = 1 }, false
      for sent, _, err in wire.nexmo(box):send_all(source) do told = sent and err.outcome end
      assert.same({ told_later, 1 }, { told, #box:arrivals "send_sms" })
    end)
  end
end)
