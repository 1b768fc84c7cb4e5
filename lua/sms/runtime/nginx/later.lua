--- Functions that nginx runs after the present phase, where calls can wait. A few timers
--- take them from one list: nginx itself drops timers beyond lua_max_running_timers.

local core = require "sms.core"
local errors = require "sms.base.errors"
local timers = require "sms.runtime.nginx.timers"

local later = {}

local ngx = ngx -- luacheck: ignore

local RUNNERS = 64 -- functions at a time, in a worker
local START_TIME = 5 -- seconds after which a timer that has not run will not

local first, last, bodies = 1, 0, {}
local running, starting, started_at = 0, 0, 0

local function run()
  running, starting = running + 1, math.max(starting - 1, 0)
  while first <= last do
    local body = bodies[first]
    bodies[first] = nil
    first = first + 1
    local ok, message = xpcall(body, debug.traceback)
    if not ok then
      ngx.log(ngx.ERR, "sms.later: ", message)
    end
  end
  running = running - 1
end

local function start()
  local ok, why = timers.soon(run)
  if ok then
    starting, started_at = starting + 1, core.now()
  end
  return ok, why
end

--- Runs a function after the present phase.
---@param body function
---@return boolean? ok
---@return table? err where nginx cannot
function later.run(body)
  if core.now() > started_at + START_TIME then
    starting = 0
  end
  if running + starting < RUNNERS then
    local ok, why = start()
    if not ok and running + starting == 0 then
      return nil, errors.here("internal", "later", why)
    end
  end
  last = last + 1
  bodies[last] = body
  return true
end

return later
