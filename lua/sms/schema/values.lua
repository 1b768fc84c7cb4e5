--- Checks single values of declared fields and returns them as they are sent. Pure.
---
--- Each check takes the field, the value, its path and a state, in which it notes the
--- problems and warnings it finds; with a problem it returns nothing.

local formats = require "sms.schema.formats"
local inspect = require "sms.core".inspect
local plain = require "sms.base.plain"

local values = {}

local floor, huge = math.floor, math.huge

--- Notes a problem.
---@param state { problems: table }
---@param path string
---@param message string
function values.note(state, path, message)
  local problems = state.problems
  problems[#problems + 1] = { path = path, message = message }
end

local note = values.note

--- Beyond 2^53 a Lua without integers cannot tell neighbours apart.
local function is_whole(value)
  return type(value) == "number" and value == floor(value) and value > -2 ^ 53 and value < 2 ^ 53
end

--- An integral number in the integer form of the running Lua.
local function to_integer(value)
  return math.tointeger and math.tointeger(value) or value + 0 -- not -0
end

--- What is wrong with a text that is not valid UTF-8 (RFC 3629), or nil.
function values.utf8_problem(text)
  local count, _, _, position = inspect(text)
  return not count and ("is not valid UTF-8 at byte %d"):format(position) or nil
end

local function is_among(text, known)
  for i = 1, #known do
    if text == known[i] then
      return true
    end
  end
  return false
end

--- What is wrong with the length or the characters of a text, or nil; the number of its
--- characters.
local function text_problem(field, text)
  local count, control, nul, position = inspect(text)
  if nul or control and not field.multiline then
    return "must not have control characters"
  elseif not count then
    return ("is not valid UTF-8 at byte %d"):format(position)
  elseif field.min_length and count < field.min_length then
    return "must not be empty"
  end
  local most = count == #text and field.max_length_ascii or field.max_length
  if most and count > most then
    return ("must have at most %d characters"):format(most)
  end
  return nil, count
end

function values.string(field, value, path, state)
  if type(value) ~= "string" then
    return note(state, path, type(value) == "number" and field.says_number or "must be a string")
  end
  local message, count = text_problem(field, value)
  if message then
    return note(state, path, message)
  elseif field.enum and not is_among(value, field.enum) then
    return note(state, path, "must be one of: " .. table.concat(field.enum, ", "))
  elseif field.warn_length and count > field.warn_length then
    state.warnings[#state.warnings + 1] = ("%s has more than the advised %d characters")
      :format(path, field.warn_length)
  end
  if not field.format then
    return value
  end
  local sent, says = formats.of(field.format)(value)
  if not sent then
    return note(state, path, says)
  end
  return sent
end

local function text_of(number)
  return plain.number("%.14g", number)
end

local function check_number(field, value, path, state)
  local min, max = field.min, field.max
  local inside = (not min or value >= min) and (not max or value <= max)
  if inside or value == field.or_value then
    return value
  end
  local range = text_of(min) .. (max and " to " .. text_of(max) or " or more")
  if field.or_value then
    range = text_of(field.or_value) .. " or " .. range
  end
  note(state, path, "must be " .. range)
end

function values.integer(field, value, path, state)
  if not is_whole(value) then
    return note(state, path, "must be a whole number")
  end
  return check_number(field, to_integer(value), path, state)
end

function values.number(field, value, path, state)
  if type(value) ~= "number" or value ~= value or value == huge or value == -huge then
    return note(state, path, "must be a number")
  end
  return check_number(field, value, path, state)
end

function values.boolean(field, value, path, state)
  if type(value) ~= "boolean" then
    return note(state, path, "must be true or false")
  elseif field.only ~= nil and value ~= field.only then
    return note(state, path, "must be " .. tostring(field.only))
  end
  return value
end

--- 1 or 0 on the wire; booleans are taken too.
function values.flag(_, value, path, state)
  if value == true or value == 1 then
    return 1
  elseif value == false or value == 0 then
    return 0
  end
  note(state, path, "must be 1 or 0, or true or false")
end

--- A string of digits on the wire; whole numbers are taken too.
function values.digits(field, value, path, state)
  if is_whole(value) and value >= 0 and value < 1e15 then
    value = ("%.0f"):format(value)
  end
  return values.string(field, value, path, state)
end

--- One of a map of accepted values to what is sent; `false` on the right: nothing is.
function values.choice(field, value, path, state)
  local sent = field.values[value]
  if sent == nil then
    return note(state, path, "must be one of: " .. field.says)
  end
  return sent or nil
end

return values
