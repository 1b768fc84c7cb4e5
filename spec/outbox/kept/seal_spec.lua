-- What is sealed can be read by those alone who have one of its secrets, and for its outbox alone.

local core = require "sms.core"
local pack = require "sms.outbox.kept.pack"
local seals = require "sms.outbox.kept.seals"

local OLD, NEW = "correct horse", ("0123456789abcdef"):rep(2)
local ITEM = { to = "447700900000", text = "Your code is 4711" }

describe("A sealed item", function()
  local old, new, both

  setup(function()
    old, new, both = seals.new("codes", OLD), seals.new("codes", { NEW }),
      seals.new("codes", { NEW, OLD })
  end)

  it("comes back, and shows nothing", function()
    local bytes, again = pack.encode(ITEM, new), pack.encode(ITEM, new)
    for _, part in ipairs { "4477", "code", "text", "to" } do
      assert.is_nil(bytes:find(part, 1, true))
    end
    assert.not_equal(bytes, again)
    assert.same(ITEM, pack.decode(bytes, new))
    assert.same(ITEM, pack.decode(bytes, both))
  end)

  it("is read with any of the secrets, and written with the first", function()
    assert.same(ITEM, pack.decode(pack.encode(ITEM, old), both))
    assert.same(ITEM, pack.decode(pack.encode(ITEM, both), new))
    for _, case in ipairs { { old, new }, { both, old } } do
      local value, why, is_locked = pack.decode(pack.encode(ITEM, case[1]), case[2])
      assert.is_nil(value)
      assert.is_true(is_locked)
      assert.equal("it is sealed with a secret that is not among those given here (seal)", why)
    end
  end)

  it("says so where no secret is given", function()
    local value, why, is_locked = pack.decode(pack.encode(ITEM, new))
    assert.is_nil(value)
    assert.is_true(is_locked)
    assert.equal("it is sealed, and no secret is given here (seal)", why)
  end)

  it("is nothing for another outbox, nor when it was changed", function()
    local bytes = pack.encode(ITEM, new)
    local others = seals.new("news", NEW)
    for at = 2, #bytes do
      local byte = string.char((bytes:byte(at) + 1) % 256)
      local value, why = pack.decode(bytes:sub(1, at - 1) .. byte .. bytes:sub(at + 1), new)
      assert.is_nil(value)
      assert.is_string(why)
      assert.is_nil((pack.decode(bytes:sub(1, at - 1), new)))
    end
    local value, why, is_locked = pack.decode(bytes, others)
    assert.is_nil(value)
    assert.is_false(is_locked)
    assert.equal("its seal is broken: it was changed, or sealed for something else", why)
  end)

  it("may stand beside those that were added before there was a secret", function()
    assert.same(ITEM, pack.decode(pack.encode(ITEM), both))
  end)

  it("has a secret that Lua cannot read", function()
    local text = tostring(new)
    assert.equal("***", text)
    assert.is_nil(debug.getmetatable(new).__pairs)
    new:close()
    new:close()
    assert.has_error(function() pack.encode(ITEM, new) end, "this sms.seal is closed")
  end)
end)

describe("The option seal", function()
  it("is a secret or several", function()
    assert.is_nil(seals.new("codes", nil))
    for _, fine in ipairs { "s", ("s"):rep(16384), { "a", "b" },
      { "1", "2", "3", "4", "5", "6", "7", "8" } } do
      assert.is_nil(seals.problem(fine))
    end
    for _, wrong in ipairs { "", 1, true, false, {}, { "" }, { "a", 2 }, { a = "b" },
      ("s"):rep(16385), { "1", "2", "3", "4", "5", "6", "7", "8", "9" } } do
      assert.matches(" secrets was expected$", seals.problem(wrong))
    end
    assert.has_error(function() core.seal("codes", { {} }) end)
    assert.same({ nil, "invalid" }, { core.seal("codes", { "" }) })
  end)
end)
