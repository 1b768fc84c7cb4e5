-- What comes from lua-cjson, where it is something else than that makes. sms.base.json's spec has
-- the rest.

local core = require "sms.core"

describe("json_restore", function()
  it("closes up a list with holes", function()
    local list = { 1, 2, nil, true, { kind = "a" } }
    assert.same({ 1, 2, true, { kind = "a" } }, core.json_restore(list))
    assert.equal(list, core.json_restore(list))
  end)

  it("leaves alone what is no list", function()
    for _, value in ipairs { "a", 7, true, print } do
      assert.equal(value, core.json_restore(value))
    end
    assert.is_nil(core.json_restore())
  end)
end)
