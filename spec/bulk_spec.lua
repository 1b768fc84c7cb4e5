-- send_all in a script: sources, calls side by side, errors, and its early end.

local core = require "sms.core"
local sandbox = require "spec.support.sandbox"
local script = require "sms.runtime.script"
local sms = require "sms"
local wire = require "spec.support.wire"

local HAS_CLOSE = _VERSION ~= "Lua 5.1"

--- An item by its number.
local function item(i)
  return { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = "r" .. i }
end

--- So many items as a list, or as a function.
local function list_of(count)
  local list = {}
  for i = 1, count do list[i] = item(i) end
  return list
end

local function iterator_of(count)
  local read = { count = 0 }
  return function()
    if read.count < count then
      read.count = read.count + 1
      return item(read.count)
    end
  end, read
end

--- What a loop over all sees: by reference, how often each was told, and the errors.
local function collect(client, source, options)
  local seen, errs, fatal = {}, {}, nil
  for sent, result, err in client:send_all(source, options) do
    assert.is_nil(fatal, "there was a round after the last")
    if sent then
      local ref = sent["client-ref"]
      seen[ref] = (seen[ref] or 0) + 1
      if result then
        assert.equal(ref, result.messages[1]["client-ref"])
        assert.is_nil(err)
      else
        errs[ref] = err
      end
    else
      assert.is_false(sent)
      fatal = err
    end
  end
  return seen, errs, fatal
end

local function count_of(map)
  local count = 0
  for _ in pairs(map) do count = count + 1 end
  return count
end

