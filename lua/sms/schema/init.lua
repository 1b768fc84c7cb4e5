--- Checks tables against declared fields and returns them as they are sent. Pure.
---
--- A field is { name, type = …, … }: type is string, integer, number, boolean, flag,
--- digits, choice, array, record or any. Other keys are constraints below; a constraint
--- is a name, a function and a message. All problems are found, not the first.
---
--- Tables are read raw: what a metatable would give is not there.

local json = require "sms.base.json"
local suggest = require "sms.base.suggest"
local values = require "sms.schema.values"

local schema = {}

local DEEPEST = 32 -- of values that are handed through; also ends cycles
local note = values.note

local function key_path(path, key)
  key = type(key) == "string" and key:gsub("[%z\1-\31\127]", "?"):sub(1, 60) or tostring(key)
  return path == "" and key or path .. "." .. key
end

local checks = setmetatable({}, { __index = values })

--- A table as it is without its metatable.
local function raw(value)
  if type(value) ~= "table" or getmetatable(value) == nil then
    return value
  end
  local copy = {}
  for key, part in next, value do
    copy[key] = part
  end
  return copy
end

--- Whether its keys are 1, 2, 3, …: of a list with holes `#` may be anything.
local function is_list(value)
  local count, highest = 0, 0
  for key in pairs(value) do
    if type(key) ~= "number" or key < 1 or key % 1 ~= 0 then
      return false
    end
    count, highest = count + 1, math.max(highest, key)
  end
  return count == highest
end

function checks.array(field, value, path, state)
  value = raw(value)
  if type(value) ~= "table" or not is_list(value) then
    return note(state, path, "must be a list")
  elseif #value < (field.min_items or 0) then
    return note(state, path, "must have at least one entry")
  end
  local items, list = field.items, {}
  local check = checks[items.type]
  for i = 1, #value do
    list[i] = check(items, value[i], state.declared and path .. "[" .. i .. "]" or "", state)
  end
  return list
end

local function check_unknown(field, value, path, state)
  for key in pairs(value) do
    if not field.by_name[key] then
      local near = type(key) == "string" and suggest.nearest(key, field.names)
      note(state, key_path(path, key),
        near and ("is not known; did you mean '%s'?"):format(near) or "is not known")
    end
  end
end

--- Indexes the fields of a record, once: by their names and aliases, and those that count
--- even where they are not given.
local function compile(field)
  local by_name, names, needed = {}, {}, {}
  for _, part in ipairs(field.fields) do
    part.check = checks[part.type]
    by_name[part[1]] = part
    names[#names + 1] = part[1]
    if part.alias then
      by_name[part.alias] = part
    end
    if part.required or part.default ~= nil then
      needed[#needed + 1] = part
    end
  end
  field.by_name, field.names, field.needed = by_name, names, needed
end

--- Checks what is given, in no order and without paths: fast.
--- False where anything is not as it should be.
local function check_given(field, value, state, sent)
  local by_name, problems = field.by_name, state.problems
  for key, given in next, value do
    local part = by_name[key]
    local name = part and part[1]
    if not part or sent[name] ~= nil then
      return false
    end
    sent[name] = part.check(part, given, "", state)
  end
  local needed = field.needed
  for i = 1, #needed do
    local part = needed[i]
    if sent[part[1]] == nil then
      if part.required then
        return false
      end
      sent[part[1]] = part.default
    end
  end
  return problems[1] == nil
end

--- The same in the declared order, every problem named.
local function check_declared(field, value, path, prefix, state, sent)
  for _, part in ipairs(field.fields) do
    local name = part[1]
    local given = value[name]
    if part.alias and value[part.alias] ~= nil then
      if given ~= nil then
        note(state, prefix .. part.alias, ("is the same as '%s'; give one"):format(name))
      end
      given = value[part.alias]
    end
    if given ~= nil then
      sent[name] = part.check(part, given, prefix .. name, state)
    elseif part.required then
      note(state, prefix .. name, "is required")
    else
      sent[name] = part.default
    end
  end
  check_unknown(field, value, path, state)
end

local function apply_rules(field, value, prefix, state, sent)
  local function problem(name, message)
    if value[name] == nil or sent[name] ~= nil then -- else it has its problem already
      note(state, prefix .. name, message)
    end
  end
  local function warn(name, message)
    state.warnings[#state.warnings + 1] = ("%s%s %s"):format(prefix, name, message)
  end
  for _, rule in ipairs(field.rules) do
    rule(sent, problem, state.context, value, warn)
  end
end

function checks.record(field, value, path, state)
  if field.shorthand and type(value) == "string" then
    value = { [field.shorthand] = value }
  elseif type(value) ~= "table" then
    return note(state, path, "must be a table")
  end
  value = raw(value)
  if not field.by_name then
    compile(field)
  end
  local sent = {}
  local prefix = path == "" and "" or path .. "."
  if state.declared then
    check_declared(field, value, path, prefix, state, sent)
  elseif not check_given(field, value, state, sent) then
    state.failed = true
    return sent
  end
  if field.rules then
    apply_rules(field, value, prefix, state, sent)
  end
  return sent
end

local function copy_any(given, path, state, depth)
  local value = raw(given)
  local kind = type(value)
  if kind == "string" then
    local message = values.utf8_problem(value)
    if message then
      return note(state, path, message)
    end
    return value
  elseif kind == "number" then
    return checks.number({}, value, path, state)
  elseif kind == "boolean" then
    return value
  elseif kind ~= "table" then
    return note(state, path, "must not be a " .. kind)
  elseif depth > DEEPEST then
    return note(state, path, "is nested too deep, or contains itself")
  end
  local says_list, copy = json.says_list(given), {}
  local list = (#value > 0 or says_list) and is_list(value)
  for key, part in pairs(value) do
    if not list and (says_list or type(key) ~= "string") then
      note(state, path, "must be a list or have names for keys")
      return nil
    elseif not list and values.utf8_problem(key) then
      note(state, path, "must have names of valid UTF-8")
      return nil
    end
    local at = list and ("%s[%d]"):format(path, key) or key_path(path, key)
    copy[key] = copy_any(part, at, state, depth + 1)
    if #state.problems > 20 then
      break
    end
  end
  return says_list and setmetatable(copy, getmetatable(given)) or copy
end

--- Handed through as JSON, unchecked but for what no JSON can say.
function checks.any(field, value, path, state)
  if field.table and type(value) ~= "table" then
    return note(state, path, "must be a table")
  elseif field.table == "object" and (rawget(value, 1) ~= nil or json.says_list(value)) then
    return note(state, path, "must have names for keys")
  end
  return copy_any(value, path, state, 1)
end

--- Checks params and returns them as they are sent: documented spelling, normalised
--- numbers, defaults; what was given is not changed.
---@param record table a field of type `record`
---@param params table
---@param context table? what the rules of a record may ask beside params
---@param strict boolean? numbers, booleans and words must be what they are (sms.schema.values)
---@return table sent meaningless where there are problems
---@return { path: string, message: string }[] problems
---@return string[] warnings
function schema.check(record, params, context, strict)
  local state = { problems = {}, warnings = {}, context = context, strict = strict }
  local sent = checks.record(record, params, "", state)
  if state.failed or state.problems[1] or state.warnings[1] then
    state = { problems = {}, warnings = {}, context = context, strict = strict,
      declared = true }
    sent = checks.record(record, params, "", state)
  end
  return sent, state.problems, state.warnings
end

return schema
