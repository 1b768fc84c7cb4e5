--- Params straight to a body, in one pass in C, where all is in order: the usual case. Where
--- it is not, sms.schema says what is amiss, or sms.request builds what is out of the
--- ordinary. Both see to the same fields. Pure.

local core = require "sms.core"
local formats = require "sms.formats"
local json = require "sms.json"

local direct = {}

-- As src/lua_schema.c numbers them; what is not here is left to sms.schema, where it is given.
local KINDS = { string = 1, digits = 1, integer = 2, boolean = 3, flag = 4, array = 5, record = 6 }
local FORMATS = { phone = 1, e164 = 2, nexmo_sender = 3 }
local IN_LUA = 4
local MOST_FIELDS = 32 -- of a record: they are bits of a word

--- What is sent otherwise than it is given, in a way that the pass does not know.
local function is_out_of_the_ordinary(field)
  return field.in_path or field.sent_as or field.plus or field.default ~= nil
    or field.only ~= nil or field.rules
end

local function head_of(name, is_json)
  return is_json and json.encode_any(name) .. ":" or core.escape(name) .. "="
end

--- A node's limits: of numbers, or of the length of a text or list.
local function limits_of(field)
  local most = field.max_length or math.huge
  local advised = field.warn_length or math.huge
  return {
    kind = KINDS[field.type] or 0,
    multiline = field.multiline and 1 or 0,
    least = field.min_length or field.min_items,
    most = math.min(most, advised),
    most_ascii = math.min(field.max_length_ascii or most, advised),
    min = field.type == "flag" and 0 or field.min,
    max = field.type == "flag" and 1 or field.max,
    or_value = field.or_value,
  }
end

local function bit_of(index)
  return 2 ^ (index - 1)
end

local lay

--- Lays the children of a node beside each other.
local function lay_all(plan, node, list)
  local nodes = plan.nodes
  node.first, node.count = #nodes + 1, #list
  for i = 1, #list do
    nodes[node.first + i - 1] = {}
  end
  for i, child in ipairs(list) do
    lay(plan, node.first + i - 1, child)
  end
end

--- Lays a field, and what is in it, into the plan.
function lay(plan, place, field)
  local node = limits_of(type(field) == "table" and field or {})
  plan.nodes[place] = node
  if type(field) == "string" then -- a word of an enumeration
    node.name = field
    return
  end
  node.name = field[1]
  node.head = node.name and head_of(node.name, plan.is_json)
  plan.names[place] = node.name or false
  plan.formats[place] = formats[field.format] or false
  node.format = field.format and (FORMATS[field.format] or IN_LUA)
  if field.type ~= "record" then
    lay_all(plan, node, field.type == "array" and { field.items } or field.enum or {})
    return
  end
  lay_all(plan, node, field.fields)
  node.needed = 0
  plan.is_possible = plan.is_possible and #field.fields <= MOST_FIELDS
  for i, part in ipairs(field.fields) do
    node.needed = node.needed + (part.required and bit_of(i) or 0)
    node.shorthand = part[1] == field.shorthand and i or node.shorthand
    plan.is_possible = plan.is_possible and not is_out_of_the_ordinary(part)
  end
end

--- The rules of the usual case, for the pass.
local function add_usual(plan, operation)
  local usual = operation.usual
  local places, without = {}, 0
  for i, field in ipairs(operation.fields) do
    places[field[1]] = i
  end
  for _, name in ipairs(usual.without) do
    without = without + bit_of(places[name])
  end
  plan.nodes.text, plan.nodes.type = places[usual.text], places[usual.type]
  plan.nodes.misfit, plan.nodes.without = usual.misfit, without
end

--- The pass of an operation; false where it is out of the ordinary.
local function writer_of(operation)
  if operation.complete or operation.encode or operation.remember
    or operation.path:find("{", 1, true) then
    return false
  end
  local is_json = operation.body == "json"
  local plan = { is_json = is_json, is_possible = #operation.fields > 0,
    nodes = { {} }, names = {}, formats = {} }
  lay(plan, 1, { type = "record", fields = operation.fields })
  if not plan.is_possible then
    return false
  end
  plan.nodes.json = is_json and 1 or 0
  if operation.usual then
    add_usual(plan, operation)
  end
  return core.writer(plan.nodes, plan.names, plan.formats)
end

--- Whether the rules of an operation find nothing, by the params as they are given.
local function rules_hold(operation, params, context)
  local hold = true
  local function problem()
    hold = false
  end
  for _, rule in ipairs(operation.rules) do
    rule(params, problem, context, params)
  end
  return hold
end

--- The body of a request, or its query, where all params are in order and nothing about
--- them is out of the ordinary.
---@param operation table
---@param params table
---@param context table what rules may ask beside params
---@return string? body nil: ask sms.schema
function direct.body(operation, params, context)
  local write = operation.writer
  if write == nil then
    write = writer_of(operation)
    operation.writer = write
  end
  local body = write and write(params, context.auto_unicode)
  if body and operation.rules and not operation.usual
    and not rules_hold(operation, params, context) then
    return nil
  end
  return body or nil
end

return direct
