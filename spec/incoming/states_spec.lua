-- What statuses say beside each other: those that are ends, and words that nobody knows yet.

local dictionary = require "spec.support.dictionary"
local permutations = require "spec.support.permutations"
local sms = require "sms"

--- A status of the Messages API, which names id and time otherwise.
local function status(word, at, code)
  return { message_uuid = "aaa-bbbb", status = word, error = code and { title = code },
    timestamp = at and ("2030-01-01T10:00:%02dZ"):format(at) }
end

local function play(steps, store)
  local receipts = sms.receipts.new(store or sms.stores.table())
  for _, step in ipairs(steps) do assert(receipts:add(step)) end
  return receipts:get "aaa-bbbb"
end

describe("Statuses of the Messages API", function()
  it("are receipts by their own names", function()
    local state = play { status("delivered", 7), status("submitted", 5), status("failed", 6) }
    assert.same({ "failed", true, true }, { state.status, state.final, state.conflict })
    assert.equal("2030-01-01T10:00:06Z", state.parts[1].receipt["message-timestamp"])
  end)

  it("may say undeliverable, which is an end", function()
    for _, steps in ipairs(permutations { status("submitted", 1), status("undeliverable", 2) }) do
      local state = play(steps)
      assert.same({ "undeliverable", true, false, false },
        { state.status, state.final, state.doubtful, state.conflict })
    end
    local state = play { status("delivered", 1), status("undeliverable", 2) }
    assert.same({ "delivered", true, true }, { state.status, state.final, state.conflict })
    assert.equal("undeliverable", state.parts[1].conflicts[1].status)
  end)
end)

describe("Of statuses that nobody knows", function()
  it("the later holds, by the provider's time, whatever order they come in", function()
    local steps = { status("submitted", 1), status("routed", 2), status("read", 3),
      status("submitted", 1), status("routed", 2) }
    for _, order in ipairs(permutations(steps)) do
      local state = play(order)
      assert.same({ "read", false, false }, { state.status, state.final, state.conflict })
    end
    assert.equal("submitted", play({ status("submitted", 1), status("read", 3),
      status("submitted", 4) }).status)
  end)

  it("the later holds however its time is written", function()
    for later, earlier in pairs {
      ["2030-01-01T10:00:06.500Z"] = "2030-01-01T10:00:06Z",
      ["2030-01-01T10:00:06Z"] = "2030-01-01T10:00:05.999Z",
      ["2030-01-01T10:30:00Z"] = "2030-01-01T11:00:00+01:00",
      ["2030-01-01T09:30:00-0100"] = "2030-01-01 10:00:00",
    } do
      for _, steps in ipairs(permutations { { message_uuid = "aaa-bbbb", status = "a",
        timestamp = earlier }, { message_uuid = "aaa-bbbb", status = "b", timestamp = later } }) do
        assert.equal("b", play(steps).status, later)
      end
      for _, steps in ipairs(permutations { { message_uuid = "aaa-bbbb", status = "failed",
        timestamp = earlier }, { message_uuid = "aaa-bbbb", status = "delivered",
        timestamp = later } }) do
        assert.equal("failed", play(steps).status, "of two ends the first holds")
      end
    end
  end)

  it("the later to come holds where there is no time, or the same", function()
    for _, at in ipairs { false, 5 } do
      at = at or nil
      assert.equal("read", play({ status("submitted", at), status("read", at) }).status)
      assert.equal("submitted", play({ status("read", at), status("submitted", at) }).status)
      assert.equal("read", play({ status("submitted", at), status("read", at),
        status("submitted", at) }).status, "a repeat is not later")
    end
    local steps = { status("a", 5), status("b"), status("c", 4), status("b") }
    assert.equal("b", play(steps).status)
    assert.equal("b", play(steps, sms.stores.shared(dictionary.new(os.time))).status)
    assert.equal("d", play({ status("a", 5), status("b"), status("d", 6), status("b") }).status)
  end)

  it("none holds against one that is known", function()
    for _, order in ipairs(permutations { status("accepted", 1), status("read", 9),
      status("routed"), status("buffered", 2) }) do
      assert.equal("buffered", play(order).status)
    end
  end)

  it("nothing of how they came is shown", function()
    assert.same({ status = "read", ["message-timestamp"] = "2030-01-01T10:00:03Z" },
      play({ status("routed"), status("read", 3) }).parts[1].receipt)
  end)

  it("those count that were kept before", function()
    local store = sms.stores.table()
    store:update("sms:message:aaa-bbbb", function()
      return { receipts = { { status = "routed" }, { status = "submitted" } } }
    end)
    assert.equal("read", play({ status("read"), status("submitted") }, store).status)
  end)

  it("many are kept, and the last of them", function()
    local steps = {}
    for i = 1, 40 do steps[i] = status("word" .. i, i % 2 == 0 and i or nil) end
    assert.equal("word40", play(steps).status)
  end)
end)
