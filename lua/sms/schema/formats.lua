--- Formats of strings: each takes a string without control characters and returns it as it is
--- sent, or nil and what is wrong. Pure.
---
--- A field names one of these, or has one of its provider's own, `format = { check = f, words =
--- "in the reference" }`.

local core = require "sms.core"
local time = require "sms.base.time"

local formats = {}

local DAY = 86400

local function digits_of_number(text)
  return (text:gsub("[ %-%.%(%)/]", ""))
end

--- Any spelling of a number, prefix kept; at most 15 digits (E.164).
function formats.phone(text)
  local number = core.phone(text)
  if not number then
    return nil, "must be a phone number: 3 to 15 digits, + or 00 in front of a country code"
  end
  return number
end

--- E.164 without + and 00.
function formats.e164(text)
  local number = core.e164(text)
  if not number then
    return nil, "must be a phone number with its country code: 7 to 15 digits, not starting with 0"
  end
  return number
end

local SHORTEST_NUMBER = 7 -- digits of a number with its country code

--- Digits, without + and 00, or up to 11 characters. Few digits with hyphens and the like are a
--- name: 24-7.
function formats.e164_sender(text)
  local spelt = digits_of_number(text)
  local number = spelt:match "^%+?(%d+)$"
  if number and (number == text or #number >= SHORTEST_NUMBER or text:find "^%+") then
    number = spelt:match "^00(%d+)$" or number
    if #number > 15 then
      return nil, "must have at most 15 digits"
    end
    return number
  end
  if not text:match "^[\32-\126]+$" or not text:match "%S" then
    return nil, "must be a number or 1 to 11 ASCII characters"
  end
  if #text:gsub(" ", "") > 11 then
    return nil, "must have at most 11 characters"
  end
  return text
end

--- Digits with an optional +, or up to 11 characters, as it is given.
function formats.sender(text)
  local number = text:match "^%+?(%d+)$"
  if number and #number <= 20 then
    return text
  end
  if text:match "^[\32-\126]+$" and #text <= 11 then
    return text
  end
  return nil, "must be 1 to 20 digits with an optional +, or 1 to 11 ASCII characters"
end

--- ISO 8601 with a zone.
function formats.timestamp(text)
  if not time.parse(text) then
    return nil, "must be an ISO 8601 time with a zone, such as 2030-01-01T18:00:00Z"
  end
  return text
end

--- start/end, both with a zone (ISO 8601).
function formats.interval(text)
  local first, last = text:match "^([^/]+)/([^/]+)$"
  local from, to = time.parse(first), time.parse(last)
  if not from or not to then
    return nil, "must be two ISO 8601 times with zones, such as "
      .. "2030-01-01T18:00Z/2030-01-02T07:00Z"
  end
  if to <= from then
    return nil, "must end after it starts"
  end
  return text
end

--- An absolute URL, with its scheme.
function formats.url(text)
  if not text:match "^[hH][tT][tT][pP][sS]?://[^/%s]+" or text:find "%s" then
    return nil, "must be a URL with http:// or https://"
  end
  return text
end

function formats.public_key(text)
  if not text:match "^%s*%-%-%-%-%-BEGIN [%w ]*PUBLIC KEY%-%-%-%-%-.+%-%-%-%-%-END " then
    return nil, "must be a public key in PEM form"
  end
  return text
end

function formats.hex(text)
  if not text:match "^%x+$" or #text % 2 == 1 then
    return nil, "must be hexadecimal: two digits an octet"
  end
  return text
end

--- A user data header (3GPP TS 23.040, 9.2.3.24): the first octet counts the rest, elements
--- fill it.
function formats.udh(text)
  local hex, message = formats.hex(text)
  if not hex then
    return nil, message
  end
  local octets = {}
  for octet in hex:gmatch "%x%x" do
    octets[#octets + 1] = tonumber(octet, 16)
  end
  local at = 2
  while at < #octets do
    at = at + 2 + octets[at + 1]
  end
  if octets[1] ~= #octets - 1 or at ~= #octets + 1 then
    return nil, "must be a user data header: its length, then whole elements"
  end
  return text
end

function formats.digits(text)
  if not text:match "^%d+$" then
    return nil, "must be digits"
  end
  return text
end

--- 0 to 255 in decimal.
function formats.octet(text)
  if not text:match "^%d%d?%d?$" or tonumber(text) > 255 then
    return nil, "must be 0 to 255"
  end
  return text
end

--- ISO 3166-1 alpha-2.
function formats.country(text)
  if not text:match "^[A-Z][A-Z]$" then
    return nil, "must be two capital letters, such as GB"
  end
  return text
end

--- A language and a country, or what stands for it; which there are is not looked at.
function formats.language(text)
  if not text:match "^%a%a%a?%-%a%a%a?$" then
    return nil, "must be a language, such as en-us"
  end
  return text
end

--- One piece of a path: "." and ".." would name another resource.
function formats.id(text)
  if text == "." or text == ".." then
    return nil, "is not an id"
  end
  return text
end

--- Whether two times of formats.timestamp are in order and at most so many days apart.
---@return boolean in_order
---@return boolean near
function formats.within_days(from, to, days)
  local distance = time.parse(to) - time.parse(from)
  return distance > 0, distance <= days * DAY
end

--- What checks a text of a field.
---@param format string|{ check: function }
---@return fun(text: string): string?, string?
function formats.of(format)
  return type(format) == "table" and format.check or formats[format]
end

return formats
