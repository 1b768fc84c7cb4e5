-- Seconds that something takes, and how many of them are its own, on a machine that is busy with
-- other things.
--
--     local stop = stopwatch.start()
--     local seconds, own = stop()     own: without those spent waiting for a processor

local socket = require "socket"

local stopwatch = {}

-- Seconds that this thread has been ready to run and had no processor; 0 where the kernel does
-- not count them.
local function waited()
  local file = io.open "/proc/thread-self/schedstat"
  if not file then return 0 end
  local text = file:read "*a"
  file:close()
  return (tonumber(text:match "^%d+ (%d+)") or 0) / 1e9
end

function stopwatch.start()
  local began, had_waited = socket.gettime(), waited()
  return function()
    local seconds = socket.gettime() - began
    return seconds, seconds - (waited() - had_waited)
  end
end

return stopwatch
