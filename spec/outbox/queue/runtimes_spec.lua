-- send_all over an outbox beside other things: in sms.all, and in event loops.

local core = require "sms.core"
local loops = require "spec.support.loops"
local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local item, list_of = texts.item, texts.list_of

local ANSWER = 0.3 -- seconds that the provider takes
local BLOCK = 5 -- seconds that it waits for more
local NAP = 0.1 -- seconds: the longest of a loop that has nothing to do

describe("A loop over an outbox", function()
  local box = sandbox.for_specs()
  local server, outbox

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)
  before_each(function()
    outbox = assert(outboxes.new(server))
    box:fault { kind = "latency", seconds = ANSWER }
  end)

  --- Sends ten, one of which is added while the loop waits. Somebody beside it waits no longer
  --- than the loop itself naps: half of the times, since the disk of a Redis may be slow.
  local function bodies_of(nexmo, sleep)
    assert(outbox:add(list_of(9)))
    local told, waits, is_over = 0, {}, false
    return {
      function()
        for _, _, err in nexmo:send_all(outbox:source { lease = 1, block = 0.4 }) do
          assert.is_nil(err)
          told = told + 1
        end
        is_over = true
      end,
      function()
        local added
        while not is_over do
          local began = core.now()
          sleep(0.01)
          waits[#waits + 1] = core.now() - began
          if told == 9 and not added then added = assert(outbox:add(item(10))) end
        end
      end,
    }, function()
      assert.equal(10, told)
      assert.equal(10, box:count())
      table.sort(waits)
      assert.is_true(waits[math.ceil(#waits / 2)] < NAP, waits[math.ceil(#waits / 2)])
    end
  end

  it("holds up nobody in sms.all", function()
    local runtime = require "sms.runtime"
    local bodies, check = bodies_of(wire.nexmo(box), function(seconds)
      runtime.here().sleep(seconds)
    end)
    for _, answer in ipairs(sms.all(bodies)) do assert.is_nil(answer[2]) end
    check()
  end)

  it("has an answer told when it comes, though nothing more is there", function()
    assert(outbox:add(list_of(1)))
    local began = core.now()
    local run = wire.nexmo(box):send_all(outbox:source { block = BLOCK })
    assert.equal("r1", (run())["client-ref"])
    local took = core.now() - began
    assert.is_true(took < BLOCK, took)
    run:close()
  end)

  for name, tested in pairs(loops) do
    it("holds up nobody in the loop of " .. name, function()
      local nexmo = wire.nexmo(box, { runtime = tested.runtime })
      local bodies, check = bodies_of(nexmo, tested.runtime.sleep)
      tested.run(bodies)
      check()
    end)
  end
end)
