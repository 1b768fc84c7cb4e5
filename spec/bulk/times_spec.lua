-- send_all in a script: what counts against its times, and how it tells how far it is.

local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"
local texts = require "spec.support.texts"
local usual = require "spec.support.usual"
local wire = require "spec.support.wire"

local list_of, iterator_of = texts.list_of, texts.iterator_of
local collect, count_of = texts.collect, texts.count_of

describe("send_all until a time", function()
  local server
  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  it("sends nothing then that had its slot before, and waits for a connection", function()
    local journal = os.tmpname()
    finally(function() os.remove(journal) end)
    for _, path in ipairs { false, journal } do
      os.remove(journal)
      server:forget()
      server:reply { { sleep = 0.5 }, usual.taken() }
      local client, told = usual.client_of(server, { max_connections = 1, timeout = 5 }), 0
      local answers = sms.all {
        function() return client:send_sms(usual.TEXT) end,
        function()
          tasks.sleep(0.1)
          local options = { not_after = core.wall() + 0.2, journal = path or nil }
          for _ in client:send_all({ usual.TEXT }, options) do told = told + 1 end
        end,
      }
      assert.is_table(answers[1][1])
      assert.same({ 0, 1 }, { told, #server:requests() })
      client:close()
    end
    local client, told = usual.client_of(server, { timeout = 5 }), 0
    for _, result in client:send_all({ usual.TEXT }, { journal = journal }) do
      told = told + (result and 1 or 0)
    end
    assert.same({ 1, 2 }, { told, #server:requests() })
    client:close()
  end)

  it("knows parts of a second", function()
    server:forget()
    local client = usual.client_of(server)
    for _ = 1, 5 do -- the second of one of these is not over
      for _ in client:send_all({ usual.TEXT }, { not_after = core.wall() - 0.001 }) do
        error "told"
      end
    end
    assert.equal(0, #server:requests())
    client:close()
  end)
end)

describe("send_all", function()
  local box = sandbox.for_specs()

  describe("with its times", function()
    local function client(limit, more)
      local nexmo = wire.nexmo(box, wire.changed({ rate_limit = limit,
        api_key = "times" .. core.random() }, more or {}))
      box:settings { nexmo_key = nexmo.identity }
      return nexmo
    end

    it("counts no waiting for slots against a call's deadline", function()
      local nexmo = client({ calls = 2, period = 0.5 }, { deadline = 1 })
      local began = core.now()
      local seen, errs = collect(nexmo, list_of(8), { use = 1 })
      assert.same({}, errs)
      assert.equal(8, count_of(seen))
      assert.is_true(core.now() - began >= 1.5)
    end)

    it("counts the call itself and its repeats", function()
      box:fault { kind = "latency", seconds = 1 }
      local _, errs = collect(client(false, { deadline = 0.2 }), list_of(2))
      assert.same({ "timeout", "timeout" }, { errs.r1.kind, errs.r2.kind })
      assert.matches("deadline", errs.r1.message)
    end)

    it("waits for slots as long as max_wait says, where that is given here", function()
      local nexmo = client({ calls = 3, period = 0.5 }, { max_wait = 0 })
      local _, errs = collect(nexmo, list_of(5), { use = 1 })
      assert.same({}, errs)
      nexmo = client { calls = 3, period = 30 }
      _, errs = collect(nexmo, list_of(5), { use = 1, max_wait = 0 })
      assert.equal(2, count_of(errs))
      for _, err in pairs(errs) do
        assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
      end
    end)
  end)

  describe("on its way", function()
    it("tells how far it is, at most ten times a second and at the end", function()
      local reports, began = {}, core.now()
      box:fault { ref = "r3", kind = "nexmo_status", code = 6, count = 1 }
      box:fault { ref = "r5", kind = "lost_answer", how = "close", count = 1 }
      local list = list_of(400)
      list[2].txt = "typo"
      collect(wire.nexmo(box), list, { on_progress = function(report)
        reports[#reports + 1] = report
      end })
      local last = reports[#reports]
      assert.same({ 400, 400, 397, 1, 1, 1, 0 }, { last.done, last.total, last.accepted,
        last.refused, last.not_sent, last.ambiguous, last.time_left })
      assert.is_true(last.rate > 0)
      assert.is_true(#reports >= 2 and #reports <= (core.now() - began) * 10 + 2, #reports)
      for i = 2, #reports do assert.is_true(reports[i].done >= reports[i - 1].done) end
    end)

    it("says how long it takes by the quota", function()
      local nexmo = wire.nexmo(box, { rate_limit = { calls = 10, period = 60 },
        api_key = "quota" .. core.random() })
      box:settings { nexmo_key = nexmo.identity }
      local report
      local run = nexmo:send_all(iterator_of(100), { total = 81, use = 0.8,
        on_progress = function(told) report = told end })
      run()
      run:close()
      assert.equal(81, report.total)
      assert.is_true(report.time_left >= 600, report.time_left)
    end)

    it("is told at an early end, too", function()
      local report
      local run = wire.nexmo(box):send_all(list_of(20), { in_flight = 4,
        on_progress = function(told) report = told end })
      for _ = 1, 3 do run() end
      run:close()
      assert.equal(3, report.done)
    end)

    it("knows no total of a function unless it is told", function()
      local report
      collect(wire.nexmo(box), (iterator_of(3)), { on_progress = function(told) report = told end })
      assert.is_nil(report.total)
      assert.is_nil(report.time_left)
      assert.equal(3, report.done)
    end)

    it("is not disturbed by a hook that raises or yields", function()
      for _, hook in ipairs { error, coroutine.yield } do
        assert.equal(5, count_of((collect(wire.nexmo(box), list_of(5), { on_progress = hook }))))
      end
    end)
  end)
end)
