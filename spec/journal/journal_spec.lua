-- The journal as Lua sees it; what files and disks do to it is tested in their own specs.

local core = require "sms.core"
local child = require "spec.support.child"

local HAS_CLOSE = load "local x <close> = nil" ~= nil -- from Lua 5.4 on

local function hash(text)
  return core.sha256(text)
end

describe("The journal of bulk sending", function()
  local folder, path

  setup(function()
    folder = child.shell("mktemp -d").out:match "[^\n]+"
    path = folder .. "/journal"
  end)

  teardown(function() child.shell("rm -r " .. child.quoted(folder)) end)

  after_each(function() os.remove(path) end)

  local function open(sync)
    local journal, why = core.journal(path, sync)
    return assert(journal, why)
  end

  it("knows what was begun and how it ended, in the next run as well", function()
    local journal = open()
    for ordinal, outcome in ipairs { "accepted", "rejected", "not_sent", "ambiguous", false } do
      assert.equal("new", journal:look(ordinal, hash(ordinal .. "")))
      assert.is_number(journal:begin(ordinal, hash(ordinal .. "")))
      if outcome then assert.is_number(journal:finish(ordinal, outcome)) end
    end
    journal:close()
    journal = open()
    for ordinal, known in ipairs { "accepted", "rejected", "new", "ambiguous", "open", "new" } do
      assert.equal(known, journal:look(ordinal, hash(ordinal .. "")))
    end
    journal:close()
  end)

  it("tells an item that is another than it was", function()
    local journal = open()
    journal:begin({ 1, 2, 3 }, hash "a" .. hash "b" .. hash "c")
    journal:finish({ 1, 3 }, { "accepted", "not_sent" })
    journal:close()
    journal = open()
    for ordinal = 1, 3 do assert.equal("changed", journal:look(ordinal, hash "d")) end
    assert.equal("open", journal:look(2, hash "b"))
    journal:close()
  end)

  it("takes a job at once, and what holds for all of it", function()
    local ordinals, hashes, outcomes = {}, {}, {}
    for i = 1, 3000 do
      ordinals[i], hashes[i] = i, hash("item " .. i)
      outcomes[i] = i % 2 == 0 and "accepted" or "rejected"
    end
    local journal = open()
    local begun = assert(journal:begin(ordinals, table.concat(hashes)))
    assert.is_true(assert(journal:finish(ordinals, "ambiguous")) > begun)
    journal:finish(ordinals, outcomes)
    journal:close()
    journal = open()
    for i = 1, 3000 do assert.equal(outcomes[i], journal:look(i, hashes[i])) end
    journal:close()
  end)

  it("tells the highest ordinal that was begun", function()
    local journal = open()
    assert.equal(0, journal:highest())
    journal:begin({ 7, 3 }, hash "a" .. hash "b")
    assert.equal(7, journal:highest())
    journal:close()
    journal = open()
    assert.equal(7, journal:highest())
    journal:begin(9000, hash "c")
    assert.equal(9000, journal:highest())
    journal:close()
  end)

  it("begins nothing that was accepted, and ends nothing that was not begun", function()
    local journal = open()
    journal:begin(1, hash "a")
    journal:finish(1, "accepted")
    local position, why = journal:finish({ 1, 2 }, "accepted")
    assert.is_nil(position)
    assert.equal(path .. ": item 2 was never begun", why)
    journal:close()
    journal = open()
    position, why = journal:begin({ 2, 1 }, hash "b" .. hash "a")
    assert.is_nil(position)
    assert.equal(path .. ": item 1 was accepted already", why)
    assert.equal("new", journal:look(2, hash "b"))
    journal:close()
  end)

  it("has one user at a time", function()
    local journal = open()
    local second, why = core.journal(path)
    assert.is_nil(second)
    assert.equal(path .. ": is in use already, by this process", why)
    journal:close()
    open():close()
  end)

  it("is closed as often as one likes, by collection and by the end of a block", function()
    local journal = open()
    journal:close()
    journal:close()
    assert.has_error(function() journal:look(1, hash "a") end, "this sms.journal is closed")
    journal = open() -- luacheck: ignore 311
    journal = nil
    collectgarbage()
    collectgarbage()
    if HAS_CLOSE then
      assert(load "local j <close> = ...; return j:begin(1, ('a'):rep(32))")(open())
    end
    open():close()
  end)

  it("says where it cannot be", function()
    for place, message in pairs {
      [folder .. "/absent/journal"] = "No such file or directory",
      [folder] = "Is a directory",
      [""] = "No such file or directory",
      ["/dev/null"] = "",
    } do
      local journal, why = core.journal(place)
      assert.is_nil(journal)
      assert.is_truthy(why:find(place .. ": " .. message, 1, true))
    end
    assert.has_error(function() core.journal("a\0b") end)
  end)

  it("is on the disk at once without sync, and soon with it", function()
    local journal = open()
    assert.is_true(journal:is_durable(journal:begin(1, hash "a")))
    journal:close()
    journal = open(true)
    local position = journal:begin(2, hash "b")
    local durable = false
    for _ = 1, 1000000 do
      durable = durable or journal:is_durable(position)
      if durable then break end
    end
    assert.is_true(durable)
    assert.is_false(journal:is_durable(position + 64))
    journal:close()
  end)

  it("raises where it is misused", function()
    local journal, h = open(), hash "a"
    for _, call in ipairs {
      { "look", 0, h }, { "look", 1.5, h }, { "look", "1", h }, { "look", 2 ^ 31, h },
      { "look", 1, "short" }, { "look", 1 }, { "look", 0 / 0, h }, { "begin", {}, "" },
      { "begin", 1, {} }, { "begin", { 1 }, { h } }, { "begin", { 1, 2 }, h },
      { "begin", { 1 }, h .. h }, { "begin", { 1, "2" }, h .. h }, { "begin", 1, 1 },
      { "finish", 1, "done" }, { "finish", 1 }, { "finish", { 1 }, { "accepted", "accepted" } },
      { "finish", 1, { "accepted" } }, { "finish", {}, "accepted" }, { "is_durable", -1 },
      { "is_durable", 0 / 0 },
    } do
      assert.has_error(function() journal[call[1]](journal, call[2], call[3]) end)
    end
    local many = {}
    for i = 1, 16385 do many[i] = i end
    assert.has_error(function() journal:begin(many, h:rep(16385)) end)
    many[16385] = nil
    assert.is_number(journal:begin(many, h:rep(16384)))
    journal:close()
  end)

  it("tells once what was cut off its end", function()
    local journal = open()
    journal:begin(1, hash "a")
    assert.is_nil(journal:warning())
    journal:close()
    local file = assert(io.open(path, "ab"))
    file:write(("x"):rep(63))
    file:close()
    journal = open()
    assert.equal(path .. ": its last write was never completed; 63 bytes are cut off",
      journal:warning())
    assert.is_nil(journal:warning())
    assert.equal("open", journal:look(1, hash "a"))
    journal:close()
  end)
end)

describe("core.sha256", function()
  it("is the digest in 32 bytes", function()
    local function hex(text)
      return (core.sha256(text):gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
    end
    assert.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", hex "")
    assert.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", hex "abc")
  end)
end)
