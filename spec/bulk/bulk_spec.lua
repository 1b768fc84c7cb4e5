-- send_all in a script: sources, calls side by side, errors of single items, misuse.

local core = require "sms.core"
local sandbox = require "spec.support.servers.sandbox"
local script = require "sms.runtime.script"
local sms = require "sms"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local item, list_of, iterator_of = texts.item, texts.list_of, texts.iterator_of
local collect, count_of = texts.collect, texts.count_of

describe("send_all", function()
  local box = sandbox.for_specs()

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
    box:fault { kind = "latency", seconds = 0.2 }
    local source, read = iterator_of(40)
    local told, began = 0, core.now()
    for _ in wire.nexmo(box):send_all(source, { in_flight = 10 }) do
      told = told + 1
      assert.is_true(read.count <= told + 10, "read ahead")
      assert.is_true(box:count() <= told + 10, "too many in flight")
    end
    local took = core.now() - began
    assert.is_true(took >= 4 * 0.2, "too many at a time")
    assert.is_true(took < 40 * 0.2 / 2, "one after the other")
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

  it("raises misuse where it is called", function()
    local nexmo = wire.nexmo(box)
    local function misuse(message, ...)
      local ok, raised = pcall(function(...) nexmo:send_all(...) end, ...)
      assert.is_false(ok)
      assert.matches("^spec/bulk/bulk_spec%.lua:%d+: send_all: " .. message, raised)
    end
    misuse("a list or a function was expected", nil)
    misuse("a list or a function was expected", "items")
    misuse("options: must be a table", {}, 7)
    misuse("inflight: is not known; did you mean 'in_flight'", {}, { inflight = 3 })
    misuse("in_flight: must be 1 to", {}, { in_flight = 0 })
    misuse("use: must be 0%.01 to 1", {}, { use = 1.5 })
    misuse("total: must be a whole number", {}, { total = "many" })
    misuse("on_progress: must be a function", {}, { on_progress = {} })
    misuse("stop: must be a function", {}, { stop = true })
    misuse("options: is not known", {}, { options = {} })
    misuse("timeout: must be 0%.001 or more", {}, { timeout = 0 })
    misuse("retry%.attempts: must be 1", {}, { retry = { attempts = 0 } })
    nexmo:close()
    local ok, raised = pcall(function() nexmo:send_all {} end)
    assert.is_false(ok)
    assert.matches("^spec/bulk/bulk_spec%.lua:%d+: this client is closed", raised)
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
end)
