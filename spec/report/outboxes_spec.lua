-- What outboxes tell of themselves as gauges, where they are asked.

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sms = require "sms"

describe("Metrics of outboxes", function()
  local server

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)

  local function told(outbox)
    local found, families = {}, sms.metrics(nil, { outboxes = { outbox } })
    for _, name in ipairs { "up", "items", "oldest_seconds", "paused" } do
      for _, sample in ipairs(families["sms_outbox_" .. name].samples) do
        assert.equal(outbox.name, sample.labels.outbox)
        found[sample.labels.state or name] = sample.value
      end
    end
    return found
  end

  it("are how many items there are, and whether it is paused", function()
    local outbox = assert(outboxes.new(server))
    assert(outbox:add { from = "Acme", to = "447700900000", text = "Hello" })
    assert(outbox:add({ from = "Acme", to = "447700900001", text = "Later" },
      { not_before = os.time() + 1000 }))
    assert(outbox:pause "why")
    local found = told(outbox)
    assert.is_true(found.oldest_seconds >= 0)
    found.oldest_seconds = nil
    assert.same({ up = 1, paused = 1, queued = 1, delayed = 1,
      taken = 0, begun = 0, ambiguous = 0 }, found)
    local text = sms.metrics("openmetrics", { outboxes = { outbox } })
    assert.matches(('\nsms_outbox_items{outbox="%s",state="queued"} 1\n'):format(outbox.name), text)
    assert.is_nil(sms.metrics "prometheus":find "sms_outbox") -- nobody is asked without need
  end)

  it("say where an outbox does not answer", function()
    local away = redis_server.start(outboxes.DURABLE)
    local outbox = assert(outboxes.new(away))
    away:stop()
    assert.same({ up = 0 }, told(outbox))
  end)
end)
