--- What one waits for and others bring about, in sms.all, in event loops and in nginx.
---
---   condition:wait(is_done, seconds)   until is_done() is true, which may change whenever it
---                                      is woken; false where the seconds were over before
---   condition:wake()                   wakes who waits
---   condition.keeps_time               whether it waits for those seconds; where it does not,
---                                      whoever has so many does not wait at all

local core = require "sms.core"
local resuming = require "sms.runtime.resuming"

local conditions = {}

local InLoop = { __name = "sms.loop.condition" }
local in_loop = {}
InLoop.__index = in_loop

local InTasks = { __name = "sms.tasks.condition" }
local in_tasks = {}
InTasks.__index = in_tasks

local InNginx = { __name = "sms.nginx.condition" }
local in_nginx = { keeps_time = true }
InNginx.__index = in_nginx

local LONGEST_NAP = 1 -- seconds; a worker of nginx may be told to quit
local SHORT_NAP = 0.02 -- seconds

--- To wait for so many seconds would keep the loop from ending.
function in_loop:wait(is_done, seconds)
  local doubt, why
  while not is_done() do
    if seconds then
      return false
    elseif why then
      self.waiter = nil
      error(why, 0)
    end
    self.waiter = coroutine.running()
    self.loop.suspend()
    doubt, why = resuming.in_vain(self.loop, self.waiter == nil, doubt)
  end
  self.waiter = nil
  return true
end

function in_loop:wake()
  local waiter = self.waiter
  if waiter then
    self.waiter = nil
    local ok, why = resuming.by(self.loop.resume, waiter)
    if not ok then
      self.waiter = self.waiter or waiter -- the next one that wakes finds it
      error(why, 0)
    end
  end
end

--- Outside of all coroutines whoever waits drives them.
function in_tasks:wait(is_done)
  if not self.loop.is_inside() then
    self.loop.drive_until(is_done)
  end
  return in_loop.wait(self, is_done)
end

in_tasks.wake = in_loop.wake

--- For the coroutines of sms.all.
---@param scheduler table of sms.runtime.tasks
---@return table condition
function conditions.in_tasks(scheduler)
  return setmetatable({ loop = scheduler }, InTasks)
end

--- For the coroutines of a loop.
---@param loop table of sms.runtime.loop
---@return table condition
function conditions.in_loop(loop)
  return setmetatable({ loop = loop }, InLoop)
end

--- A semaphore that timed out is never used again.
function in_nginx:wait(is_done, seconds)
  local ends = core.now() + (seconds or math.huge)
  while not is_done() do
    local left = math.min(ends - core.now(), LONGEST_NAP)
    if left <= 0 then
      return false
    end
    local semaphore = self.new_semaphore()
    self.semaphore = semaphore
    if semaphore then
      semaphore:wait(left)
    else -- nginx has no memory for one
      self.sleep(math.min(left, SHORT_NAP))
    end
  end
  self.semaphore = nil
  return true
end

function in_nginx:wake()
  local semaphore = self.semaphore
  if semaphore then
    self.semaphore = nil
    semaphore:post(1)
  end
end

--- For light threads of nginx.
---@param new_semaphore fun(): table?
---@param sleep fun(seconds: number)
---@return table condition
function conditions.in_nginx(new_semaphore, sleep)
  return setmetatable({ new_semaphore = new_semaphore, sleep = sleep }, InNginx)
end

return conditions
