--- Phone numbers, and senders, which may be numbers: formats as sms.schema.formats has them. Pure.
---
--- Nothing is guessed: what has letters, a (0), a fraction or a tail would be somebody else's
--- number without them (sms_number_fault in src/text/value_format.h).

local core = require "sms.core"

local numbers = {}

local SHORTEST_NUMBER = 7 -- digits of a number with its country code

-- What is said beside what a number must be, by its fault.
local HINTS = {
  letters = "; leave out the letters",
  trunk = "; leave out the (0)",
  fraction = "; leave out the fraction behind the dot",
  tail = "; leave out what stands at its end behind / or in brackets",
}

local PHONE = "must be a phone number: 3 to 15 digits, + or 00 in front of a country code"
local E164 = "must be a phone number with its country code: 7 to 15 digits, not starting with 0"
local E164_SENDER = "must be a number or 1 to 11 ASCII characters"
local SENDER = "must be 1 to 20 digits with an optional +, or 1 to 11 ASCII characters"

--- A text without blanks and what else divides numbers.
local function joined(text)
  return (text:gsub("\194\160", ""):gsub("\226\128\175", ""):gsub("[ %-%.%(%)/]", ""))
end

local function digits_of(number)
  return (number:gsub("^%+", ""))
end

--- Any spelling of a number, prefix kept; at most 15 digits (E.164).
function numbers.phone(text)
  local number, fault = core.phone(text)
  if not number then
    return nil, PHONE .. (HINTS[fault] or "")
  end
  return number
end

--- E.164 without + and 00.
function numbers.e164(text)
  local number, fault = core.e164(text)
  if not number then
    return nil, E164 .. (HINTS[fault] or "")
  end
  return number
end

--- Whether a sender is a number: its digits, with + where it has one; and what makes it another
--- number, as HINTS says it. Few digits with hyphens and the like are a name: 24-7.
local function read_sender(text)
  local number = joined(text)
  local plus, digits = number:match "^(%+?)(%d+)$"
  if not digits then
    return nil
  end
  local _, fault = core.phone(text)
  local is_long = plus ~= "" or #digits >= SHORTEST_NUMBER
  local hint = (is_long or fault == "fraction") and HINTS[fault]
  if number == core.trim(text) or is_long or hint then
    return number, hint
  end
end

--- Digits, without + and 00, or up to 11 characters.
function numbers.e164_sender(text)
  local number, hint = read_sender(text)
  if number then
    local digits = core.e164(text) or number:match "^%+([1-9]%d*)$" or number:match "^%d+$"
    if hint or not digits then
      return nil, E164_SENDER .. (hint or "; no 0 follows a +")
    elseif #digits > 15 then
      return nil, "must have at most 15 digits"
    end
    return digits
  end
  if not text:match "^[\32-\126]+$" or not text:match "%S" then
    return nil, E164_SENDER
  end
  if #text:gsub(" ", "") > 11 then
    return nil, "must have at most 11 characters"
  end
  return text
end

--- Digits with an optional +, or up to 11 characters, as it is given.
function numbers.sender(text)
  local number, hint = read_sender(text)
  if hint then
    return nil, SENDER .. hint
  elseif number and number == core.trim(text) and #digits_of(number) <= 20 then
    return number
  elseif text:match "^[\32-\126]+$" and #text <= 11 then
    return text
  elseif number and #digits_of(number) <= 20 then
    return number
  end
  return nil, SENDER
end

--- A sender for several providers: a number with country code and its prefix as +, or whatever
--- else it is.
function numbers.any_sender(text)
  local number, hint = read_sender(text)
  local digits = number and core.e164(text)
  if hint then
    return nil, E164_SENDER .. hint
  end
  local has_prefix = digits and number:find "^[+0]"
  return has_prefix and "+" .. digits or digits or text
end

--- A number without the line ends around it; other texts as they are.
---@param text string
---@return string
function numbers.trimmed(text)
  if not text:find "[\t\r\n]" then
    return text
  end
  local inner = core.trim(text)
  return joined(inner):find "^%+?%d+$" and inner or text
end

return numbers
