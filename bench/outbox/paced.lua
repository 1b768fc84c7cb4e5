--- For wrk: so many requests a second (RATE), however long each takes.

local ffi = require "ffi"

ffi.cdef [[
  struct sms_time { long seconds; long nanoseconds; };
  int clock_gettime(int, struct sms_time *);
]]

local time = ffi.new "struct sms_time"
local step = 1 / tonumber(os.getenv "RATE")
local due

local function now()
  ffi.C.clock_gettime(1, time) -- CLOCK_MONOTONIC
  return tonumber(time.seconds) + tonumber(time.nanoseconds) / 1e9
end

--- Milliseconds until the next request. Turns that nobody was free to take are left out.
function delay() -- luacheck: ignore
  local moment = now()
  due = math.max((due or moment) + step, moment - 0.1)
  return math.max(0, math.floor((due - moment) * 1000 + 0.5))
end
