-- Decoded replies in their documented shape.

local cases = require "spec.cases.replies"
local json = require "sms.base.json"
local response = require "sms.wire.response"

describe("A reply", function()
  it("gets the documented types and spelling, without nulls, with what is unknown", function()
    for _, case in ipairs(cases.read) do
      local expected = case[2]
      expected.numbers = expected.numbers or {}
      assert.same(expected, response.shape(cases.field, json.decode(case[1])))
    end
  end)

  it("of another shape is refused with a path", function()
    for _, case in ipairs(cases.wrong) do
      local result, message = response.shape(cases.field, json.decode(case[1]))
      assert.is_nil(result, case[1])
      assert.matches("^" .. case[2] .. "$", message)
    end
  end)

  it("gives integers where Lua has them", function()
    local text = '{"id":"a","count":5.0,"price":5.0,"any":[5]}'
    local read = response.shape(cases.field, json.decode(text))
    assert.equal("5 5 5", ("%s %s %s"):format(read.count, read.price, read.any[1]))
  end)

  it("of an operation that returns nothing is an empty table", function()
    assert.same({}, (response.read({ returns = cases.field }, 204, "")))
    assert.same({}, (response.read({}, 200, "x")))
  end)
end)
