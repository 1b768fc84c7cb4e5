-- What is ambiguous is told, also where Redis has come back and been told of it, and where the
-- worker that was to tell it is gone.

local asking = require "sms.outbox.asking"
local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local working = require "sms.outbox.scripts.working"

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

  -- Its worker was stopped past the lease, and finds when it wakes that nothing had left.
  for _, is_told in ipairs { true, false } do
    it(("that had not been sent after all %s"):format(
      is_told and "stays listed where it was told" or "goes back where nobody was told"), function()
      local outbox = outboxes.new(server)
      local id = assert(outbox:add(item "1")).id
      local step = outboxes.stepping(outbox)
      step.take(id)
      step.begin(id)
      step.close(id, "ambiguous")
      if not is_told then server:command("ZADD", outboxes.key(outbox, "untold"), id, id) end
      local token = outboxes.record(server, outbox, id).token
      assert(asking.ask(outbox, working.put_back, "spec", "1000000", "0", "0", "0", id, token))
      assert.equal(is_told and "ended" or "queued", outbox:result(id).state)
      assert.equal(is_told and 1 or 0, #outbox:ambiguous())
      if is_told then assert(outbox:resend(id)) end
      assert.same({ "1 accepted" }, told_to_another(outbox))
    end)
  end

  -- Who tells it for a lease is gone, and the worker that had it says late how it ended: not known.
  it("that ends as ambiguous again is told where who was to tell it is gone", function()
    local outbox = outboxes.new(server)
    local id = assert(outbox:add(item "1")).id
    local step = outboxes.stepping(outbox)
    step.take(id)
    step.begin(id)
    step.close(id, "ambiguous")
    server:command("HSET", outboxes.key(outbox, "item:" .. id), "teller", "gone")
    server:command("ZADD", outboxes.key(outbox, "leases"), 1, id)
    local token = outboxes.record(server, outbox, id).token
    assert(asking.ask(outbox, working.finish, "spec", "1000000", "ambiguous", "", "", id, token))
    assert.same({ "1 ambiguous" }, told_to_another(outbox))
  end)
end)
