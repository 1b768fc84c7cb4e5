--- Checks tables against declared fields and returns them as they are sent. Pure.
---
--- A field is { name, type = …, … }: type is string, integer, number, boolean, flag,
--- digits, choice, array, record or any. Other keys are constraints below; a constraint
--- is a name, a function and a message. All problems are found, not the first.

local formats = require "sms.formats"
local measure = require "sms.core".measure
local suggest = require "sms.suggest"

local schema = {}

local DEEPEST = 32 -- of values that are handed through; also ends cycles
local floor, huge = math.floor, math.huge

local function note(state, path, message)
  local problems = state.problems
  problems[#problems + 1] = { path = path, message = message }
end

local function key_path(path, key)
  key = type(key) == "string" and key:gsub("[%z\1-\31\127]", "?"):sub(1, 60) or tostring(key)
  return path == "" and key or path .. "." .. key
end

--- Beyond 2^53 a Lua without integers cannot tell neighbours apart.
local function is_whole(value)
  return type(value) == "number" and value == floor(value) and value > -2 ^ 53 and value < 2 ^ 53
end

--- An integral number in the integer form of the running Lua.
local function to_integer(value)
  return math.tointeger and math.tointeger(value) or value + 0 -- not -0
end

local function characters(text)
  local _, count = text:gsub("[^\128-\191]", "")
  return count
end

-- Constraints of strings, in the order in which they are checked; the first that fails
-- gives the message.
local STRING_RULES = {
  { "min_length", function(text, least)
    return #text >= least, "must not be empty"
  end },
  { "max_length", function(text, most, field)
    local longest = text:find "[\128-\255]" and most or field.max_length_ascii or most
    return characters(text) <= longest, ("must have at most %d characters"):format(longest)
  end },
  { "enum", function(text, values)
    for _, value in ipairs(values) do
      if text == value then
        return true
      end
    end
    return false, "must be one of: " .. table.concat(values, ", ")
  end },
}

local function check_utf8(text)
  if not text:find "[\128-\255]" then
    return nil
  end
  local ok, position = measure(text)
  return not ok and ("is not valid UTF-8 at byte %d"):format(position) or nil
end

local function check_characters(field, text)
  if text:find "%z" or (not field.multiline and text:find "[%z\1-\31\127]") then
    return "must not have control characters"
  end
  return check_utf8(text)
end

local checks = {}

function checks.string(field, value, path, state)
  if type(value) == "number" and field.says_number then
    return note(state, path, field.says_number)
  elseif type(value) ~= "string" then
    return note(state, path, "must be a string")
  end
  local message = check_characters(field, value)
  if message then
    return note(state, path, message)
  end
  for _, rule in ipairs(STRING_RULES) do
    local limit = field[rule[1]]
    if limit then
      local ok, says = rule[2](value, limit, field)
      if not ok then
        return note(state, path, says)
      end
    end
  end
  if field.warn_length and characters(value) > field.warn_length then
    state.warnings[#state.warnings + 1] = ("%s has more than the advised %d characters")
      :format(path, field.warn_length)
  end
  if not field.format then
    return value
  end
  local sent, says = formats[field.format](value)
  if not sent then
    return note(state, path, says)
  end
  return sent
end

local function check_number(field, value, path, state)
  local min, max = field.min, field.max
  local inside = (not min or value >= min) and (not max or value <= max)
  if inside or value == field.or_value then
    return value
  end
  local range = max and ("%.0f to %.0f"):format(min, max) or ("%.0f or more"):format(min)
  if field.or_value then
    range = ("%.0f or %s"):format(field.or_value, range)
  end
  note(state, path, "must be " .. range)
end

function checks.integer(field, value, path, state)
  if not is_whole(value) then
    return note(state, path, "must be a whole number")
  end
  return check_number(field, to_integer(value), path, state)
end

function checks.number(field, value, path, state)
  if type(value) ~= "number" or value ~= value or value == huge or value == -huge then
    return note(state, path, "must be a number")
  end
  return check_number(field, value, path, state)
end

function checks.boolean(field, value, path, state)
  if type(value) ~= "boolean" then
    return note(state, path, "must be true or false")
  elseif field.only ~= nil and value ~= field.only then
    return note(state, path, "must be " .. tostring(field.only))
  end
  return value
end

--- 1 or 0 on the wire; booleans are taken too.
function checks.flag(_, value, path, state)
  if value == true or value == 1 then
    return 1
  elseif value == false or value == 0 then
    return 0
  end
  note(state, path, "must be 1 or 0, or true or false")
end

--- A string of digits on the wire; whole numbers are taken too.
function checks.digits(field, value, path, state)
  if is_whole(value) and value >= 0 and value < 1e15 then
    value = ("%.0f"):format(value)
  end
  return checks.string(field, value, path, state)
end

--- One of a map of accepted values to what is sent; `false` on the right: nothing is.
function checks.choice(field, value, path, state)
  local sent = field.values[value]
  if sent == nil then
    return note(state, path, "must be one of: " .. field.says)
  end
  return sent or nil
end

local function is_list(value)
  local count = 0
  for _ in pairs(value) do
    count = count + 1
  end
  return count == #value
end

function checks.array(field, value, path, state)
  if type(value) ~= "table" or not is_list(value) then
    return note(state, path, "must be a list")
  elseif #value < (field.min_items or 0) then
    return note(state, path, "must have at least one entry")
  end
  local items, list = field.items, {}
  local check = checks[items.type]
  for i = 1, #value do
    list[i] = check(items, value[i], path .. "[" .. i .. "]", state)
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

--- Indexes the fields of a record by their names and aliases, once.
local function compile(field)
  local by_name, names = {}, {}
  for _, part in ipairs(field.fields) do
    by_name[part[1]] = part
    names[#names + 1] = part[1]
    if part.alias then
      by_name[part.alias] = part
    end
  end
  field.by_name, field.names = by_name, names
end

function checks.record(field, value, path, state)
  if field.shorthand and type(value) == "string" then
    value = { [field.shorthand] = value }
  elseif type(value) ~= "table" then
    return note(state, path, "must be a table")
  end
  if not field.by_name then
    compile(field)
  end
  local sent = {}
  local prefix = path == "" and "" or path .. "."
  local known = 0
  for _, part in ipairs(field.fields) do
    local name = part[1]
    local given = value[name]
    if given ~= nil then
      known = known + 1
    end
    if part.alias and value[part.alias] ~= nil then
      known = known + 1
      if given ~= nil then
        note(state, prefix .. part.alias, ("is the same as '%s'; give one"):format(name))
      end
      given = value[part.alias]
    end
    if given ~= nil then
      sent[name] = checks[part.type](part, given, prefix .. name, state)
    elseif part.required then
      note(state, prefix .. name, "is required")
    else
      sent[name] = part.default
    end
  end
  for _ in pairs(value) do
    known = known - 1
  end
  if known < 0 then
    check_unknown(field, value, path, state)
  end
  for _, rule in ipairs(field.rules or {}) do
    rule(sent, function(name, message)
      if value[name] == nil or sent[name] ~= nil then -- else it has its problem already
        note(state, prefix .. name, message)
      end
    end, state.context, value)
  end
  return sent
end

local function copy_any(value, path, state, depth)
  local kind = type(value)
  if kind == "string" then
    local message = check_utf8(value)
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
  local copy, list = {}, #value > 0 and is_list(value)
  for key, part in pairs(value) do
    if not list and type(key) ~= "string" then
      note(state, path, "must be a list or have names for keys")
      return nil
    elseif not list and check_utf8(key) then
      note(state, path, "must have names of valid UTF-8")
      return nil
    end
    local at = list and ("%s[%d]"):format(path, key) or key_path(path, key)
    copy[key] = copy_any(part, at, state, depth + 1)
    if #state.problems > 20 then
      break
    end
  end
  return copy
end

--- Handed through as JSON, unchecked but for what no JSON can say.
function checks.any(field, value, path, state)
  if field.table and type(value) ~= "table" then
    return note(state, path, "must be a table")
  end
  return copy_any(value, path, state, 1)
end

--- Checks params and returns them as they are sent: documented spelling, normalised
--- numbers, defaults; what was given is not changed.
---@param record table a field of type `record`
---@param params table
---@param context table? what the rules of a record may ask beside params
---@return table sent meaningless where there are problems
---@return { path: string, message: string }[] problems
---@return string[] warnings
function schema.check(record, params, context)
  local state = { problems = {}, warnings = {}, context = context }
  local sent = checks.record(record, params, "", state)
  return sent, state.problems, state.warnings
end

return schema
