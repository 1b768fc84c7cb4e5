-- What is ambiguous is told, also where Redis has come back and been told of it, and where the
-- worker that was to tell it is gone.

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"

local function item(number)
  return { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = number }
end

describe("An ambiguous item", function()
  local box = sandbox.for_specs()
  local server, client

  setup(function()
    server = redis_server.start(outboxes.DURABLE)
    client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
      base_url = box.urls.nexmo, rate_limit = false, timeout = 1 }
  end)
  teardown(function()
    client:close()
    server:stop()
  end)

  --- Another worker, until it has had nothing to do for longer than a lease: what it is told.
  local function told_to_another(outbox)
    local told = {}
    local source = outboxes.new(server, { name = outbox.name }):source { lease = 1, block = 1.5 }
    for one, _, err in client:send_all(source) do
      told[#told + 1] = ("%s %s"):format(one["client-ref"], err and err.outcome or "accepted")
    end
    table.sort(told)
    return told
  end

  for _, restarts in ipairs { false, true } do
    it(("is told by another where its worker is gone before it was%s"):format(
      restarts and ", and Redis has started anew" or ""), function()
      box:fault { operation = "send_sms", kind = "lost_answer" }
      local outbox = outboxes.new(server)
      assert(outbox:add { item "1", item "2", item "3" })
      local run = client:send_all(outbox:source { lease = 1 }, { in_flight = 3 })
      local first = run()["client-ref"]
      if restarts then
        server:restart { with = "data" }
        repeat until outbox:status() -- over a new connection
      end
      local second = run()["client-ref"] -- which says that the first was told
      local expected = {}
      for _, ref in ipairs { "1", "2", "3" } do
        expected[#expected + 1] = ref ~= first and ref .. " ambiguous" or nil
      end
      assert.not_equal(first, second)
      assert.same(expected, told_to_another(outbox))
      assert.equal(3, outbox:status().ambiguous)
    end)
  end

  it("is told by its worker alone where that lives, though Redis has started anew", function()
    box:fault { operation = "send_sms", kind = "lost_answer" }
    local outbox = outboxes.new(server)
    assert(outbox:add { item "1", item "2", item "3" })
    local run = client:send_all(outbox:source { lease = 2, block = 0 }, { in_flight = 3 })
    local told = { [run()["client-ref"]] = 1 }
    server:restart { with = "data" }
    repeat until outbox:status()
    local function tell(items)
      for one in items do
        local ref = one["client-ref"]
        told[ref] = (told[ref] or 0) + 1
      end
    end
    local source = outboxes.new(server, { name = outbox.name }):source { lease = 1, block = 0 }
    local other = client:send_all(source)
    sms.all { function() tell(run) end, function() tell(other) end }
    assert.same({ ["1"] = 1, ["2"] = 1, ["3"] = 1 }, told)
  end)
end)
