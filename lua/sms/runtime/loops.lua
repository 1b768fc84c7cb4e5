--- The loops that are known: the functions of each that sms.runtime.loop asks for.

local misuse = require "sms.base.misuse"
local resuming = require "sms.runtime.resuming"

local loops = {}

local KNOWN = { "watch", "sleep", "suspend", "resume", "spawn", "is_inside" }

--- What is wrong with the functions of a loop.
---@param given any
---@return string? problem
---@return table? options a copy
function loops.problem_of(given)
  if type(given) ~= "table" then
    return "a table was expected"
  end
  local problem, options = misuse.of_options(given, KNOWN)
  if problem then
    return problem
  end
  for _, name in ipairs(KNOWN) do
    local is_needed = name == "watch" or name == "sleep"
    if type(options[name]) ~= "function" and (is_needed or options[name] ~= nil) then
      return name .. ": a function was expected"
    end
  end
  return nil, options
end

--- Resumes a coroutine; its error is raised here.
---@param thread thread
function loops.resume(thread)
  if coroutine.status(thread) ~= "dead" then
    local ok, message = resuming.resume(thread)
    if not ok then
      error(message, 0)
    end
  end
end

--- Whether the caller is a coroutine that may be suspended: not the main one, and none of
--- sms.all's own scheduler.
---@return boolean
function loops.is_in_coroutine()
  local thread, main = coroutine.running()
  local tasks = package.loaded["sms.runtime.tasks"]
  return thread ~= nil and not main and not (tasks and tasks.is_inside())
end

--- Of lua-cqueues.
---@return table given as loop.new takes it
function loops.cqueues()
  local cqueues = require "cqueues"
  local condition = require "cqueues.condition"
  local woken = setmetatable({}, { __mode = "k" })
  return {
    sleep = cqueues.sleep,
    watch = function(descriptor, callback)
      local watched, wake = true, condition.new()
      cqueues.running():wrap(function()
        while watched do
          cqueues.poll({ pollfd = descriptor, events = "r" }, wake)
          callback()
        end
      end)
      return function()
        watched = false
        wake:signal()
      end
    end,
    suspend = function()
      local thread = coroutine.running()
      woken[thread] = woken[thread] or condition.new()
      woken[thread]:wait()
    end,
    resume = function(thread)
      if woken[thread] then
        woken[thread]:signal()
      end
    end,
    spawn = function(body)
      cqueues.running():wrap(body)
    end,
    is_inside = function()
      return (cqueues.running())
    end,
  }
end

--- Of luv.
---@return table given as loop.new takes it
function loops.luv()
  local uv = require "luv"
  return {
    sleep = function(seconds)
      local thread, timer = coroutine.running(), uv.new_timer()
      timer:start(math.ceil(seconds * 1000), 0, function()
        timer:close()
        loops.resume(thread)
      end)
      coroutine.yield()
    end,
    watch = function(descriptor, callback)
      local poll = uv.new_poll(descriptor)
      poll:start("r", callback)
      local function is_watching() -- the host may have closed all handles (uv.walk)
        local is_there, is_closing = pcall(poll.is_closing, poll)
        return is_there and not is_closing
      end
      return function()
        if is_watching() then
          poll:stop()
          poll:close()
        end
      end, is_watching
    end,
  }
end

return loops
