-- The state of messages is a function of the receipts that came, not of their order.

local permutations = require "spec.support.permutations"
local sms = require "sms"
local stores = require "spec.support.stores.init"

local function receipt(id, status, at, more)
  local fields = { messageId = id, status = status, msisdn = "447700900000", to = "Acme",
    ["message-timestamp"] = at and ("2018-10-25 12:%02d:00"):format(at) }
  for name, value in pairs(more or {}) do fields[name] = value end
  return fields
end

local function sent(...)
  local messages = {}
  for i, id in ipairs { ... } do
    messages[i] = tonumber(id) and { status = id } or { status = "0", ["message-id"] = id }
  end
  return { ["message-count"] = tostring(#messages), messages = messages }
end

local function play(steps, store)
  local receipts = sms.receipts.new(store or sms.stores.table())
  for _, step in ipairs(steps) do
    if step.messages then assert(receipts:sent(step)) else assert(receipts:add(step)) end
  end
  return receipts
end

-- What comes, and what the message with the id "A" is then: status, final, conflict, doubtful.
local cases = {
  { "nothing but that it was sent", { sent "A" }, "sent", false },
  { "accepted", { receipt("A", "accepted", 1) }, "accepted", false },
  { "buffered after accepted", { receipt("A", "accepted", 1), receipt("A", "buffered", 2) },
    "buffered", false },
  { "accepted after buffered", { receipt("A", "buffered", 1), receipt("A", "accepted", 2) },
    "buffered", false },
  { "delivered", { receipt("A", "accepted", 1), receipt("A", "delivered", 2) }, "delivered", true },
  { "an earlier time of what is not final", { receipt("A", "accepted", 9),
    receipt("A", "delivered", 2) }, "delivered", true },
  { "failed after delivered", { receipt("A", "delivered", 1), receipt("A", "failed", 2) },
    "delivered", true, true },
  { "delivered after failed", { receipt("A", "failed", 1), receipt("A", "delivered", 2) },
    "failed", true, true },
  { "failed and delivered at a time", { receipt("A", "failed", 1), receipt("A", "delivered", 1) },
    "delivered", true, true },
  { "failed and delivered without a time", { receipt("A", "failed"), receipt("A", "delivered") },
    "delivered", true, true },
  { "failed with a time, delivered without", { receipt("A", "delivered"),
    receipt("A", "failed", 9) }, "failed", true, true },
  { "failed twice for two reasons", { receipt("A", "failed", 1, { ["err-code"] = "2" }),
    receipt("A", "failed", 2, { ["err-code"] = "8" }) }, "failed", true },
  { "three ends", { receipt("A", "expired", 2), receipt("A", "rejected", 3),
    receipt("A", "failed", 1) }, "failed", true, true },
  { "unknown", { receipt("A", "accepted", 1), receipt("A", "unknown", 2) }, "unknown", true, false,
    true },
  { "unknown, and more", { receipt("A", "unknown", 1), receipt("A", "delivered", 2) },
    "delivered", true },
  { "unknown after the end", { receipt("A", "expired", 1), receipt("A", "unknown", 2) },
    "expired", true },
  { "a new word", { receipt("A", "teleported", 1) }, "teleported", false },
  { "a new word and accepted", { receipt("A", "teleported", 9), receipt("A", "accepted", 1) },
    "accepted", false },
  { "two parts, one to come", { sent("A", "B"), receipt("A", "delivered", 1) }, "sent", false },
  { "two parts", { sent("A", "B"), receipt("A", "delivered", 1), receipt("B", "delivered", 2) },
    "delivered", true },
  { "two parts, one on its way", { sent("A", "B"), receipt("A", "delivered", 1),
    receipt("B", "buffered", 2) }, "buffered", false },
  { "two parts, one failed", { sent("A", "B"), receipt("A", "delivered", 1),
    receipt("B", "failed", 2) }, "failed", true },
  { "two parts, one failed, one to come", { sent("A", "B"), receipt("B", "failed", 2) },
    "failed", false },
  { "two parts, one doubtful", { sent("B", "A"), receipt("A", "delivered", 1),
    receipt("B", "unknown", 2) }, "unknown", true, false, true },
  { "two parts, one with two ends", { sent("B", "A"), receipt("A", "delivered", 1),
    receipt("B", "delivered", 1), receipt("B", "failed", 2) }, "delivered", true, true },
  { "a part that was not taken", { sent("A", "9"), receipt("A", "delivered", 1) },
    "refused", true },
  { "a new word in one part", { sent("A", "B"), receipt("A", "delivered", 1),
    receipt("B", "teleported", 1) }, "teleported", false },
}

--- Every order of a list, each with some of its steps again at some place.
local function orders(list)
  local all = permutations(list)
  for i = 1, #all do
    for at = 1, #list do
      local again, before = { all[i][at] }, { all[i][at] }
      for j, step in ipairs(all[i]) do
        table.insert(again, j, step)
        before[#before + 1] = step
      end
      all[#all + 1], all[#all + 2] = again, before
    end
  end
  return all
end

describe("Receipts", function()
  stores.redis.around()

  for _, case in ipairs(cases) do
    it(("say what is: %s"):format(case[1]), function()
      local state = play(case[2]):get "A"
      assert.same({ status = case[3], final = case[4], conflict = case[5] or false,
        doubtful = case[6] or false, parts = state.parts }, state)
    end)

    it(("say it whatever order they come in, and how often: %s"):format(case[1]), function()
      local expected = play(case[2]):get "A"
      for _, steps in ipairs(orders(case[2])) do
        assert.same(expected, play(steps):get "A")
      end
      for _, kind in pairs(stores) do
        assert.same(expected, play(case[2], kind.make()):get "A")
      end
    end)
  end

  it("end the same for any of 1,000 sets, shuffled and repeated", function()
    local state = 4711
    local function random(n)
      state = state * 16807 % 2147483647
      return state % n + 1
    end
    local words = { "accepted", "buffered", "delivered", "expired", "failed", "rejected", "unknown",
      "new" }
    for _ = 1, 1000 do
      local steps = { random(2) == 1 and sent("A", "B", "C") or nil }
      for _ = 1, random(24) do
        local word = words[random(#words)]
        local has_time = word == "new" or random(4) > 1 -- without one, its arrival counts
        steps[#steps + 1] = receipt(("ABC"):sub(random(3)):sub(1, 1), word,
          has_time and random(5) or nil, { ["err-code"] = tostring(random(3)),
            price = tostring(random(2)), scts = random(2) == 1 and "1810251310" or nil })
      end
      steps[#steps + 1] = receipt("A", "accepted", 1)
      local expected = play(steps):get "A"
      for _ = 1, 3 do
        local shuffled = {}
        for i, step in ipairs(steps) do table.insert(shuffled, random(i), step) end
        for _ = 1, random(5) do
          table.insert(shuffled, random(#shuffled + 1), steps[random(#steps)])
        end
        assert.same(expected, play(shuffled):get "A")
      end
    end
  end)

  it("keep of endless different ones the same few", function()
    local steps = {}
    for i = 1, 40 do
      steps[i] = receipt("A", i % 2 == 0 and "failed" or "expired", i % 50,
        { ["err-code"] = tostring(i) })
    end
    local expected = play(steps):get "A"
    local back = {}
    for i = 1, 40 do back[i] = steps[41 - i] end
    assert.same(expected, play(back):get "A")
    assert.equal("expired", expected.status)
    assert.is_true(#expected.parts[1].conflicts <= 16)
  end)

  it("show the receipt that holds, and those against it, by their documented names", function()
    local state = play {
      receipt("A", "delivered", 1, { price = "0.03330000", ["network-code"] = "23410", scts = "18",
        ["err-code"] = "0", ["client-ref"] = "r-1", sig = "x", nonce = "y" }),
      receipt("A", "failed", 2, { ["err-code"] = "8" }),
    }:get "A"
    assert.same({
      id = "A", status = "delivered", final = true, doubtful = false,
      receipt = { status = "delivered", msisdn = "447700900000", to = "Acme", price = "0.03330000",
        ["network-code"] = "23410", scts = "18", ["err-code"] = "0", ["client-ref"] = "r-1",
        ["message-timestamp"] = "2018-10-25 12:01:00" },
      conflicts = { { status = "failed", ["err-code"] = "8", msisdn = "447700900000", to = "Acme",
        ["message-timestamp"] = "2018-10-25 12:02:00" } },
    }, state.parts[1])
  end)

  it("show the parts of a message by the id of any, in the order of sending", function()
    local receipts = play { receipt("C", "failed", 1), sent("B", "9", "C"),
      receipt("B", "delivered", 1) }
    for _, id in ipairs { "B", "C" } do
      local parts = receipts:get(id).parts
      assert.equal("B delivered", parts[1].id .. " " .. parts[1].status)
      assert.same({ status = "refused", code = "9", final = true, doubtful = false,
        conflicts = {} }, parts[2])
      assert.equal("C failed", parts[3].id .. " " .. parts[3].status)
    end
    assert.is_nil(receipts:get "D")
  end)

  it("tell what a receipt has changed", function()
    local receipts = play {}
    local function changed(...) return receipts:add(receipt("A", ...)).changed end
    assert.is_true(changed("accepted", 1))
    assert.is_false(changed("accepted", 1))
    assert.is_true(changed("delivered", 3))
    assert.is_false(changed("delivered", 3))
    assert.is_false(changed("buffered", 2))
    assert.is_true(changed("failed", 4)) -- a conflict
    assert.is_false(changed("failed", 4))
    assert.is_nil(receipts:get("A").changed)
  end)

  it("are kept without numbers where the store says so", function()
    for _, kind in pairs(stores) do
      local kept = kind.make()
      local store = { get = function(_, key) return kept:get(key) end }
      function store:update(key, change) -- luacheck: ignore self
        return kept:update(key, function(old) return change(old, true) end)
      end
      local state = play({ sent "A", receipt("A", "accepted", 1), receipt("A", "delivered", 2,
        { ["client-ref"] = "r-1", price = "0.03" }) }, store):get "A"
      assert.same({ status = "delivered", price = "0.03",
        ["message-timestamp"] = "2018-10-25 12:02:00" }, state.parts[1].receipt)
    end
  end)

  it("are not changed by who asks", function()
    local receipts = play { receipt("A", "delivered", 1), receipt("A", "failed", 2) }
    local state = receipts:get "A"
    state.parts[1].receipt.status, state.parts[1].conflicts[1].status = "x", "y"
    assert.equal("delivered", receipts:get("A").status)
    assert.equal("failed", receipts:get("A").parts[1].conflicts[1].status)
  end)
end)
