-- The pass in C next to sms.schema and sms.request, over every declared field: what it writes is
-- what they make of the same params, it writes nothing where they refuse or warn, and it writes
-- all that is sent as it is given. SMS_TEST_LONG=1 tries more random changes.

local changes = require "spec.support.changes"
local direct = require "sms.schema.writer"
local fields = require "spec.support.fields"
local json = require "sms.base.json"
local layout = require "sms.schema.layout"
local request = require "sms.wire.request"
local schema = require "sms.schema"
local values = require "spec.support.values"

local LONG = os.getenv "SMS_TEST_LONG"
local CHANGES = LONG and 100000 or 1500 -- of the params of an operation
local CASES = { "nexmo", "nexmo_codes", "nexmo_refused", "nexmo_replies", "outcomes",
  "retarus", "retarus_refused" }
local CONTEXT = { auto_unicode = true }
local CONTEXTS = { CONTEXT, { auto_unicode = false, strict_parts = true } }
local ITEM_CONTEXTS = { { options = {} },
  { options = { maxParts = 1, invalidCharacters = "REFUSE" }, strict_parts = true } }

local declared, named = fields.declared(), {}
for _, each in ipairs(declared) do
  named[each.name] = named[each.name] or each
end

-- What the pass leaves to Lua where it is in order, though it is sent as it is given: values of a
-- choice, and types of send_sms with rules of their own.
local function is_left(field)
  return field.type == "choice" or field == values.part(named.send_sms.record, "type")
end

--- The same record, whose check is done again in the declared order, as where it warns.
local function in_order(record)
  local rules = { unpack(record.rules or {}) }
  rules[#rules + 1] = function(_, _, _, _, warn) warn("", "") end
  return setmetatable({ rules = rules }, { __index = record })
end

local function built(each, sent)
  if each.is_item then
    return json.encode(each.record, sent)
  end
  local made = request.build(each.record, sent, "http://127.0.0.1")
  return made.body or made.url:match "%?(.*)$" or ""
end

--- The body or query that the steps in Lua make, and what they send; nil where they refuse or
--- warn.
local function by_steps(each, params, context)
  local sent, problems, warnings = schema.check(each.record, params, context)
  if problems[1] or warnings[1] then
    return nil, nil, problems
  end
  each.in_order = each.in_order or in_order(each.record)
  local body, again = built(each, sent), schema.check(each.in_order, params, context)
  assert(body == built(each, again), "another order, another body")
  return body, sent
end

local function compare(each, params, context)
  local expected, sent = by_steps(each, params, context)
  local written = direct.body(each.record, params, context)
  if written and written ~= expected then
    assert.equal(expected, written)
  end
  return expected, written, sent
end

--- Whether two values are the same, down to the last, and plain tables.
local function is_same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  local same = not getmetatable(a)
  for key, value in pairs(a) do
    same = same and is_same(value, b[key])
  end
  for key in pairs(b) do
    same = same and a[key] ~= nil
  end
  return same
end

local function contexts_of(each)
  return each.is_item and ITEM_CONTEXTS or CONTEXTS
end

--- A maker of the smallest params that are in order: with what rules require, too.
local function smallest(each)
  local also = {}
  local maker = values.maker(function(field) return also[field] end)
  for _ = 1, #each.record.fields do
    local _, _, problems = by_steps(each, maker.usual(each.record), contexts_of(each)[1])
    for _, problem in ipairs(problems or {}) do
      also[values.part(each.record, problem.path)] = true
    end
  end
  return maker, also
end

--- A maker of params with all fields that the pass writes together.
local function fullest(each)
  local _, also = smallest(each)
  local words = {}
  local maker = values.maker(function(field) return also[field] end, words)
  local function is_written()
    return compare(each, maker.usual(each.record), contexts_of(each)[1])
      and direct.body(each.record, maker.usual(each.record), contexts_of(each)[1])
  end
  fields.walk(each.record, each.name, maker, function(_, field)
    if field == each.record or field.required or also[field] then
      return
    end
    also[field] = true
    for _, word in ipairs(field.enum or { false }) do
      words[field] = word or nil
      if is_written() then
        return
      end
    end
    also[field] = nil
  end)
  return maker
end

--- Compares all values of all fields; how many are in order, and are written.
local function compare_all(each, maker)
  local count = { fine = 0, written = 0, refused = 0 }
  fields.walk(each.record, each.name, maker, function(path, field, with)
    for _, value in ipairs(values.of(field, maker)) do
      local params = with(value)
      for _, context in ipairs(contexts_of(each)) do
        local ok, expected, written, sent = pcall(compare, each, params, context)
        if not ok or expected and not written and each.record.writer and not is_left(field)
          and is_same(params, sent) then
          error(("%s = %s: %s"):format(path, tostring(value), ok and "left" or tostring(expected)))
        end
        count.fine = count.fine + (expected and 1 or 0)
        count.written = count.written + (written and 1 or 0)
        count.refused = count.refused + (expected and 0 or 1)
      end
    end
  end)
  return count
end

describe("Params written in one pass", function()
  it("are those of operations that send, and of reads without a path; and items", function()
    local list = {}
    for _, each in ipairs(declared) do
      list[#list + 1] = layout.writer(each.record) and each.name
    end
    table.sort(list)
    assert.same({ "an item of retarus", "create_application of version 1", "list_applications of version 1",
      "list_inbound_numbers", "list_owned_numbers", "send_job", "send_sms", "send_voice" }, list)
  end)
end)
