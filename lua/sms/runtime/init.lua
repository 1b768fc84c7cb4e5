--- Chooses how a call waits.

local script = require "sms.runtime.script"
local tasks = require "sms.runtime.tasks"
local together = require "sms.runtime.together"

local runtime = {}

local nginx = rawget(_G, "ngx") and require "sms.runtime.nginx"

--- The runtime for the place of the caller: the two functions `perform` and `sleep`, and
--- `cannot_wait`, which says why calls are impossible there, where that can be.
---@return { perform: function, sleep: function, cannot_wait: function? }
runtime.here = nginx and function()
  return nginx
end or tasks.here

--- What runs functions side by side where the caller stands, until all have ended.
local function side_by_side()
  local loop = package.loaded["sms.runtime.loop"]
  local current = not nginx and loop and loop.current()
  if current then
    return function(bodies)
      current:all(bodies)
    end
  end
  return (nginx or tasks).all
end

--- Runs functions side by side. What one raises is raised after all have ended.
---@param functions function[]
---@param in_flight integer? how many at a time; nil: all
---@return { [1]: any, [2]: any }[] results
function runtime.all(functions, in_flight)
  local group = together.new(functions, in_flight)
  side_by_side()(group.bodies)
  return together.finish(group)
end

--- What runs functions beside the caller: `spawn` and `condition`, and what else there is
--- (`poll`, `is_ending`, `cannot_wait`); nil where the client's own runtime cannot.
---@param chosen table? the client option
---@return table?
function runtime.beside(chosen)
  if chosen then
    return chosen.spawn and chosen.condition and chosen
  end
  return nginx or tasks
end

--- Ends what closed clients have in flight, and lets go of their connections.
---@param chosen table? the client option
function runtime.sweep(chosen)
  local engine = nginx or script
  engine.sweep()
  if chosen and chosen.sweep then
    chosen.sweep()
  end
end

return runtime
