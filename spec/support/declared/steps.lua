-- Params on their long way: checked by sms.schema, built by sms.wire.request; and makers of params
-- that are in order (spec.support.declared.fields).

local writer = require "sms.schema.writer"
local fields = require "spec.support.declared.fields"
local json = require "sms.base.json"
local request = require "sms.wire.request"
local schema = require "sms.schema"
local values = require "spec.support.declared.values"

local steps = {}

local CONTEXTS = { { auto_unicode = true }, { auto_unicode = false, strict_parts = true } }
local ITEM_CONTEXTS = { { options = {} },
  { options = { maxParts = 1, invalidCharacters = "REFUSE" }, strict_parts = true } }

--- What the rules of a declared record may be asked beside params.
function steps.contexts(each)
  return each.is_item and ITEM_CONTEXTS or CONTEXTS
end

local function built(each, sent)
  if each.is_item then
    return json.encode(each.record, sent)
  end
  local made = request.build(each.record, sent, "http://127.0.0.1")
  return made.body or made.url:match "%?(.*)$" or ""
end

--- The same record with a warning, for which sms.schema checks again in the declared order.
local function warning(record)
  local rules = { function(_, _, _, _, warn) warn("", "") end }
  for _, rule in ipairs(record.rules or {}) do rules[#rules + 1] = rule end
  return setmetatable({ rules = rules }, { __index = record })
end

--- The body or query that is made of params.
---@return string? body nil where they are refused, or warned of
---@return table sent
---@return table problems
function steps.body(each, params, context)
  local sent, problems, warnings = schema.check(each.record, params, context)
  if problems[1] or warnings[1] then
    return nil, sent, problems
  end
  each.warning = each.warning or warning(each.record)
  local body = built(each, sent)
  if body ~= built(each, schema.check(each.warning, params, context)) then
    error("another order of the check, another body than " .. body)
  end
  return body, sent, problems
end

--- The smallest params that are in order, with what the rules require.
---@return table maker
---@return table also the fields that it has beside the required ones
function steps.smallest(each)
  local also = {}
  local maker = values.maker(function(field) return also[field] end)
  for _ = 1, #each.record.fields do
    local params = maker.usual(each.record)
    local _, _, problems = steps.body(each, params, steps.contexts(each)[1])
    for _, problem in ipairs(problems) do
      also[values.part_of(each.record, problem.path)] = true
    end
  end
  return maker, also
end

--- Params with all fields that the pass writes together, at each depth.
---@return table maker
function steps.fullest(each)
  local _, also = steps.smallest(each)
  local words = {}
  local maker = values.maker(function(field) return also[field] end, words)
  local function is_written()
    local params, context = maker.usual(each.record), steps.contexts(each)[1]
    return steps.body(each, params, context) and writer.body(each.record, params, context)
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

return steps
