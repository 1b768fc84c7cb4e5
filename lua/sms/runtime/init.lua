--- Chooses how a call waits.

local core = require "sms.core"
local script = require "sms.runtime.script"
local tasks = require "sms.runtime.tasks"
local together = require "sms.runtime.together"

local runtime = {}

local ngx = rawget(_G, "ngx")
local is_worker_thread = ngx and not ngx.timer -- of ngx.run_worker_thread, which may block
local nginx = ngx and not is_worker_thread and require "sms.runtime.nginx"

local NO_THREADS = "the OpenSSL in this process has been built without threads: no call can be "
  .. "made in ngx.run_worker_thread, beside what the worker does with it"

-- What is there instead of a runtime where no thread but the worker's may use OpenSSL.
local barred = is_worker_thread and not core.has_driver_thread() and setmetatable({
  sleep = script.sleep,
  cannot_wait = function()
    return NO_THREADS
  end,
}, { __index = tasks })

--- The runtime for the place of the caller: the two functions `perform` and `sleep`, and
--- `cannot_wait`, which says why calls are impossible there, where that can be.
---@return { perform: function, sleep: function, cannot_wait: function? }
runtime.here = nginx and function()
  return nginx
end or barred and function()
  return barred
end or tasks.here

--- Runs a function after the present phase of nginx; nil elsewhere.
---@type (fun(body: function): boolean?, table?)?
runtime.later = nginx and nginx.later or nil

--- What runs functions side by side where the caller stands, until all have ended.
local function side_by_side()
  local loop = package.loaded["sms.runtime.loop"]
  local current = not nginx and loop and loop.current()
  if current then
    return function(bodies)
      return current:all(bodies)
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
  local problem = side_by_side()(group.bodies)
  if problem then
    error("sms.all: " .. problem, 2) -- a tail call: the caller's line
  end
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
  return nginx or barred or tasks
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
