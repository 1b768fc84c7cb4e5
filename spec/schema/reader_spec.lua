-- The pass in C that reads replies next to sms.wire.response, over every declared shape: where it
-- takes a reply as documented, it makes of it what Lua makes.

local cases = require "spec.cases.replies"
local fields = require "spec.support.declared.fields"
local layout = require "sms.schema.layout"
local replies = require "spec.support.declared.replies"
local response = require "sms.wire.response"

local math_type = math.type or type

--- A value as text, with the kinds of its numbers.
local function text_of(value)
  if type(value) ~= "table" then
    return (math_type(value) or type(value)) .. " " .. tostring(value)
  end
  local parts = {}
  for key, part in pairs(value) do
    parts[#parts + 1] = tostring(key) .. "=" .. text_of(part)
  end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

local function read(shape, text)
  local result, message = response.read({ returns = shape }, 200, text)
  return message or text_of(result), message == nil
end

--- Reads JSON with the pass and without it.
---@return boolean taken by the pass
---@return boolean fine
local function compare(shape, text)
  local made, fine = read(shape, text)
  local in_lua = setmetatable({ reader = false }, { __index = shape })
  assert.equal(read(in_lua, text), made, text)
  return layout.reader(shape)(text) ~= nil, fine
end

local TOO_LARGE = { ["1e21"] = true, ["1e300"] = true, ["1e400"] = true,
  ["9007199254740993"] = true, ["-12345678901234567890"] = true }
local BLANK = { ['""'] = true, ['" "'] = true, ['"\\n"'] = true }
local DOCUMENTED = { string = '^"', number = "^[%d-]", integer = "^[%d-]", boolean = "^[tf]" }

--- Reads each value of each field in what a maker makes; how many fit and how many do not. The pass
--- takes every value of the documented type.
local function try_all(each, maker)
  local fine, refused = 0, 0
  fields.walk(each.returns, each.name, maker, function(path, field, with)
    for _, value in ipairs(replies.of(field, maker)) do
      local text = with(value)
      if text ~= fields.NONE then
        local ok, taken, is_fine = pcall(compare, each.returns, text)
        assert.is_true(ok, ("%s = %s: %s"):format(path, tostring(value), tostring(taken)))
        fine, refused = fine + (is_fine and 1 or 0), refused + (is_fine and 0 or 1)
        if DOCUMENTED[field.type] and tostring(value):find(DOCUMENTED[field.type])
          and not TOO_LARGE[value] and not (field.not_blank and BLANK[value]) then
          assert.is_true(taken, ("%s = %s is left to Lua"):format(path, value))
        end
      end
    end
  end)
  return fine, refused
end

describe("A reply read in C", function()
  local seen = {}
  for _, each in ipairs(fields.declared()) do
    if each.returns and not seen[each.returns] then
      seen[each.returns] = true
      it("is what it is in Lua, whatever stands in that to " .. each.name, function()
        local smallest = replies.maker(function(field) return field.always end)
        local fullest = replies.maker(function() return true end)
        assert.is_true(compare(each.returns, fullest.usual(each.returns)))
        for _, maker in ipairs { smallest, fullest } do
          local fine, refused = try_all(each, maker)
          assert.is_true(fine > 0 and refused > 0)
        end
      end)
    end
  end

  it("is what it is in Lua, for odd ones of all types", function()
    for _, list in ipairs { cases.read, cases.wrong } do
      for _, case in ipairs(list) do
        compare(cases.field, case[1])
      end
    end
    assert.is_true(compare(cases.field, '{"id":"a","count":5,"any":7,"tags":["x"],"more":1,'
      .. '"numbers":[{"msisdn":"1"},{"msisdn":"2"}],"price":1.5,"open":true,"text":null}'))
    assert.is_false(compare(cases.field, '{"id":"a","numbers":[],"old-text":"t"}'))
  end)
end)
