-- Params of each operation: the pass in C writes what the steps in Lua make of them, or nothing.

local fields = require "spec.support.declared.fields"
local steps = require "spec.support.declared.steps"
local values = require "spec.fuzz.values"
local writer = require "sms.schema.writer"

local declared = fields.declared()

local function names_in(record, list)
  for _, field in ipairs(record.fields or {}) do
    list[#list + 1] = field[1]
    names_in(field, list)
    if field.items then names_in(field.items, list) end
    for _, word in ipairs(field.enum or {}) do list[#list + 1] = word end
  end
  return list
end

local known, smallest = {}, {}
for i, each in ipairs(declared) do
  known[i] = { words = names_in(each.record, { "447700900000", "Acme", "hello", "1" }), pool = {} }
  smallest[i] = steps.smallest(each)
end

--- The smallest params that are in order, with some of them in their place.
local function params_of(place, from)
  local params = smallest[place].usual(declared[place].record)
  for _ = 1, from.byte() % 6 do
    params[from.word()] = from.value()
  end
  return params
end

local function written(each, params, context)
  local expected = steps.body(each, params, context)
  local body = writer.body(each.record, params, context)
  assert(not body or body == expected, "the pass writes something else")
end

return function(bytes)
  local place = (bytes:byte() or 0) % #declared + 1
  local each, from = declared[place], values.reader(bytes:sub(2), known[place])
  local params = params_of(place, from)
  for _, context in ipairs(steps.contexts(each)) do
    local ok, message = pcall(written, each, params, context)
    -- A metamethod that raises is the caller's own fault.
    assert(ok or tostring(message):find "on purpose", message)
  end
end
