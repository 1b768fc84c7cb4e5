-- Named formats of strings: what is taken, as what it is sent, and what is not.

local formats = require "sms.schema.formats"
local strings = require "spec.cases.formats"

describe("The format", function()
  for name, list in pairs(strings.taken) do
    it(name .. " sends what is right, in one spelling", function()
      for given, sent in pairs(list) do
        assert.same({ sent }, { formats[name](given) })
      end
    end)
  end

  for name, list in pairs(strings.refused) do
    it(name .. " refuses what is wrong, and says why", function()
      for _, given in ipairs(list) do
        local sent, message = formats[name](given)
        assert.is_nil(sent, ("%s: %q"):format(name, given))
        assert.matches("^%l", message)
        assert.is_nil(message:find "[%z\1-\31]")
      end
    end)
  end

  it("has cases for each that there is", function()
    for name in pairs(formats) do
      if name ~= "within_days" and name ~= "of" and name ~= "trims" then
        assert.is_table(strings.taken[name], name)
        assert.is_table(strings.refused[name], name)
      end
    end
  end)
end)

describe("Two times", function()
  it("are in order and near, to the second", function()
    local first = "2030-01-01T00:00:00Z"
    for _, case in ipairs {
      { "2030-01-01T00:00:01Z", true, true }, { first, false, true },
      { "2029-12-31T23:59:59Z", false, true }, { "2030-01-31T00:00:00Z", true, true },
      { "2030-01-31T00:00:01Z", true, false }, { "2030-01-31T01:00:00+01:00", true, true },
    } do
      assert.same({ case[2], case[3] }, { formats.within_days(first, case[1], 30) })
    end
  end)
end)
