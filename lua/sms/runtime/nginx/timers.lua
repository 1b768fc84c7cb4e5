--- Timers of nginx, also where the host has put others in their place.

local timers = {}

local ngx = ngx -- luacheck: ignore

local SHORT = 0.001 -- seconds

local looked_at, is_own -- the last function that was looked at, and whether it is nginx's

local function is_nginxs(at)
  if looked_at ~= at then
    looked_at, is_own = at, debug.getinfo(at, "S").what == "C"
  end
  return is_own
end

--- Kong's own timers run what has no delay in a few light threads, one after the other, so that
--- what all of these wait for would not begin; short delays are left to nginx. An nginx that is to
--- quit has no timers with a delay.
local function start(...)
  local at = ngx.timer.at
  if is_nginxs(at) then
    return at(0, ...)
  end
  local ok = at(SHORT, ...)
  if ok then
    return ok
  end
  return at(0, ...)
end

--- Runs a function as soon as the present phase is over, in a light thread of its own.
---@param callback fun(is_ending: boolean, ...) and the other arguments
---@return boolean? ok
---@return string? why there is no timer
function timers.soon(callback, ...)
  local called, ok, why = pcall(start, callback, ...)
  if called and ok then
    return true
  end
  return nil, "nginx gives no timer: " .. tostring(called and why or ok)
end

return timers
