--- Checks single values of declared fields and returns them as they are sent. Pure.
---
--- Each check takes the field, the value, its path and a state, in which it notes the
--- problems and warnings it finds; with a problem it returns nothing.
---
--- Params are read as people mean them: numbers and booleans that are spelt in a text, words
--- whatever their case, whole numbers for references (src/lua/pass/writer.c reads the same).
--- Options, whose state is strict, are read as they are.

local core = require "sms.core"
local formats = require "sms.schema.formats"
local numbers = require "sms.schema.numbers"
local plain = require "sms.base.plain"
local words = require "sms.schema.words"

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
  local count, _, _, position = core.inspect(text)
  return not count and ("is not valid UTF-8 at byte %d"):format(position) or nil
end

local function says_enum(field)
  return "must be one of: " .. table.concat(field.enum, ", ")
end

local LEAVE_OUT = "; leave it out where there is none"

--- What is wrong with a text of blanks; of one line, it may be left out.
local function blank_problem(field, value)
  local says
  if field.enum then
    says = says_enum(field)
  elseif field.format then
    says = select(2, formats.of(field.format)(value))
  end
  says = says or value == "" and "must not be empty" or "must not be blank"
  local is_needed = field.required or field.multiline
  return is_needed and says or says .. LEAVE_OUT
end

--- Notes what a value must be that is none of its kind; a blank text stands for none.
local function note_kind(field, value, path, state, says)
  local is_none = type(value) == "string" and core.trim(value) == ""
    and not field.required and not state.strict
  note(state, path, is_none and says .. LEAVE_OUT or says)
end

--- What is wrong with the length or the characters of a text, or nil; the number of its
--- characters.
local function text_problem(field, text)
  local count, control, nul, position = core.inspect(text)
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

--- A text that has been found to be one, as it is sent.
local function formatted(field, value, path, state)
  if not field.format then
    return value
  end
  local sent, says = formats.of(field.format)(value)
  if not sent then
    return note(state, path, says)
  end
  return sent
end

local IN_QUOTES = "must be a string: write it in quotes"

local function read_text(field, value)
  if field.reference and is_whole(value) then
    return ("%.0f"):format(value + 0) -- not -0
  elseif type(value) == "string" and formats.trims(field.format) then
    return numbers.trimmed(value)
  end
  return value
end

function values.string(field, value, path, state)
  value = state.strict and value or read_text(field, value)
  if type(value) ~= "string" then
    local says = type(value) == "number" and (field.says_number or field.reference and IN_QUOTES)
    return note(state, path, says or "must be a string")
  elseif field.empty and value == "" then
    return value
  elseif not state.strict and core.trim(value) == "" then
    return note(state, path, blank_problem(field, value))
  end
  local message, count = text_problem(field, value)
  local word = field.enum and words.of(field.enum, value, state.strict)
  if message or field.enum and not word then
    return note(state, path, message or says_enum(field))
  elseif field.warn_length and count > field.warn_length then
    state.warnings[#state.warnings + 1] = ("%s has more than the advised %d characters")
      :format(path, field.warn_length)
  end
  return formatted(field, word or value, path, state)
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
  local said = value
  if type(value) == "string" and not state.strict then
    said = core.whole(value)
  end
  if not is_whole(said) then
    return note_kind(field, value, path, state, "must be a whole number")
  end
  return check_number(field, to_integer(said), path, state)
end

function values.number(field, value, path, state)
  if type(value) ~= "number" or value ~= value or value == huge or value == -huge then
    return note(state, path, "must be a number")
  end
  return check_number(field, value, path, state)
end

local YES_OR_NO = { [true] = true, [1] = true, ["true"] = true,
  [false] = false, [0] = false, ["false"] = false }

--- What a map has for a value, for the number that a text says, or for its word in any case.
local function look_up(map, value)
  local found = map[value]
  if found == nil and type(value) == "string" then
    return map[core.whole(value) or plain.lower(value)]
  end
  return found
end

function values.boolean(field, value, path, state)
  local said = look_up(YES_OR_NO, value)
  if said == nil or state.strict and said ~= value then
    return note_kind(field, value, path, state, "must be true or false")
  elseif field.only ~= nil and said ~= field.only then
    return note(state, path, "must be " .. tostring(field.only))
  end
  return said
end

--- 1 or 0 on the wire; booleans are taken too.
function values.flag(field, value, path, state)
  local said = look_up(YES_OR_NO, value)
  if said == nil then
    return note_kind(field, value, path, state, "must be 1 or 0, or true or false")
  end
  return said and 1 or 0
end

--- A string of digits on the wire; whole numbers are taken too.
function values.digits(field, value, path, state)
  if is_whole(value) and value >= 0 then
    value = ("%.0f"):format(value + 0)
  end
  return values.string(field, value, path, state)
end

--- One of a map of accepted values to what is sent; `false` on the right: nothing is.
function values.choice(field, value, path, state)
  local sent = field.values[value]
  if sent == nil and type(value) == "string" and not state.strict then
    sent = look_up(field.values, value)
  end
  if sent == nil then
    return note_kind(field, value, path, state, "must be one of: " .. field.says)
  end
  return sent or nil
end

--- Words in any order, of a list or a text with commas.
function values.set(field, value, path, state)
  if type(value) == "string" and core.trim(value) == "" then
    return note(state, path, blank_problem(field, value))
  end
  return words.set(field.enum, value) or note(state, path, says_enum(field))
end

return values
