-- A time as HTTP writes it (RFC 9110, 5.6.7), in every locale.

local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
  "Dec" }

---@param seconds number since 1970
---@return string
return function(seconds)
  local parts = os.date("!*t", seconds)
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(DAYS[parts.wday], parts.day,
    MONTHS[parts.month], parts.year, parts.hour, parts.min, parts.sec)
end
