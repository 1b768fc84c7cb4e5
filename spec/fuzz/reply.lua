-- Replies: the pass in C next to the steps in Lua, for each declared shape. Whatever comes, neither
-- raises, both make the same of it, and where the steps refuse it they say why.

local fields = require "spec.support.declared.fields"
local json = require "sms.base.json"
local layout = require "sms.schema.layout"
local response = require "sms.wire.response"
local cases = require "spec.cases.replies"

local shapes = { { returns = cases.field } }
for _, each in ipairs(fields.declared()) do
  local returns = each.record.returns
  if returns and returns.type ~= "any" then
    shapes[#shapes + 1] = { returns = returns, adds = each.record.adds }
  end
end

local function is_same(one, other)
  if type(one) ~= "table" or type(other) ~= "table" then
    return one == other and math.type(one) == math.type(other)
  end
  for key, value in pairs(one) do
    if not is_same(value, other[key]) then return false end
  end
  for key in pairs(other) do
    if one[key] == nil then return false end
  end
  return true
end

return function(bytes)
  local shape = shapes[(bytes:byte() or 0) % #shapes + 1]
  local body = bytes:sub(2)
  local read = shape.returns.reader or layout.reader(shape.returns, shape.adds)
  local quick = read and read(body)
  local decoded, message = json.decode(body, true)
  local slow
  if not message then
    slow, message = response.shape(shape.returns, decoded)
  end
  assert(slow ~= nil or type(message) == "string" and message ~= "")
  assert(quick == nil or not read or is_same(quick, slow), "the pass reads something else")
  local result, why = response.read(shape, 200, body)
  assert(result ~= nil or type(why) == "string" and not why:find "[%z\1-\31\127]", why)
end
