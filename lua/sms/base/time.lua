--- Times as text: ISO 8601 and HTTP dates (RFC 9110, 5.6.7). Pure.

local plain = require "sms.base.plain"

local time = {}

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8,
  Sep = 9, Oct = 10, Nov = 11, Dec = 12 }
local LENGTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

--- Days since 1970-01-01, or nil where there is no such day.
local function days_of(year, month, day)
  local length = LENGTHS[month]
  if month == 2 and is_leap(year) then
    length = 29
  end
  if not length or day < 1 or day > length then
    return nil
  end
  local before = year - 1
  local days = before * 365 + math.floor(before / 4) - math.floor(before / 100)
    + math.floor(before / 400) - 719162
  for m = 1, month - 1 do
    days = days + LENGTHS[m] + (m == 2 and is_leap(year) and 1 or 0)
  end
  return days + day - 1
end

local function seconds_of(year, month, day, hour, minute, second)
  local days = days_of(year, month, day)
  if not days or hour > 23 or minute > 59 or second >= 61 then
    return nil
  end
  return ((days * 24 + hour) * 60 + minute) * 60 + second
end

local function zone_of(text)
  if text == "Z" or text == "z" then
    return 0
  end
  local sign, hours, minutes = text:match "^([+-])(%d%d):?(%d%d)$"
  if not sign then
    sign, hours = text:match "^([+-])(%d%d)$"
    minutes = "00"
  end
  if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then
    return nil
  end
  local offset = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -offset or offset
end

--- A number with a fraction behind a dot or comma, whatever the host's locale.
local function decimal(whole, fraction)
  fraction = (fraction or ""):sub(2)
  return tonumber(whole) + (fraction == "" and 0 or tonumber(fraction) / 10 ^ #fraction)
end

--- Seconds since 1970 of an ISO 8601 time with a zone; seconds and fraction may be missing.
---@param text string?
---@return number? seconds nil where it is not one
function time.parse(text)
  local year, month, day, hour, minute, rest =
    (text or ""):match "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt](%d%d):(%d%d)(.+)$"
  if not year then
    return nil
  end
  local second, fraction, zone = rest:match "^:(%d%d)([.,]%d+)(.+)$"
  if not second then
    second, zone = rest:match "^:(%d%d)(.+)$"
  end
  local offset = zone_of(zone or rest)
  local seconds = seconds_of(tonumber(year), tonumber(month), tonumber(day),
    tonumber(hour), tonumber(minute), decimal(second or 0, fraction))
  return seconds and offset and seconds - offset
end

-- Seconds of the parts of a duration: those of months and years are near enough to tell
-- whether it is longer than nothing.
local DATE_PARTS = { Y = 31536000, M = 2592000, W = 604800, D = 86400 }
local TIME_PARTS = { H = 3600, M = 60, S = 1 }

--- Adds up the parts of a duration in their order; nil where there is another.
local function add_parts(text, order, seconds_of_part)
  local seconds, place = 0, 0
  while text ~= "" do
    local whole, fraction, letter, rest = text:match "^(%d+)([.,]?%d*)([A-Z])(.*)$"
    local found = letter and order:find(letter, place + 1, true)
    if not found or #fraction == 1 or #fraction > 1 and rest ~= "" then
      return nil
    end
    seconds = seconds + decimal(whole, fraction) * seconds_of_part[letter]
    place, text = found, rest
  end
  return seconds
end

--- Seconds of an ISO 8601 duration, such as PT13H or P1DT12H, years and months about.
---@param text string?
---@return number? seconds nil where it is not one
function time.duration(text)
  text = plain.upper(text or "")
  local date, clock = text:match "^P([^T]*)T?(.*)$"
  if not date or date == "" and clock == "" or text:find "T$" then
    return nil
  end
  local days, seconds = add_parts(date, "YMWD", DATE_PARTS), add_parts(clock, "HMS", TIME_PARTS)
  return days and seconds and days + seconds
end

--- A time as ISO 8601 in UTC.
---@param seconds integer since 1970
---@return string
function time.format(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)
end

-- The forms of HTTP dates, the one that is sent first: what each pattern finds, in order.
local HTTP_DATES = {
  { "^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$",
    "day", "month", "year", "hour", "minute", "second" },
  { "^%a+day, (%d%d)%-(%a%a%a)%-(%d%d) (%d%d):(%d%d):(%d%d) GMT$",
    "day", "month", "year", "hour", "minute", "second" },
  { "^%a%a%a (%a%a%a) ([ %d]%d) (%d%d):(%d%d):(%d%d) (%d%d%d%d)$",
    "month", "day", "hour", "minute", "second", "year" },
}

--- The parts of a date, by name; nil where it is not of that form.
local function parts_of(form, first, ...)
  if not first then
    return nil
  end
  local found, parts = { first, ... }, {}
  for i, value in ipairs(found) do
    parts[form[i + 1]] = tonumber(value) or MONTHS[value]
  end
  return parts.month and parts
end

--- Seconds since 1970 of an HTTP date.
---@param text string
---@return number? seconds nil where it is not one
function time.parse_http(text)
  for _, form in ipairs(HTTP_DATES) do
    local at = parts_of(form, text:match(form[1]))
    if at then
      local year = at.year < 70 and at.year + 2000 or at.year < 100 and at.year + 1900 or at.year
      return seconds_of(year, at.month, at.day, at.hour, at.minute, at.second)
    end
  end
end

return time
