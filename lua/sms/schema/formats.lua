--- Formats of strings: each takes a string without control characters and returns it as it is
--- sent, or nil and what is wrong. Pure.
---
--- A field names one of these, or has one of its provider's own, `format = { check = f, words =
--- "in the reference" }`.

local numbers = require "sms.schema.numbers"
local pem = require "sms.base.pem"
local plain = require "sms.base.plain"
local time = require "sms.base.time"
local urls = require "sms.base.urls"

local formats = {}

local DAY = 86400

-- Of phone numbers, around which line ends are blanks.
for _, name in ipairs { "phone", "e164", "e164_sender", "sender", "any_sender" } do
  formats[name] = numbers[name]
end

--- ISO 8601 with a zone.
function formats.timestamp(text)
  if not time.parse(text) then
    return nil, "must be an ISO 8601 time with a zone, such as 2030-01-01T18:00:00Z"
  end
  return text
end

--- start/end with zones, or one of them and a duration (ISO 8601).
function formats.interval(text)
  local first, last = text:match "^([^/]+)/([^/]+)$"
  local from, to = time.parse(first), time.parse(last)
  local lasts = from and time.duration(last) or to and time.duration(first)
  if not (from and to) and not lasts then
    return nil, "must be two ISO 8601 times with zones, or one and a duration, such as "
      .. "2030-01-01T18:00Z/2030-01-02T07:00Z or 2030-01-01T18:00Z/PT13H"
  end
  if (lasts or to - from) <= 0 then
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

--- PEM, as it is or with its line ends written out.
function formats.public_key(text)
  text = pem.restored(text)
  if not text:match "^%s*%-%-%-%-%-BEGIN [A-Z ]*PUBLIC KEY%-%-%-%-%-.+%-%-%-%-%-END " then
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
  if not text:match "^[A-Za-z][A-Za-z]$" then
    return nil, "must be two letters, such as GB"
  end
  return plain.upper(text)
end

local LETTERS = "[A-Za-z][A-Za-z][A-Za-z]?"

--- A language, with up to two parts, such as a country; which there are is not looked at.
function formats.language(text)
  local rest = text:match("^" .. LETTERS .. "(.*)$")
  if rest ~= "" and (not rest or not rest:match("^%-" .. LETTERS .. "$")
    and not rest:match("^%-" .. LETTERS .. "%-" .. LETTERS .. "$")) then
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

--- The path of a URL. What a server would read as another path might be of another API, with other
--- credentials.
function formats.path(text)
  if text:sub(1, 1) ~= "/" then
    return nil, "must begin with /, such as /account/get-balance; `host` says at which host"
  elseif text:find "[?#]" then
    return nil, "must have no ? and no #: what would stand behind them goes into `query`"
  elseif text:gsub("%%%x%x", ""):find "[^A-Za-z0-9._~!$&'()*+,;=:@/-]" then
    return nil, "must be percent-encoded: a blank is %20"
  elseif text:find("//", 1, true) then
    return nil, "must not have //"
  end
  for piece in urls.place(text):gmatch "[^/]+" do
    if piece == "." or piece == ".." then
      return nil, "must not have . or .. between slashes"
    end
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

--- Whether line ends around a text of a field are blanks.
---@param format string|{ trims: boolean? }|nil
---@return boolean?
function formats.trims(format)
  return type(format) == "table" and format.trims or numbers[format] ~= nil
end

--- What checks a text of a field.
---@param format string|{ check: function }
---@return fun(text: string): string?, string?
function formats.of(format)
  return type(format) == "table" and format.check or formats[format]
end

return formats
