-- The real time in microseconds, the provider's own time (which a setting can shift), and ISO
-- 8601 both ways.

local ffi = require "ffi"
local settings = require "settings"

ffi.cdef [[
typedef struct { long seconds; long nanoseconds; } sandbox_time;
int clock_gettime(int clock, sandbox_time *now);
]]

local clock = {}

local REALTIME = 0
local now = ffi.new "sandbox_time"

--- Microseconds since 1970.
function clock.micros()
  ffi.C.clock_gettime(REALTIME, now)
  return tonumber(now.seconds) * 1000000 + math.floor(tonumber(now.nanoseconds) / 1000)
end

--- Milliseconds since 1970 on the provider's clock: the real one and the setting `clock_offset`.
function clock.millis()
  return math.floor(clock.micros() / 1000 + settings.get().clock_offset * 1000)
end

local function days(year, month, day)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local of_era = year - era * 400
  local of_year = math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return era * 146097 + of_era * 365 + math.floor(of_era / 4) - math.floor(of_era / 100)
    + of_year - 719468
end

local function zone_minutes(zone)
  if zone == "Z" or zone == "z" then return 0 end
  if zone:find "^[+-]%d%d$" then zone = zone .. ":00" end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):?(%d%d)$"
  if not sign or tonumber(hours) > 18 or tonumber(minutes) > 59 then return nil end
  local offset = tonumber(hours) * 60 + tonumber(minutes)
  return sign == "+" and offset or -offset
end

local month_days = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function is_date(year, month, day)
  if month < 1 or month > 12 or day < 1 or day > month_days[month] then return false end
  return not (month == 2 and day == 29 and not is_leap(year))
end

--- Milliseconds of an ISO 8601 time with zone (seconds and fraction optional), or nil.
function clock.parse(text)
  local year, month, day, hour, minute, rest =
    text:gsub(",", ".", 1):match "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt](%d%d):(%d%d)(.*)$"
  if not year then return nil end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute = tonumber(hour), tonumber(minute)
  local second, zone = rest:match "^:(%d%d%.?%d*)(.*)$"
  local offset = zone_minutes(zone or rest)
  second = tonumber(second or 0)
  if not offset or not is_date(year, month, day) then return nil end
  if hour > 23 or minute > 59 or second >= 61 then return nil end
  local minutes = days(year, month, day) * 1440 + hour * 60 + minute - offset
  return minutes * 60000 + math.floor(second * 1000)
end

--- Milliseconds of an ISO 8601 duration of weeks, days and times, such as `PT13H`, or nil.
function clock.duration(text)
  local date, time = text:upper():gsub(",", "."):match "^P([%d.WD]*)(T?[%d.HMS]*)$"
  if not date or text:upper():find "[PT]$" then return nil end
  local millis, units = 0, { W = 604800000, D = 86400000, H = 3600000, M = 60000, S = 1000 }
  for count, unit in (date .. time:gsub("^T", "")):gmatch "([%d.]+)(%u)" do
    millis = millis + (tonumber(count) or 0) * units[unit]
  end
  return millis
end

--- `2022-09-28T10:58:30.022Z`.
function clock.iso(millis)
  return os.date("!%Y-%m-%dT%H:%M:%S", math.floor(millis / 1000))
    .. (".%03dZ"):format(millis % 1000)
end

return clock
