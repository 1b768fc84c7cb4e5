-- What is done for a part of a text does not grow with what is stored, and `now` may be left out.

local cjson = require "cjson"
local notes = require "sms.incoming.notes"
local parts = require "spec.support.parts"
local sms = require "sms"
local stores = require "spec.support.stores.init"
local webhooks = require "spec.support.servers.webhooks"

local NOW, WINDOW = parts.now, 3600

--- A store that weighs what it is asked for: bytes of records read and written.
local function scale(store)
  local weighed = { bytes = 0, calls = 0 }
  local function weigh(record)
    weighed.calls = weighed.calls + 1
    weighed.bytes = weighed.bytes + (record == nil and 0 or #cjson.encode(record))
    return record
  end
  function weighed.get(_, key) return weigh(store:get(key)) end
  function weighed.update(_, key, change)
    return weigh(store:update(key, function(old) return change(weigh(old)) end))
  end
  return weighed
end

-- How thousands of open parts may differ.
local KINDS = {
  references = function(i) return { messageId = "X" .. i, ["concat-ref"] = tostring(i) } end,
  senders = function(i) return { messageId = "X" .. i, msisdn = tostring(447700000000 + i) } end,
  nothing = function(i) return { messageId = "X" .. i } end,
}

describe("The work for a part", function()
  for kind, more in pairs(KINDS) do
    it(("is the same with 4,000 that wait, which differ in %s"):format(kind), function()
      local store = scale(sms.stores.table { clock = function() return NOW end })
      local inbound = sms.inbound.new(store, { window = WINDOW })
      local spent, calls = {}, {}
      for i = 1, 4000 do
        local bytes, before = store.bytes, store.calls
        assert.is_false((inbound:add(parts.part(1, 2, more(i)), NOW + i % 60)))
        local hundred = math.ceil(i / 100)
        spent[hundred] = (spent[hundred] or 0) + store.bytes - bytes
        calls[hundred] = math.max(calls[hundred] or 0, store.calls - before)
      end
      assert.is_true(spent[40] < 1.2 * spent[4], ("%d and %d bytes"):format(spent[4], spent[40]))
      assert.is_true(calls[40] <= 20, calls[40] .. " calls")
      local before = store.calls
      assert.same({}, inbound:expired(NOW + 60))
      assert.equal(1, store.calls - before)
      assert.equal(4000, #inbound:expired(NOW + 60 + WINDOW))
      assert.is_true(store.calls - before < 10 * 4000)
    end)
  end

  it("is done in two seconds for 4,000", function()
    local inbound = sms.inbound.new(sms.stores.table())
    local began = os.clock()
    for i = 1, 4000 do inbound:add(parts.part(1, 2, KINDS.references(i))) end
    assert.is_true(os.clock() - began < 2, os.clock() - began .. " s")
  end)

  it("is the same for a receipt with 4,000 messages", function()
    local store = scale(sms.stores.table())
    local receipts = sms.receipts.new(store)
    local first
    for i = 1, 4000 do
      store.bytes = 0
      receipts:add { messageId = "0B" .. 10000 + i, status = "delivered" }
      first = first or store.bytes
      assert.equal(first, store.bytes)
    end
  end)
end)

describe("Where nobody gives texts up", function()
  it("what is stored ends with the store's own time", function()
    local clock, kept = NOW, 4 * 86400
    local store = sms.stores.table { clock = function() return clock end, seconds = kept }
    local inbound = sms.inbound.new(store, { window = WINDOW })
    local counts = {}
    for hour = 1, 24 * 12 do
      clock = NOW + hour * 3600
      inbound:add(parts.part(1, 2, KINDS.references(hour)), clock)
      local count = 0
      for _ in pairs(store:get "sms:parts") do count = count + 1 end
      counts[hour] = count
    end
    assert.is_true(counts[288] <= 24 * 4 + 3, counts[288] .. " heaps")
    assert.is_true(counts[288] == counts[200])
  end)
end)

describe("The time", function()
  it("of parts is now where it is left out", function()
    local inbound = sms.inbound.new(sms.stores.table { clock = function() return NOW end })
    local message
    webhooks.at(NOW, function() assert.is_false((inbound:add(parts.part(1, 2)))) end)
    webhooks.at(NOW + WINDOW - 1, function() assert.same({}, inbound:expired()) end)
    webhooks.at(NOW + WINDOW, function() message = inbound:expired()[1] end)
    assert.equal("<1>", message.fields.text)
    webhooks.at(NOW + WINDOW, function() assert.is_true(inbound:put_back(message)) end)
    webhooks.at(NOW + 2 * WINDOW - 1, function() assert.same({}, inbound:expired()) end)
    webhooks.at(NOW + 2 * WINDOW, function() assert.equal(1, #inbound:expired()) end)
  end)
end)

describe("Notes", function()
  local function note(key, ends) return { key = key, number = 1, ends = ends } end

  --- The keys of those that are due.
  local function taken(store, now, failing)
    local keys = {}
    local why = notes.take(store, now, function(one)
      if one.key == failing then return "gone" end
      keys[#keys + 1] = one.key
    end)
    table.sort(keys)
    return table.concat(keys, " "), why
  end

  for name, kind in pairs(stores) do
    describe(("in the %s store"):format(name), function()
      kind.around()

      it("are looked at once their time has come", function()
        local store = kind.make()
        for i = 1, 100 do
          assert.is_nil(notes.add(store, 100, note(("k%03d"):format(i), NOW + i / 10)))
        end
        assert.equal("", (taken(store, NOW)))
        assert.equal("k001 k002 k003", (taken(store, NOW + 0.3)))
        assert.equal("", (taken(store, NOW + 0.3)))
        assert.equal(96, select(2, taken(store, NOW + 9.9):gsub("k", "")))
        assert.is_nil(notes.add(store, 3600, note("late", NOW - 50))) -- of another window
        assert.equal("k100 late", (taken(store, NOW + 999)))
        assert.is_true(kind.is_empty(store))
      end)

      it("stay where the look failed", function()
        local store = kind.make()
        for i = 1, 20 do notes.add(store, 100, note(("k%02d"):format(i), NOW)) end
        local keys, why = taken(store, NOW, "k05")
        assert.equal("gone", why)
        assert.equal("k01 k02 k03 k04", keys)
        keys, why = taken(store, NOW)
        assert.is_nil(why)
        assert.matches("^k05 k06 .* k20$", keys)
        assert.is_true(kind.is_empty(store))
      end)
    end)
  end

  it("that are made while others are looked at are not lost", function()
    for at = 1, 40 do
      local store = stores.table.make()
      for i = 1, 20 do notes.add(store, 100, note(("k%02d"):format(i), NOW)) end
      local calls, seen = 0, {}
      local meddled = { get = function(_, key)
        calls = calls + 1
        if calls == at then notes.add(store, 100, note("late", NOW)) end
        return store:get(key)
      end, update = function(_, key, change)
        calls = calls + 1
        if calls == at then notes.add(store, 100, note("late", NOW)) end
        return store:update(key, change)
      end }
      for _, through in ipairs { meddled, store } do
        notes.take(through, NOW, function(one) seen[one.key] = true end)
      end
      assert.is_true(calls < at or seen.late == true, "lost at call " .. at)
      assert.is_true(seen.k01 and seen.k20)
    end
  end)
end)
