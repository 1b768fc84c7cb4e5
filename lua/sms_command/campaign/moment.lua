--- A moment as people give it: "20:00" today, "2026-12-24T20:00" here, or with "Z" or "+01:00".
--- Pure; the present time is an argument.

local moment = {}

local FARTHEST = 14 -- hours that a zone may be from UTC

--- Seconds since 1970 of a time in UTC.
local function utc_of(time)
  local year, month = time.year, time.month
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local days = 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * (month - 3) + 2) / 5) + time.day - 719469
  return days * 86400 + time.hour * 3600 + time.min * 60 + time.sec
end

local function is_time(hour, minute, second)
  return hour <= 23 and minute <= 59 and second <= 59
end

--- The date as the calendar has it, or nil.
local function is_date(time)
  local days = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  local is_leap = time.year % 4 == 0 and (time.year % 100 ~= 0 or time.year % 400 == 0)
  local most = time.month == 2 and is_leap and 29 or days[time.month]
  return most ~= nil and time.day >= 1 and time.day <= most
end

local function numbers_of(...)
  local list = { ... }
  for i, text in ipairs(list) do
    list[i] = tonumber(text) or 0
  end
  return list
end

--- Seconds that a zone is ahead of UTC; nil where it is none.
local function offset_of(zone)
  if zone:upper() == "Z" then
    return 0
  end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):?(%d?%d?)$"
  if not sign or #minutes == 1 then
    return nil
  end
  hours, minutes = tonumber(hours), tonumber(minutes) or 0
  if hours > FARTHEST or minutes > 59 then
    return nil
  end
  local seconds = hours * 3600 + minutes * 60
  return sign == "-" and -seconds or seconds
end

local function of_day(hour, minute, now)
  local today = os.date("*t", now)
  local at = numbers_of(hour, minute)
  return is_time(at[1], at[2], 0) and os.time { year = today.year, month = today.month,
    day = today.day, hour = at[1], min = at[2], sec = 0 } or nil
end

local function of_date(text)
  local year, month, day, hour, minute, rest = text:match
    "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt ](%d%d):(%d%d)(.*)$"
  local seconds, zone = (rest or ""):match "^:(%d%d)%.?%d*(.*)$"
  local at = year and numbers_of(year, month, day, hour, minute, seconds or 0)
  local time = at and { year = at[1], month = at[2], day = at[3], hour = at[4], min = at[5],
    sec = at[6] }
  if not time or not is_date(time) or not is_time(at[4], at[5], at[6]) then
    return nil
  end
  zone = zone or rest
  if zone == "" then
    return os.time(time)
  end
  local offset = offset_of(zone)
  return offset and utc_of(time) - offset
end

--- Reads a moment.
---@param text string
---@param now integer seconds since 1970
---@return integer? seconds since 1970
---@return string? why it is none
function moment.of(text, now)
  local hour, minute = text:match "^(%d%d?):(%d%d)$"
  local seconds
  if hour then
    seconds = of_day(hour, minute, now)
  else
    seconds = of_date(text)
  end
  if not seconds then
    return nil, ("'%s' is no time, such as 20:00 or 2026-12-24T20:00+01:00"):format(text)
  elseif seconds <= now then
    return nil, ("%s has passed"):format(text)
  end
  return seconds
end

return moment
