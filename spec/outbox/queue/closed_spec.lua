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
        if and_close then run:close() end
      end
    end
    tell(nexmo:send_all(outbox:source {}, { in_flight = 4 }), true)
    tell(nexmo:send_all(outbox:source { block = 0 }))
    assert.same({ r1 = 1, r2 = 1, r3 = 1, r4 = 1 }, told)
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
end)
