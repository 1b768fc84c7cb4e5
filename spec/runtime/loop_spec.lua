-- Calls in event loops: lua-cqueues, luv, and one of our own on LuaSocket's select.

local core = require "sms.core"
local loop = require "sms.runtime.loop"
local loops = require "spec.support.loops"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local function sorted(list)
  table.sort(list)
  return list
end

local MESSAGE = "calls in an event loop must be made inside of one of its coroutines"

for name, tested in pairs(loops) do
  describe("In the loop of " .. name, function()
    local box

    setup(function() box = sandbox.start() end)
    teardown(function() box:stop() end)
    before_each(function() box:reset() end)

    it("follows a job while others go on", function()
      box:settings { job_open = 0.4, job_running = 0.5, visible_after = 0.05 }
      local retarus = sms.retarus { username = "user", password = "pass", rate_limit = false,
        base_url = box.urls.retarus, runtime = tested.runtime }
      local states, told = {}, nil
      tested.run {
        function()
          local job = assert(retarus:send_job { options = { statusRequested = true },
            messages = { { text = "Hello", recipients = { "+4917600000000" } } } })
          for recipient, err in retarus:follow(job.jobId, { interval = { first = 0.02,
            longest = 0.05 }, timeout = 10 }) do
            states[#states + 1] = recipient and recipient.processStatus or tostring(err)
          end
        end,
        function() told = #states < 3 and retarus:get_version() end,
      }
      assert.equal("OPEN RUNNING DONE", table.concat(states, " "))
      assert.is_table(told)
      retarus:close()
    end)

    local function client(options)
      return wire.nexmo(box, wire.changed({ runtime = tested.runtime }, options or {}))
    end

    local function send(nexmo, ref, options)
      return nexmo:send_sms({ from = "Acme", to = "447700900000", text = "Hello",
        ["client-ref"] = ref }, options)
    end

    local function ref_of(result, err)
      return result and result.messages[1]["client-ref"] or tostring(err)
    end

    it("many calls wait at a time, and the loop goes on", function()
      local nexmo, bodies, refs, ticks = client(), {}, {}, 0
      box:fault { operation = "send_sms", kind = "latency", seconds = 0.2 }
      for i = 1, 30 do
        bodies[i] = function() refs[i] = ref_of(send(nexmo, "c" .. i)) end
      end
      bodies[#bodies + 1] = function()
        while not refs[30] do
          ticks = ticks + 1
          tested.runtime.sleep(0.01)
        end
      end
      local began = core.now()
      tested.run(bodies)
      assert.is_true(core.now() - began < 30 * 0.2 / 4, "one after the other")
      assert.is_true(ticks > 3, ticks .. " ticks")
      for i = 1, 30 do assert.equal("c" .. i, refs[i]) end
      assert.equal(30, #box:arrivals "send_sms")
    end)

    it("a second run works as the first", function()
      local nexmo = client()
      for round = 1, 3 do
        local ref
        tested.run { function() ref = ref_of(send(nexmo, "r" .. round)) end }
        assert.equal("r" .. round, ref)
      end
    end)

    it("calls go on in the next run where one was broken off by an error", function()
      if name == "luv" then return end -- it ends the program where a callback raises
      local nexmo, answers = client(), {}
      box:fault { operation = "send_sms", kind = "latency", seconds = 0.1, count = 1 }
      pcall(tested.run, {
        function() answers.first = ref_of(send(nexmo, "first")) end,
        function()
          tested.runtime.sleep(0.02)
          error "spoilt"
        end,
      })
      for i = 1, 2 do
        tested.run { function() answers[i] = ref_of(send(nexmo, "n" .. i)) end }
      end
      assert.same({ "n1", "n2" }, { answers[1], answers[2] })
    end)

    it("sms.all runs side by side, also inside of itself", function()
      local nexmo, bodies, answers = client(), {}, nil
      box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
      for i = 1, 10 do
        bodies[i] = function()
          local inner = sms.all {
            function() return send(nexmo, i .. "a") end,
            function() return send(nexmo, i .. "b") end,
          }
          return ref_of(inner[1][1], inner[1][2]), ref_of(inner[2][1], inner[2][2])
        end
      end
      local began = core.now()
      tested.run { function() answers = sms.all(bodies) end }
      assert.is_true(core.now() - began < 20 * 0.1 / 2, "one after the other")
      for i = 1, 10 do assert.same({ i .. "a", i .. "b" }, answers[i]) end
      tested.run { function() answers = sms.all {} end }
      assert.same({}, answers)
    end)

    it("sms.all raises what was raised once all have ended", function()
      local nexmo, ended, ok, message = client(), 0, nil, nil
      local function call()
        send(nexmo, "x")
        ended = ended + 1
      end
      tested.run { function()
        ok, message = pcall(sms.all, { call, function() error({ "spoilt" }) end, call })
      end }
      assert.is_false(ok)
      assert.same({ "spoilt" }, message.cause)
      assert.equal(2, ended)
    end)

    it("calls sleep while their limit is used up", function()
      local nexmo = client { rate_limit = { calls = 2, period = 0.2, share = "process" } }
      local bodies, refs, ticks = {}, {}, 0
      for i = 1, 6 do
        bodies[i] = function()
          local ref = ref_of(send(nexmo, "l" .. i))
          refs[#refs + 1] = ref
        end
      end
      bodies[#bodies + 1] = function()
        while #refs < 6 do
          ticks = ticks + 1
          tested.runtime.sleep(0.01)
        end
      end
      local began = core.now()
      tested.run(bodies)
      assert.is_true(core.now() - began >= 0.4)
      assert.same({ "l1", "l2", "l3", "l4", "l5", "l6" }, sorted(refs))
      assert.is_true(ticks > 10, ticks .. " ticks")
    end)

    it("what fails is an error as anywhere", function()
      local errs = {}
      local nexmo = client { base_url = "http://127.0.0.1:9" }
      tested.run { function() errs[1] = select(2, send(nexmo, "x")) end }
      assert.equal("connection", errs[1].kind)
      assert.equal("not_sent", errs[1].outcome)
      box:fault { operation = "send_sms", kind = "latency", seconds = 1 }
      nexmo = client()
      tested.run { function() errs[2] = select(2, send(nexmo, "y", { timeout = 0.1 })) end }
      assert.equal("timeout", errs[2].kind)
      assert.equal("ambiguous", errs[2].outcome)
    end)

    it("a client can be closed while its call is in flight", function()
      local nexmo, err, began, took = client(), nil, nil, nil
      box:fault { operation = "send_sms", kind = "latency", seconds = 20 }
      tested.run {
        function()
          err = select(2, send(nexmo, "closed"))
          took = core.now() - began
        end,
        function()
          while box:count() == 0 do tested.runtime.sleep(0.005) end
          began = core.now()
          nexmo:close()
        end,
      }
      assert.same({ "cancelled", "ambiguous" }, { err.kind, err.outcome })
      assert.is_true(took < 10)
    end)

    it("calls outside of its coroutines are invalid", function()
      local _, err = send(client(), "x")
      assert.equal("invalid", err.kind)
      assert.equal(MESSAGE, err.message)
      if name == "cqueues" then return end -- its coroutines know themselves
      local answer = sms.all { function() return send(client(), "x") end }[1]
      assert.equal(MESSAGE, answer[2].message)
    end)
  end)
end

describe("A loop", function()
  it("of one's own needs watch and sleep", function()
    assert.has_error(function() loop.new { watch = print } end,
      "loop.new: sleep: a function was expected")
    assert.has_error(function() loop.new { sleep = print } end,
      "loop.new: watch: a function was expected")
  end)

  it("gives all their answers before it raises what one of them raised", function()
    local box, refs = sandbox.start(), {}
    finally(function() box:stop() end)
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    local nexmo = wire.nexmo(box, { runtime = loops["select"].runtime })
    for i = 1, 10 do
      coroutine.wrap(function()
        nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
        refs[#refs + 1] = i
        if i % 2 == 0 then error("spoilt " .. i, 0) end
      end)()
    end
    local raised = 0
    while loops["select"].is_watching() do
      local ok, message = pcall(loops["select"].turn)
      if not ok then
        assert.matches("^spoilt %d", message)
        raised = raised + 1
      end
    end
    assert.equal(10, #refs)
    assert.is_true(raised > 0)
  end)
end)
