--- Hooks in nginx are told in a timer, one after the other: there they may wait, raise or end
--- what they run in, and no call notices.

local work = require "sms.runtime.nginx.work"

local hooks = {}

local ngx = ngx -- luacheck: ignore

local MOST = 1000 -- that wait in a worker; then the oldest is dropped
local LONGEST = 5 -- seconds that a hook may hold up the next

local list = work.new { at_a_time = 1, most = MOST, longest = LONGEST }

--- Has a hook told. In init_by_lua, where nginx has no timers and no calls, it is told at once.
---@param run fun(hook: function, value: any)
---@param hook function
---@param value any
function hooks.tell(run, hook, value)
  if ngx.get_phase() == "init" then
    run(hook, value)
  else
    list:add(run, hook, value)
  end
end

--- How many wait in this worker, and how many were dropped.
---@return integer waiting
---@return integer dropped
function hooks.counts()
  return list:waiting(), list.dropped
end

return hooks
