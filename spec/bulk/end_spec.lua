-- How send_all in a script ends before its source does: one last round, or left early.

local core = require "sms.core"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local script = require "sms.runtime.script"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local HAS_CLOSE = load "local x <close> = nil" ~= nil -- from Lua 5.4 on

local iterator_of, collect, count_of = texts.iterator_of, texts.collect, texts.count_of

describe("send_all", function()
  local box = sandbox.for_specs()

  describe("gives one last round", function()
    local function last(source, options)
      local seen, errs, fatal = collect(wire.nexmo(box), source, options)
      assert.same({}, errs)
      assert.is_table(fatal)
      assert.equal("not_sent", fatal.outcome)
      assert.equal(box:count(), count_of(seen))
      return fatal.kind, fatal.message, count_of(seen)
    end

    local function after(count, ending)
      local source = iterator_of(count)
      return function()
        local next_item = source()
        if next_item then return next_item end
        return ending()
      end
    end

    it("where the source raises", function()
      local kind, message, told = last(after(50, function()
        error "no connection to +447700900123"
      end))
      assert.equal("internal", kind)
      assert.matches("raised an error: .*no connection to …0123$", message)
      assert.is_true(told >= 50 - 32 and told <= 50, told)
    end)

    it("where stop raises, and the item it was asked for stays new", function()
      local journal, left = os.tmpname(), 10
      finally(function() os.remove(journal) end)
      os.remove(journal)
      local kind, message, told = last(iterator_of(20), { journal = journal, stop = function()
        left = left - 1
        return left < 0 and error "no connection to +447700900123"
      end })
      assert.equal("internal", kind)
      assert.is_true(told <= 10)
      assert.matches("stop raised an error: .*no connection to …0123$", message)
      local seen, errs, fatal = collect(wire.nexmo(box), iterator_of(20), { journal = journal })
      assert.same({ 20 - told, {} }, { count_of(seen), errs })
      assert.is_nil(fatal)
      assert.equal(20, box:count())
    end)

    it("but for Ctrl-C, which is raised in the loop", function()
      local run = wire.nexmo(box):send_all(after(3, function() error("interrupted!", 0) end))
      assert.has_error(function()
        for sent in run do assert.is_table(sent) end
      end, "interrupted!")
      run:close()
    end)

    it("where the source says that it failed", function()
      local kind, message = last(after(3, function() return nil, "the table is gone" end))
      assert.equal("internal", kind)
      assert.matches("failed: the table is gone$", message)
    end)

    for _, garbage in ipairs { "447700900000", 7, false, true } do
      it("where the source gives " .. tostring(garbage), function()
        local kind, message = last(after(3, function() return garbage end))
        assert.equal("invalid", kind)
        assert.matches("^item 4 of the source is a %a+, not a table$", message)
      end)
    end

    it("where the client is closed meanwhile", function()
      box:fault { kind = "latency", seconds = 0.1 }
      local nexmo = wire.nexmo(box, { rate_limit = { calls = 10, period = 30 },
        api_key = "closed" .. core.random() })
      box:settings { nexmo_key = nexmo.identity }
      local told, fatal = 0, nil
      for sent, _, err in nexmo:send_all(iterator_of(100), { use = 1 }) do
        if sent then told = told + 1 else fatal = err end
        nexmo:close()
      end
      assert.equal("cancelled", fatal.kind)
      assert.equal(10, told)
      assert.equal(10, box:count())
    end)
  end)

  describe("told to stop", function()
    --- What it tells until there is no round left.
    local function told_by(nexmo, options, source)
      local seen, errs, fatal = collect(nexmo, source or iterator_of(60), options)
      assert.is_nil(fatal)
      assert.same({}, errs)
      return count_of(seen)
    end

    it("before an item sends what came before it, and leaves the rest to the next run", function()
      local journal = os.tmpname()
      os.remove(journal)
      for run, expected in ipairs { 25, 25, 10, 0 } do
        local left = 25
        local told = told_by(wire.nexmo(box), { journal = journal, stop = function(next_item)
          left = left - (next_item.text and 1 or 0)
          return left < 0
        end })
        assert.equal(expected, told, run)
      end
      os.remove(journal)
      local seen = {}
      for _, arrival in ipairs(box:arrivals()) do
        assert.is_nil(seen[arrival.ref])
        seen[arrival.ref] = true
      end
      assert.equal(60, count_of(seen))
    end)

    it("at a time sends none of those that wait for slots", function()
      local nexmo = wire.nexmo(box, { rate_limit = { calls = 5, period = 60 },
        api_key = "stops" .. core.random() })
      box:settings { nexmo_key = nexmo.identity }
      local began = core.now()
      assert.equal(5, told_by(nexmo, { use = 1, not_after = os.time() + 2 }))
      assert.is_true(core.now() < began + 5, "waited for slots")
      assert.equal(5, box:count())
    end)

    it("sends the job that it was packing", function()
      local client, texts_left, told = retarus.client(box), 7, 0
      for _, result in client:send_all(function()
        return { dst = "+4917600000000", text = "Hello" }
      end, { stop = function(next_item)
        texts_left = texts_left - (next_item.text and 1 or 0)
        return texts_left < 0
      end }) do
        told = told + (result and 1 or 0)
      end
      assert.same({ 7, 7 }, { told, box:arrivals("send_job")[1].recipients })
    end)
  end)

  describe("left early", function()
    --- Leaves after so many; how many the provider saw by then, and whether all had ended.
    local function left(by)
      box:fault { kind = "latency", seconds = 0.1 }
      by(wire.nexmo(box))
      local seen = box:count()
      assert.is_true(seen >= 5 and seen <= 20, seen)
      script.sleep(0.15)
      assert.equal(seen, box:count())
      for _, arrival in ipairs(box:arrivals()) do assert.is_true(arrival.accepted) end
    end

    it("by close starts nothing new, and waits for what is in flight", function()
      left(function(nexmo)
        local run = nexmo:send_all(iterator_of(1000), { in_flight = 10 })
        for _ = 1, 5 do assert.is_table((run())) end
        run:close()
        run:close()
      end)
    end)

    it("by close goes on with what had ended by then", function()
      box:fault { kind = "latency", seconds = 0.1 }
      local run = wire.nexmo(box):send_all(iterator_of(1000), { in_flight = 10 })
      local told = 0
      for _ in run do
        told = told + 1
        if told == 5 then run:close() end
      end
      assert.equal(box:count(), told)
      assert.is_nil((run()))
    end)

    it("by a Ctrl-C loses nobody to what else the loop's round does", function()
      local run, told = wire.nexmo(box):send_all(iterator_of(20), { in_flight = 5 }), 0
      for round = 1, 20 do
        debug.sethook(function() -- as a signal does
          if debug.getinfo(2, "S").source:find("bulk/progress", 1, true)
            and debug.getinfo(2, "n").name == "tell" then
            debug.sethook()
            error("interrupted!", 0)
          end
        end, round % 3 == 0 and "c" or "")
        local ok, item = pcall(run)
        debug.sethook()
        told = told + (ok and item and 1 or 0)
      end
      run:close()
      for _ in run do told = told + 1 end
      assert.equal(box:count(), told)
    end)

    it("does not wait for calls that wait for slots", function()
      local nexmo = wire.nexmo(box, { rate_limit = { calls = 5, period = 60 },
        api_key = "waits" .. core.random() })
      box:settings { nexmo_key = nexmo.identity }
      local run, began = nexmo:send_all(iterator_of(100), { use = 1 }), core.now()
      for _ = 1, 5 do assert.is_table(select(2, run())) end
      run:close()
      assert.is_nil((run()))
      assert.is_true(core.now() - began < 3, "waited for slots")
      assert.equal(5, box:count())
    end)

    if HAS_CLOSE then
      it("by break is closed by the loop", function()
        left(function(nexmo)
          local told = 0
          for _ in nexmo:send_all(iterator_of(1000), { in_flight = 10 }) do
            told = told + 1
            if told == 5 then break end
          end
        end)
      end)

      it("by an error is closed by the loop", function()
        left(function(nexmo)
          local told = 0
          local ok, message = pcall(function()
            for _ in nexmo:send_all(iterator_of(1000), { in_flight = 10 }) do
              told = told + 1
              if told == 5 then error("enough", 0) end
            end
          end)
          assert.same({ false, "enough" }, { ok, message })
        end)
      end)
    end
  end)
end)
