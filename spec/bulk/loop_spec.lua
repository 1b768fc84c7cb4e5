-- send_all in event loops: lua-cqueues, luv, and one of our own on LuaSocket's select.

local core = require "sms.core"
local loops = require "spec.support.loops"
local sandbox = require "spec.support.servers.sandbox"
local wire = require "spec.support.wire"

local MESSAGE = "calls in an event loop must be made inside of one of its coroutines"

for name, tested in pairs(loops) do
  describe("In the loop of " .. name .. " send_all", function()
    local box, nexmo

    setup(function() box = sandbox.start() end)
    teardown(function() box:stop() end)
    before_each(function()
      box:reset()
      nexmo = wire.nexmo(box, { runtime = tested.runtime })
    end)

    local function iterator_of(count, prefix)
      local read = 0
      return function()
        read = read + 1
        return read <= count and { from = "Acme", to = "447700900000", text = "Hello",
          ["client-ref"] = (prefix or "r") .. read } or nil
      end
    end

    local function assert_once(count)
      local seen, arrived = {}, 0
      for _, arrival in ipairs(box:arrivals "send_sms") do
        assert.is_nil(seen[arrival.ref], arrival.ref)
        seen[arrival.ref] = true
        arrived = arrived + 1
      end
      assert.equal(count, arrived)
    end

    it("sends all, calls side by side, and the loop goes on", function()
      box:fault { kind = "latency", seconds = 0.1 }
      local told, ticks, began, took = 0, 0, core.now(), nil
      tested.run {
        function()
          for sent, result in nexmo:send_all(iterator_of(60), { in_flight = 20 }) do
            assert.equal(sent["client-ref"], result.messages[1]["client-ref"])
            told = told + 1
          end
          took = core.now() - began
        end,
        function()
          while not took do
            ticks = ticks + 1
            tested.runtime.sleep(0.01)
          end
        end,
      }
      assert.equal(60, told)
      assert.is_true(took >= 0.3 and took < 60 * 0.1 / 2, took)
      assert.is_true(ticks > 5, ticks .. " ticks")
      assert_once(60)
    end)

    it("goes on where the loop's body waits", function()
      local told = 0
      tested.run { function()
        for _ in nexmo:send_all(iterator_of(20), { in_flight = 4 }) do
          told = told + 1
          tested.runtime.sleep(0.005)
          assert(nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hello",
            ["client-ref"] = "single" .. told })
        end
      end }
      assert.equal(20, told)
      assert_once(40)
    end)

    it("runs beside another", function()
      local told = {}
      local function run(prefix)
        return function()
          for sent in nexmo:send_all(iterator_of(30, prefix)) do told[sent["client-ref"]] = true end
        end
      end
      tested.run { run "a", run "b", run "c" }
      for i = 1, 30 do assert.is_true(told["a" .. i] and told["b" .. i] and told["c" .. i]) end
      assert_once(90)
    end)

    it("is closed early: nothing new is started, and what is in flight is waited for", function()
      box:fault { kind = "latency", seconds = 0.1 }
      local seen, told
      tested.run { function()
        local run = nexmo:send_all(iterator_of(1000), { in_flight = 10 })
        for _ = 1, 3 do assert.is_table((run())) end
        run:close()
        seen, told = box:count(), 3
        for _ in run do told = told + 1 end
      end }
      assert.is_true(seen >= 3 and seen <= 20, seen)
      assert.equal(seen, told)
      assert.equal(seen, box:count())
    end)

    it("lets the loop end where it is left without close", function()
      box:fault { kind = "latency", seconds = 0.05 }
      tested.run { function()
        local run = nexmo:send_all(iterator_of(1000), { in_flight = 10 })
        for _ = 1, 3 do run() end
      end }
      local seen = box:count()
      assert.is_true(seen <= 13, seen)
      for _, arrival in ipairs(box:arrivals()) do assert.is_true(arrival.accepted) end
    end)

    it("waits for slots without holding up the loop", function()
      nexmo = wire.nexmo(box, { runtime = tested.runtime, api_key = "loop" .. core.random(),
        rate_limit = { calls = 4, period = 0.2, share = "process" } })
      box:settings { nexmo_key = nexmo.identity }
      local told, ticks = 0, 0
      tested.run {
        function()
          for _, _, err in nexmo:send_all(iterator_of(9), { use = 0.75 }) do
            assert.is_nil(err)
            told = told + 1
          end
        end,
        function()
          while told < 9 do
            ticks = ticks + 1
            tested.runtime.sleep(0.01)
          end
        end,
      }
      assert.is_true(ticks > 10, ticks .. " ticks")
      assert_once(9)
    end)

    it("raises what its loop raises, and what is in flight ends", function()
      box:fault { kind = "latency", seconds = 0.05 }
      local ok, message
      tested.run { function()
        local run = nexmo:send_all(iterator_of(100), { in_flight = 5 })
        ok, message = pcall(function()
          for _ in run do error "spoilt" end
        end)
        run:close()
      end }
      assert.is_false(ok)
      assert.matches("spoilt", tostring(message))
      assert.is_true(box:count() <= 10)
    end)

    it("keeps a journal, on the disk before it sends", function()
      local path, told = os.tmpname(), { 0, 0 }
      os.remove(path)
      finally(function() os.remove(path) end)
      for round = 1, 2 do
        tested.run { function()
          for _, _, err in nexmo:send_all(iterator_of(30), { journal = path, sync = true }) do
            assert.is_nil(err)
            told[round] = told[round] + 1
          end
        end }
      end
      assert.same({ 30, 0 }, told)
      assert_once(30)
    end)

    it("says where it cannot wait", function()
      local sent, result, err = nexmo:send_all(iterator_of(3))()
      assert.same({ false, "invalid", MESSAGE }, { sent, err.kind, err.message })
      assert.is_nil(result)
      assert.equal(0, box:count())
    end)
  end)
end
