--- What one waits for and others bring about, where the driver thread performs the calls: in
--- event loops and in nginx. (For scripts see sms.runtime.tasks.)
---
---   condition:wait(is_done, seconds)   until is_done() is true, which may change whenever it
---                                      is woken; false where the seconds were over before
---   condition:wake()                   wakes who waits

local core = require "sms.core"

local conditions = {}

local InLoop = { __name = "sms.loop.condition" }
local in_loop = {}
InLoop.__index = in_loop

local InNginx = { __name = "sms.nginx.condition" }
local in_nginx = {}
InNginx.__index = in_nginx

local LONGEST_NAP = 1 -- seconds; a worker of nginx may be told to quit

--- Whoever has only so many seconds does not wait at all: he would keep the loop from ending.
function in_loop:wait(is_done, seconds)
  while not is_done() do
    if seconds then
      return false
    end
    self.waiter = coroutine.running()
    self.loop.suspend()
  end
  self.waiter = nil
  return true
end

function in_loop:wake()
  local waiter = self.waiter
  if waiter then
    self.waiter = nil
    self.loop.resume(waiter)
  end
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
    semaphore:wait(left)
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
---@return table condition
function conditions.in_nginx()
  return setmetatable({ new_semaphore = require "ngx.semaphore".new }, InNginx)
end

return conditions
