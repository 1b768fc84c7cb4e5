-- Misuse of an outbox raises where the caller stands; nothing is asked of Redis then.

local redis = require "sms.redis"

local asked = 0

local GIVEN = {
  connect = function()
    return { eval = function(_, _, _, _, question)
      asked = asked + 1
      return { question, "0/0", "r:m", "0", "0", "0", "0", "0", "0", "", "0", "", "1" }
    end }
  end,
  release = function() end,
  name = "codes",
  risk = "accepted",
}

local function given_with(name, value)
  local given = {}
  for key, own in pairs(GIVEN) do given[key] = own end
  given[name] = value
  return given
end

--- Runs it, and wants a message that begins with the position of the line behind its first.
local function assert_raises(words, body)
  local line = debug.getinfo(body, "S").linedefined + 1
  local before = asked
  local ok, message = pcall(body)
  assert.is_false(ok)
  assert.matches("^[^\n]*spec/outbox/misuse_spec%.lua:" .. line .. ": .*" .. words, message)
  assert.are.equal(before, asked)
end

describe("Misuse of an outbox raises at the caller's line:", function()
  local outbox

  before_each(function() outbox = assert(redis.outbox(GIVEN)) end)

  local OPTIONS = {
    connect = { 7, "connect: a function was expected" },
    release = { 7, "release: a function was expected" },
    name = { "", "name: a text of 1 to 200 bytes" },
    client = { {}, "client: a client was expected" },
    keep = { 0, "keep: a number of days" },
    keep_texts = { "no", "keep_texts: must be a boolean" },
    seal = { {}, "seal: a list of 1 to 8 secrets" },
    risk = { true, 'risk: must be "accepted"' },
    nane = { "codes", "'nane' is not known; did you mean 'name'" },
  }
  for name, case in pairs(OPTIONS) do
    it("the option " .. name, function()
      assert_raises(case[2], function()
        local made = redis.outbox(given_with(name, case[1]))
        return made
      end)
    end)
  end

  it("no options, and a call with a colon", function()
    assert_raises("a function was expected", function()
      local made = redis.outbox()
      return made
    end)
    assert_raises("call it with a dot, redis.outbox", function()
      local made = redis:outbox(GIVEN)
      return made
    end)
  end)

  local ITEM = { to = "447700900000" }
  local CALLS = {
    ["add of nothing"] = { "add", nil, nil, "an item or a list of items" },
    ["add of a function"] = { "add", print, nil, "an item or a list of items" },
    ["add with options that are none"] = { "add", ITEM, 7, "options: must be a table" },
    ["an unknown option of add"] = { "add", ITEM, { prio = "high" }, "'prio' is not known" },
    ["a priority"] = { "add", ITEM, { priority = 1 }, '"high" or "bulk"' },
    ["a key that is none"] = { "add", ITEM, { key = true }, "key: must be a text" },
    ["a key that is empty"] = { "add", ITEM, { key = "" }, "key: must not be empty" },
    ["one key for a list"] = { "add", { ITEM }, { key = "k" }, "key: of a list, a function" },
    ["not_before"] = { "add", ITEM, { not_before = "now" }, "not_before: a time" },
    ["not_after"] = { "add", ITEM, { not_after = -1 }, "not_after: a time" },
    ["an end before the beginning"] = { "add", ITEM, { not_before = 8, not_after = 7 },
      "not_after: lies before not_before" },
    ["result without an id"] = { "result", nil, nil, "result: an id or a key was expected" },
    ["wait without seconds"] = { "wait", "k", nil, "wait: a number of seconds" },
    ["wait without an id"] = { "wait", nil, 1, "wait: an id or a key" },
    ["cancel of a table"] = { "cancel", {}, nil, "cancel: an id or a key" },
    ["erase of a fraction"] = { "erase", 1.5, nil, "erase: an id or a key" },
    ["resend of nothing"] = { "resend", nil, nil, "resend: an id or a key" },
    ["settle as ambiguous"] = { "settle", "k", "ambiguous", 'settle: "accepted"' },
    ["settle of nothing"] = { "settle", nil, "accepted", "settle: an id or a key" },
    ["a reason to pause"] = { "pause", 7, nil, "pause: a text" },
  }
  for name, case in pairs(CALLS) do
    it(name, function()
      assert_raises(case[4], function()
        local done = outbox[case[1]](outbox, case[2], case[3])
        return done
      end)
    end)
  end

  it("add of what is called for its items, but not of an item that hides its metatable", function()
    assert_raises("an item or a list of items", function()
      local done = outbox:add(setmetatable({}, { __call = print }))
      return done
    end)
    for _, hidden in ipairs { true, "hidden", 7 } do
      assert(outbox:add(setmetatable({ to = "447700900000" }, { __metatable = hidden })))
    end
  end)

  it("but options that are another at each look are looked at once", function()
    local looks = 0
    local given = setmetatable({}, { __index = function(_, name)
      looks = looks + (name == "lease" and 1 or 0)
      return name == "lease" and (looks > 1 and {} or 5) or nil
    end })
    assert.equal(5, outbox:source(given).lease)
  end)

  it("a method with a dot", function()
    assert_raises("call it with a colon, outbox:status", function()
      local done = outbox.status()
      return done
    end)
  end)
end)
