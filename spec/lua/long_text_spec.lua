-- Texts that grow outside of Lua's memory.

local core = require "sms.core"

describe("core.long_text", function()
  it("is its texts, one behind the other, with all their bytes", function()
    local text = core.long_text("a\0", "", "b")
    assert.equal("a\0b", text:text())
    assert.equal(text, text:add("c", core.long_text "d", "e"))
    assert.equal("a\0bcde", text:text())
    assert.equal("", core.long_text():text())
  end)

  it("grows as far as one likes", function()
    local text, parts = core.long_text(), {}
    for i = 1, 20000 do
      parts[i] = "part " .. i
      text:add(parts[i])
    end
    assert.equal(table.concat(parts), text:text())
  end)

  it("is empty once it was dropped, and may be used again", function()
    local text = core.long_text(("x"):rep(100000))
    text:drop()
    text:drop()
    assert.equal("", text:text())
    assert.equal("y", text:add("y"):text())
    text:add(("z"):rep(99))
    assert.equal(("y" .. ("z"):rep(99)):rep(4), text:add(text, text):text())
  end)

  it("takes nothing but texts", function()
    local text = core.long_text "a"
    for _, wrong in ipairs { {}, true, io.stdout } do
      assert.has_error(function() text:add(wrong) end)
      assert.has_error(function() core.long_text(wrong) end)
    end
    assert.equal("a", text:text())
  end)

  it("gives a journal its hashes", function()
    local path = os.tmpname()
    local journal = assert(core.journal(path))
    local a, b = core.sha256 "a", core.sha256 "b"
    assert.is_number(journal:begin({ 1, 2 }, core.long_text(a, b)))
    assert.has_error(function() journal:begin({ 3, 4 }, core.long_text(a)) end)
    journal:close()
    journal = assert(core.journal(path))
    assert.equal("changed", journal:look(1, b))
    assert.equal("open", journal:look(2, b))
    journal:close()
    os.remove(path)
  end)
end)