describe("send_all", function()
  local box

  setup(function() box = sandbox.start() end)
  teardown(function() box:stop() end)
  before_each(function() box:reset() end)

  --- No two arrivals with one reference.
  local function assert_once(count)
    local seen = {}
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
    end
    assert.equal(count, count_of(seen))
  end


  it("sends every item of a list once, and tells each with its result", function()
    local list = list_of(300)
    local seen, errs, fatal = collect(wire.nexmo(box), list)
    assert.is_nil(fatal)
    assert.same({}, errs)
    for i = 1, 300 do assert.equal(1, seen["r" .. i]) end
    assert_once(300)
    assert.same(list_of(300), list)
  end)

  it("sends what a function gives until it gives nil", function()
    local seen, _, fatal = collect(wire.nexmo(box), (iterator_of(100)))
    assert.is_nil(fatal)
    assert.equal(100, count_of(seen))
    assert_once(100)
    assert.same({}, (collect(wire.nexmo(box), function() end)))
    assert.same({}, (collect(wire.nexmo(box), {})))
    local callable = setmetatable({}, { __call = iterator_of(2) })
    assert.equal(2, count_of((collect(wire.nexmo(box), callable))))
  end)

  it("tells the item itself", function()
    local one = item(1)
    for sent in wire.nexmo(box):send_all { one } do assert.equal(one, sent) end
  end)

  it("has as many calls in flight as it is told, and reads no further", function()
    box:fault { kind = "latency", seconds = 0.1 }
    local source, read = iterator_of(40)
    local told, began = 0, core.now()
    for _ in wire.nexmo(box):send_all(source, { in_flight = 10 }) do
      told = told + 1
      assert.is_true(read.count <= told + 10, "read ahead")
      assert.is_true(box:count() <= told + 10, "too many in flight")
    end
    local took = core.now() - began
    assert.is_true(took >= 4 * 0.1, "too many at a time")
    assert.is_true(took < 40 * 0.1 / 2, "one after the other")
  end)

  it("has a share of the connections in flight at most", function()
    box:fault { kind = "latency", seconds = 0.1 }
    local run = wire.nexmo(box, { max_connections = 10 }):send_all(list_of(16), { in_flight = 99 })
    run()
    assert.is_true(box:count() <= 8, "a single call would wait for a connection")
    run:close()
  end)

  it("goes on after errors of single items", function()
    box:fault { ref = "r3", kind = "nexmo_status", code = 6, count = 1 }
    box:fault { ref = "r5", kind = "lost_answer", how = "close", count = 1 }
    box:fault { ref = "r7", kind = "status", status = 503, count = 1 }
    local list = list_of(9)
    list[2].txt = "typo"
    list[4].to = 447700900000
    local seen, errs, fatal = collect(wire.nexmo(box), list)
    assert.is_nil(fatal)
    assert.equal(9, count_of(seen))
    local kinds = {}
    for ref, err in pairs(errs) do kinds[ref] = err.kind .. " " .. err.outcome end
    assert.same({ r2 = "invalid not_sent", r3 = "rejected rejected", r4 = "invalid not_sent",
      r5 = "connection ambiguous", r7 = "server ambiguous" }, kinds)
    assert.matches("did you mean 'text'", errs.r2.problems[1].message)
    assert_once(7)
  end)

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

  it("raises misuse where it is called", function()
    local nexmo = wire.nexmo(box)
    local function misuse(message, ...)
      local ok, raised = pcall(function(...) nexmo:send_all(...) end, ...)
      assert.is_false(ok)
      assert.matches("^spec/bulk_spec%.lua:%d+: send_all: " .. message, raised)
    end
    misuse("a list or a function was expected", nil)
    misuse("a list or a function was expected", "items")
    misuse("options: must be a table", {}, 7)
    misuse("inflight: is not known; did you mean 'in_flight'", {}, { inflight = 3 })
    misuse("in_flight: must be 1 to", {}, { in_flight = 0 })
    misuse("use: must be 0%.01 to 1", {}, { use = 1.5 })
    misuse("total: must be a whole number", {}, { total = "many" })
    misuse("on_progress: must be a function", {}, { on_progress = {} })
    misuse("options: is not known", {}, { options = {} })
    misuse("timeout: must be 0%.001 or more", {}, { timeout = 0 })
    misuse("retry%.attempts: must be 1", {}, { retry = { attempts = 0 } })
    nexmo:close()
    local ok, raised = pcall(function() nexmo:send_all {} end)
    assert.is_false(ok)
    assert.matches("^spec/bulk_spec%.lua:%d+: this client is closed", raised)
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

  it("runs beside other calls, also inside of a generator", function()
    box:fault { kind = "latency", seconds = 0.05 }
    local nexmo = wire.nexmo(box)
    local answers = sms.all {
      function() return count_of((collect(nexmo, list_of(60)))) end,
      function() return nexmo:send_sms(item "single") end,
      function()
        local generator = coroutine.wrap(function()
          for sent in nexmo:send_all((iterator_of(20))) do coroutine.yield(sent) end
        end)
        local count = 0
        for _ in generator do count = count + 1 end
        return count
      end,
    }
    assert.equal(60, answers[1][1])
    assert.is_table(answers[2][1])
    assert.equal(20, answers[3][1])
  end)

  it("raises what a call raises, and tells nobody of its item", function()
    local nexmo = wire.nexmo(box, { runtime = { perform = function() error "spoilt" end,
      sleep = script.sleep, spawn = function(body) coroutine.wrap(body)() end,
      condition = function() return { wait = function() end, wake = function() end } end } })
    local ok, message = pcall(nexmo:send_all { item(1) })
    assert.is_false(ok)
    assert.matches("spoilt", message)
  end)

  it("reads a source that makes calls itself", function()
    local nexmo = wire.nexmo(box)
    local source = iterator_of(40)
    local seen = collect(nexmo, function()
      assert.is_table((nexmo:list_owned_numbers()))
      return source()
    end)
    assert.equal(40, count_of(seen))
    assert.equal(40, #box:arrivals "send_sms")
  end)

  it("keeps calls alive while the source or the loop is slow", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    local source = iterator_of(12)
    local errs = {}
    local function dawdle(seconds)
      local ready = core.now() + seconds
      while core.now() < ready do end -- luacheck: ignore
    end
    for sent, _, err in wire.nexmo(box):send_all(function()
      dawdle(0.04)
      return source()
    end, { timeout = 0.3, in_flight = 12 }) do
      errs[#errs + 1] = sent and err or nil
    end
    assert.same({}, errs)
  end)

  it("makes one call after the other where the client's own runtime knows no more", function()
    local nexmo = wire.nexmo(box, { runtime = { perform = script.perform, sleep = script.sleep } })
    assert.equal(30, count_of((collect(nexmo, list_of(30)))))
    assert_once(30)
  end)

  describe("with its times", function()
    local function client(limit, more)
      local nexmo = wire.nexmo(box, wire.changed({ rate_limit = limit,
        api_key = "times" .. core.random() }, more or {}))
      box:settings { nexmo_key = nexmo.identity }
      return nexmo
    end

    it("counts no waiting for slots against a call's deadline", function()
      local nexmo = client({ calls = 2, period = 0.2 }, { deadline = 0.3 })
      local began = core.now()
      local seen, errs = collect(nexmo, list_of(8), { use = 1 })
      assert.same({}, errs)
      assert.equal(8, count_of(seen))
      assert.is_true(core.now() - began >= 0.6)
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
      assert.same({ 400, 400, 397, 2, 1, 0 }, { last.done, last.total, last.accepted,
        last.refused, last.ambiguous, last.time_left })
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
