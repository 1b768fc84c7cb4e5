-- Items of send_all as the texts by whose hashes a journal knows them.

local canonical = require "sms.bulk.canonical"

describe("An item as one text", function()
  it("is the same whatever the order of its keys, and in every Lua", function()
    local one = { dst = "+49", text = "Hi", list = { 1, 2.5, true } }
    local two = { list = { 1, 2.5, true } }
    two.text, two.dst = "Hi", "+49"
    assert.equal(canonical.text(one), canonical.text(two))
    assert.equal("t{s3:dsts3:+49s4:listt{n1;n1;n2;n2.5;n3;true;}s4:texts2:Hi}", canonical.text(one))
    assert.equal(canonical.text { 3 }, canonical.text { 6 / 2 })
  end)

  it("tells types and places apart", function()
    local texts = {}
    for _, item in ipairs { { "1" }, { 1 }, { true }, { {} }, { "1", "1" }, { a = "1" }, {},
      { ["1"] = "1" }, { "s1:1" }, { print }, { io.stdout } } do
      local text = canonical.text(item)
      assert.is_nil(texts[text], text)
      texts[text] = true
    end
    assert.equal(canonical.text { print }, canonical.text { error })
    local cycle = {}
    cycle[1] = cycle
    assert.is_string(canonical.text(cycle))
  end)
end)
