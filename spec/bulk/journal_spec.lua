-- send_all with a journal: run again after an end, early or not; changed sources.

local canonical = require "sms.bulk.canonical"
local core = require "sms.core"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local list_of = texts.list_of

local function iterator(list)
  local at = 0
  return function()
    at = at + 1
    return list[at]
  end
end

describe("send_all with a journal", function()
  local box = sandbox.for_specs()
  local path

  before_each(function()
    path = os.tmpname()
    os.remove(path)
  end)
  after_each(function() os.remove(path) end)

  --- What a run tells: outcomes by reference, and the last round. `stop`: closes after so many.
  local function run(source, options, client, stop)
    local given = wire.changed({ journal = path }, options or {})
    local told, count, fatal = {}, 0, nil
    local items = (client or wire.nexmo(box)):send_all(source, given)
    for item, _, err in items do
      if not item then
        fatal = err
        break
      end
      local ref = item["client-ref"] or item.customerRef
      assert.is_nil(told[ref])
      told[ref] = err and err.outcome or "accepted"
      count = count + 1
      if count == stop then items:close() end
    end
    return told, count, fatal
  end

  local function refs_of_arrivals()
    local refs = {}
    for _, arrival in ipairs(box:arrivals()) do
      refs[arrival.ref] = (refs[arrival.ref] or 0) + 1
    end
    return refs
  end

  for name, source_of in pairs { list = function(list) return list end, ["function"] = iterator } do
    describe("and a " .. name, function()
      it("sends nothing again", function()
        local list = list_of(50)
        local _, count = run(source_of(list))
        assert.equal(50, count)
        local told, again, fatal = run(source_of(list))
        assert.same({ {}, 0 }, { told, again })
        assert.is_nil(fatal)
        assert.equal(50, box:count())
      end)

      it("goes on where it was left", function()
        local list = list_of(100)
        local _, first = run(source_of(list), { in_flight = 10 }, nil, 30)
        assert.equal(first, box:count())
        local _, second = run(source_of(list))
        assert.equal(100, first + second)
        for i = 1, 100 do assert.equal(1, refs_of_arrivals()["r" .. i]) end
      end)

      it("sends nothing where an item that it knows has changed", function()
        local list = list_of(40)
        run(source_of(list), { in_flight = 5 }, nil, 20)
        local sent = box:count()
        list[15].text = "Changed"
        local told, _, fatal = run(source_of(list))
        assert.same({}, told)
        assert.same({ "invalid", "not_sent" }, { fatal.kind, fatal.outcome })
        assert.matches("item 15 of the source is not the one", fatal.message)
        assert.equal(sent, box:count())
      end)

      it("sends nothing where the source has lost items that it knows", function()
        run(source_of(list_of(40)))
        local _, count, fatal = run(source_of(list_of(39)))
        assert.equal(0, count)
        assert.matches("ends after 39 items, and the journal has 40", fatal.message)
      end)

      it("sends what was added at the end", function()
        run(source_of(list_of(40)))
        local told = run(source_of(list_of(42)))
        assert.same({ r41 = "accepted", r42 = "accepted" }, told)
      end)

      it("knows what was refused, by the provider or before", function()
        box:fault { ref = "r3", kind = "nexmo_status", code = 6, count = 1 }
        local list = list_of(5)
        list[2].txt = "typo"
        assert.same({ r1 = "accepted", r2 = "not_sent", r3 = "rejected", r4 = "accepted",
          r5 = "accepted" }, (run(source_of(list))))
        assert.same({}, (run(source_of(list))))
        assert.same({ r2 = "not_sent", r3 = "accepted" },
          (run(source_of(list), { resend_refused = true })))
        list[2].txt = nil
        local _, _, fatal = run(source_of(list))
        assert.matches("item 2", fatal.message)
      end)

      it("sends again what was not sent", function()
        box:fault { ref = "r2", kind = "throttle", count = 1 }
        local list = list_of(3)
        assert.equal("not_sent", (run(source_of(list))).r2)
        assert.same({ r2 = "accepted" }, (run(source_of(list))))
      end)

      it("leaves what is ambiguous alone, unless it is told to send it again", function()
        box:fault { ref = "r2", kind = "lost_answer", how = "close", count = 1 }
        local list = list_of(3)
        assert.equal("ambiguous", (run(source_of(list))).r2)
        assert.same({}, (run(source_of(list))))
        assert.same({ r2 = "accepted" }, (run(source_of(list), { resend_ambiguous = true })))
        assert.equal(2, refs_of_arrivals().r2)
      end)

      it("tells what was begun and never ended once, as ambiguous", function()
        local list = list_of(4)
        local journal = assert(core.journal(path, false))
        for i = 1, 3 do journal:begin(i, core.sha256(canonical.text(list[i]))) end
        journal:finish(1, "accepted")
        journal:close()
        local reports = {}
        local told = run(source_of(list), { on_progress = function(report)
          reports[#reports + 1] = report
        end })
        assert.same({ r2 = "ambiguous", r3 = "ambiguous", r4 = "accepted" }, told)
        local last = reports[#reports]
        assert.same({ 4, 2, 2, 0 }, { last.done, last.accepted, last.ambiguous, last.refused })
        assert.same({}, (run(source_of(list))))
        assert.equal(1, box:count())
        assert.same({ r2 = "accepted", r3 = "accepted" },
          (run(source_of(list), { resend_ambiguous = true })))
      end)

      it("tells it again where the caller never came back for more", function()
        local list = list_of(2)
        local journal = assert(core.journal(path, false))
        journal:begin(1, core.sha256(canonical.text(list[1])))
        journal:close()
        local left = wire.nexmo(box):send_all(source_of(list), { journal = path })
        assert.equal("ambiguous", select(3, left()).outcome)
        left.telling = nil -- as if the process had been killed here
        left:close()
        assert.equal("ambiguous", (run(source_of(list))).r1)
        assert.is_nil((run(source_of(list))).r1)
      end)
    end)
  end

  it("is one run's at a time", function()
    local nexmo = wire.nexmo(box)
    local first = nexmo:send_all(list_of(3), { journal = path })
    first()
    local told, _, fatal = run(list_of(3))
    assert.same({}, told)
    assert.equal("internal", fatal.kind)
    first:close()
    assert.is_nil(select(3, run(list_of(3))))
  end)

  it("that cannot be used ends everything before anything is sent", function()
    for _, wrong in ipairs { "/nowhere/at/all", "/dev/null" } do
      local told, _, fatal = run(list_of(3), { journal = wrong })
      assert.same({}, told)
      assert.same({ "internal", "not_sent" }, { fatal.kind, fatal.outcome })
    end
    assert.equal(0, box:count())
  end)

  it("waits for the disk where it is told to", function()
    local told, count = run(list_of(40), { sync = true })
    assert.equal(40, count)
    assert.equal("accepted", told.r40)
    assert.same({}, (run(list_of(40), { sync = true })))
  end)

  it("is needed for what goes with it", function()
    for _, name in ipairs { "sync", "resend_ambiguous", "resend_refused" } do
      local ok, message = pcall(function()
        wire.nexmo(box):send_all({}, { [name] = true })
      end)
      assert.is_false(ok)
      assert.matches("send_all: " .. name .. ": needs a journal", message)
    end
  end)

  it("writes nothing of items that wait for slots", function()
    local nexmo = wire.nexmo(box, { rate_limit = { calls = 5, period = 60 },
      api_key = "journal" .. core.random() })
    box:settings { nexmo_key = nexmo.identity }
    local list = list_of(40)
    local _, count = run(list, { use = 1 }, nexmo, 5)
    assert.equal(5, count)
    box:settings { nexmo_key = "abcd1234" }
    local told, again = run(list)
    assert.equal(35, again)
    for _, outcome in pairs(told) do assert.equal("accepted", outcome) end
  end)

  it("holds 10,000 items of a function back at most", function()
    local list = list_of(3)
    local journal = assert(core.journal(path, false))
    journal:begin(20001, core.sha256 "far")
    journal:finish(20001, "accepted")
    journal:close()
    local read = 0
    local items = wire.nexmo(box):send_all(function()
      read = read + 1
      return list[1]
    end, { journal = path, in_flight = 1 })
    assert.is_table((items()))
    assert.equal(10000, read)
    items:close()
  end)

  it("knows the items of jobs one by one", function()
    local client, list = retarus.client(box), {}
    for i = 1, 3100 do
      list[i] = { dst = ("+49176%07d"):format(i), text = "Hello", customerRef = "c" .. i }
    end
    list[7].dst = "nobody"
    box:fault { kind = "lost_answer", how = "close", skip = 1, count = 1 }
    local told = run(list, { in_flight = 1 }, client)
    assert.same({ "accepted", "not_sent", "ambiguous" }, { told.c1, told.c7, told.c3050 })
    assert.same({}, (run(list, nil, client)))
    local _, count = run(list, { resend_ambiguous = true }, client)
    assert.equal(3100 - 3001, count)
    assert.equal(3, box:count())
  end)
end)
