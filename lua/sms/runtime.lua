--- Chooses how a call waits (DESIGN 3.5).

local script = require "sms.runtime.script"
local tasks = require "sms.runtime.tasks"

local runtime = {}

--- The runtime for the place of the caller: two functions, `perform` and `sleep`.
---@param chosen table? the client option
---@return { perform: function, sleep: function }
function runtime.current(chosen)
  if chosen then
    return chosen
  end
  return tasks.is_inside() and tasks or script
end

return runtime
