-- Event loops that go away with calls under way: the next call does not notice, and what became of
-- the others can be asked for.

local core = require "sms.core"
local cqueues = require "cqueues"
local loops = require "spec.support.loops"
local sandbox = require "spec.support.servers.sandbox"
local uv = require "luv"
local wire = require "spec.support.wire"

local PATIENCE = 5 -- seconds

local function close_all()
  uv.walk(function(handle)
    if not handle:is_closing() then handle:close() end
  end)
end

-- By the names of loops: what runs a function in a coroutine of one until a condition is met, and
-- lets go of the loop then.
local LEAVES = {
  cqueues = function(body, is_met)
    local queue = cqueues.new()
    queue:wrap(body)
    while not is_met() do assert(queue:step(0.01)) end
  end,
  luv = function(body, is_met)
    coroutine.wrap(body)()
    while not is_met() do uv.run "nowait" end
    close_all()
    uv.run()
  end,
  ["select"] = function(body, is_met)
    coroutine.wrap(body)()
    while not is_met() do loops["select"].turn() end
  end,
}

for name, tested in pairs(loops) do
  describe("A call whose loop (" .. name .. ") goes away", function()
    local box

    setup(function() box = sandbox.start() end)
    teardown(function() box:stop() end)
    before_each(function() box:reset() end)

    local function client_with(options)
      return wire.nexmo(box, wire.changed({ runtime = tested.runtime }, options or {}))
    end

    local function params(ref)
      return { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = ref }
    end

    -- Sends, and leaves the loop when the provider has got the text.
    local function leave(nexmo, ref)
      local told
      LEAVES[name](function()
        told = { nexmo:send_sms(params(ref)) }
      end, function() return box:count() > 0 end)
      assert.is_nil(told)
    end

    local function abandoned(nexmo)
      local ends_at = core.now() + PATIENCE
      repeat
        local list, under_way = nexmo:abandoned()
        if #list > 0 then return list, under_way end
      until core.now() > ends_at
      error "in vain"
    end

    local function slow()
      box:fault { operation = "send_sms", kind = "latency", seconds = 0.3, count = 1 }
    end

    it("can be asked for, once, when it has ended", function()
      local events = {}
      local nexmo, other = client_with { on_event = function(event)
        events[#events + 1] = event.name ~= "warning" and event.name or nil
      end }, client_with()
      slow()
      leave(nexmo, "left")
      local list, under_way = nexmo:abandoned()
      assert.same({}, list)
      assert.equal(1, under_way)
      assert.same({ {}, 0 }, { other:abandoned() })
      list, under_way = abandoned(nexmo)
      assert.same({ 1, 0 }, { #list, under_way })
      assert.equal("send_sms", list[1].operation)
      assert.equal("left", list[1].params["client-ref"])
      assert.equal("left", list[1].result.messages[1]["client-ref"])
      assert.is_nil(list[1].err)
      assert.same({ "request", "response" }, events)
      assert.same({ {}, 0 }, { nexmo:abandoned() })
      assert.equal(1, box:count())
    end)

    it("may have been sent where no answer comes", function()
      local nexmo = client_with { timeout = 0.3 }
      box:fault { operation = "send_sms", kind = "latency", seconds = 1, count = 1 }
      leave(nexmo, "lost")
      local told = abandoned(nexmo)[1]
      assert.is_nil(told.result)
      assert.equal("ambiguous", told.err.outcome)
      assert.equal("send_sms", told.err.operation)
    end)

    it("gives its slot back when that is asked", function()
      local nexmo = client_with { timeout = 20,
        rate_limit = { calls = 1, period = 0.2, share = "process" } }
      slow()
      leave(nexmo, "left")
      abandoned(nexmo)
      local told
      tested.run { function() told = { nexmo:send_sms(params("next"), { max_wait = 1 }) } end }
      assert.is_table(told[1], tostring(told[2]))
    end)

    it("does not disturb the next one", function()
      local nexmo, ref = client_with(), nil
      slow()
      leave(nexmo, "left")
      tested.run { function()
        local result, err = nexmo:send_sms(params "next")
        ref = result and result.messages[1]["client-ref"] or tostring(err)
      end }
      assert.equal("next", ref)
      assert.equal(2, box:count())
    end)
  end)
end

describe("A client without an event loop", function()
  it("has no abandoned calls", function()
    local box = sandbox.start()
    local nexmo = wire.nexmo(box)
    assert.same({ {}, 0 }, { nexmo:abandoned() })
    box:stop()
  end)
end)
