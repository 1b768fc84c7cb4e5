--- Functions that nginx runs after the present phase, where calls can wait.

local errors = require "sms.base.errors"
local work = require "sms.runtime.nginx.work"

local later = {}

local ngx = ngx -- luacheck: ignore

local AT_A_TIME = 64

local list = work.new { at_a_time = AT_A_TIME, is_sure = true }

local function guarded(body)
  local ok, message = xpcall(body, debug.traceback)
  if not ok then
    ngx.log(ngx.ERR, "sms.later: ", message)
  end
end

--- Runs a function after the present phase.
---@param body function
---@return boolean? ok
---@return table? err where it might never run
function later.run(body)
  local ok, why = list:add(guarded, body)
  return ok, not ok and errors.here("internal", "later", why) or nil
end

return later
