--- Declared fields laid out for the passes in C (src/lua/pass/layout.h): a flat list of nodes,
--- the record first, children beside each other. Pure.

local core = require "sms.core"
local formats = require "sms.schema.formats"
local json = require "sms.base.json"

local layout = {}

-- As src/lua/pass/layout.h numbers them; what is not here is left to the steps in Lua, where it is
-- given.
local KINDS = { string = 1, digits = 1, integer = 2, boolean = 3, flag = 4, array = 5, record = 6 }
local REPLY_KINDS = { number = 2, alias = 7, not_blank = 8 }
local FORMATS = { phone = 1, e164 = 2, e164_sender = 3 }
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

--- A node without children: its kind, and limits of numbers or of the length of a text or list.
local function node_of(field, is_reply)
  return {
    kind = is_reply and REPLY_KINDS[field.not_blank and "not_blank" or field.type]
      or KINDS[field.type] or 0,
    multiline = field.multiline and 1 or 0,
    empty = field.empty and 1 or 0,
    reference = (field.reference or field.type == "digits") and 1 or 0,
    least = field.min_length or field.min_items,
    most = math.min(field.max_length or math.huge, field.warn_length or math.huge),
    min = field.type == "flag" and 0 or field.min,
    max = field.type == "flag" and 1 or field.max,
    or_value = field.or_value,
  }
end

--- What a reply has under an alias is moved in Lua.
local function with_aliases(fields)
  local all = {}
  for i, field in ipairs(fields) do
    all[i] = field
  end
  for _, field in ipairs(fields) do
    all[#all + 1] = field.alias and { field.alias, type = "alias" } or nil
  end
  return all
end

local function bit_of(index)
  return 2 ^ (index - 1)
end

local lay

--- Lays the children of a node beside each other.
local function lay_all(made, node, list)
  local nodes = made.nodes
  node.first, node.count = #nodes + 1, #list
  for i = 1, #list do
    nodes[node.first + i - 1] = {}
  end
  for i, child in ipairs(list) do
    lay(made, node.first + i - 1, child)
  end
end

--- Lays a field, and what is in it.
function lay(made, place, field)
  local node = node_of(type(field) == "table" and field or {}, made.is_reply)
  made.nodes[place] = node
  if type(field) == "string" then -- a word of an enumeration
    node.name = field
    return
  end
  node.name = field[1]
  node.head = node.name and not field.apart and head_of(node.name, made.is_json) or nil
  made.formats[place] = formats.of(field.format) or false
  node.format = field.format and (FORMATS[field.format] or IN_LUA)
  if field.type ~= "record" then
    lay_all(made, node, field.type == "array" and { field.items } or field.enum or {})
    return
  end
  local fields = made.is_reply and with_aliases(field.fields) or field.fields
  lay_all(made, node, fields)
  node.needed = 0
  made.is_possible = made.is_possible and #fields <= MOST_FIELDS
  for i, part in ipairs(fields) do
    node.needed = node.needed + ((part.required or part.always) and bit_of(i) or 0)
    node.shorthand = part[1] == field.shorthand and i or node.shorthand
    made.is_possible = made.is_possible and not is_out_of_the_ordinary(part)
  end
end

--- The rules of the usual case, for the pass.
local function add_usual(nodes, operation)
  local usual = operation.usual
  local places, without = {}, 0
  for i, field in ipairs(operation.fields) do
    places[field[1]] = i
  end
  for _, name in ipairs(usual.without) do
    without = without + bit_of(places[name])
  end
  nodes.text, nodes.type = places[usual.text], places[usual.type]
  nodes.misfit, nodes.without = usual.misfit, without
end

local function laid(field, is_json, is_reply)
  local made = { is_json = is_json, is_reply = is_reply, is_possible = true, nodes = { {} },
    formats = {} }
  lay(made, 1, field)
  return made.is_possible and made
end

local function new_writer(operation)
  if operation.complete or operation.encode or operation.remember or #operation.fields == 0
    or operation.path and operation.path:find("{", 1, true) then
    return false
  end
  local is_json = operation.body == "json"
  local made = laid({ type = "record", fields = operation.fields }, is_json)
  if not made then
    return false
  end
  made.nodes.json = is_json and 1 or 0
  made.nodes.exact = operation.rules and not operation.usual and 1 or 0
  if operation.usual then
    add_usual(made.nodes, operation)
  end
  return core.writer(made.nodes, made.formats)
end

local function new_reader(returns, adds)
  local made = laid(returns, false, true)
  if not made then
    return false
  end
  local root = made.nodes[1]
  local record = returns.type == "array" and made.nodes[root.first] or root
  record.added = adds and #adds
  return core.reader(made.nodes, json.list_meta, json.empty_list_meta)
end

--- What is made of declared data at its first use, and kept with it.
local function kept(declared, name, make, more)
  if declared[name] == nil then
    declared[name] = make(declared, more)
  end
  return declared[name]
end

--- The pass that checks and writes the params of an operation, or an item of send_all.
---@param operation table
---@return (fun(params: table, may_misfit: boolean?): string?)|false write false: there is none
function layout.writer(operation)
  return kept(operation, "writer", new_writer)
end

--- The pass that reads a reply that is as documented.
---@param returns table the declared shape
---@param adds table[]? fields that its record, or each record of its list, gets afterwards
---@return (fun(text: string): table?)|false read nil: it is not; false: there is none
function layout.reader(returns, adds)
  return kept(returns, "reader", new_reader, adds)
end

return layout
