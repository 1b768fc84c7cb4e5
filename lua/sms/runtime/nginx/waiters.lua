--- Light threads that wait for the ends of their requests. Any of them may be killed meanwhile: its
--- client leaves, or a handler ends by ngx.exit, ngx.exec, ngx.thread.kill or an error. What it has
--- begun is finished without it then, by the function that it has left for that.

local later = require "sms.runtime.nginx.later"

local waiters = {}

local ngx = ngx -- luacheck: ignore

local SPARES_AT_MOST = 1000

local has_semaphores, semaphores = pcall(require, "ngx.semaphore")

local spare, spare_count = {}, 0 -- waiters that nobody will post any more
local told, told_count = {}, 0 -- those who have been posted and may not have run since

--- A semaphore, whatever the worker lacks.
---@return table? semaphore
---@return string? why
function waiters.semaphore()
  if not has_semaphores then
    return nil, "nginx has no ngx.semaphore: lua-resty-core is needed"
  end
  local semaphore, why = semaphores.new()
  return semaphore, not semaphore and "nginx gives no semaphore: " .. tostring(why) or nil
end

--- Somebody who will wait. What has come for him is added by letters.hand_out.
---@param claims table? slots
---@param finish function? what is called in place of him who has gone: with the call, its claims,
--- and how its request ended
---@param call any
---@return table? waiter
---@return string? why
function waiters.new(claims, finish, call)
  local waiter
  if spare_count > 0 then
    waiter = spare[spare_count]
    spare_count = spare_count - 1
  else
    local semaphore, why = waiters.semaphore()
    if not semaphore then
      return nil, why
    end
    waiter = { semaphore = semaphore, has_come = false }
  end
  waiter.claims, waiter.finish, waiter.call = claims, finish, call
  return waiter
end

--- Its semaphore, which costs nginx more than the rest, serves the next call.
function waiters.let_go(waiter)
  waiter.answer, waiter.claims, waiter.call = nil, nil, nil
  if spare_count < SPARES_AT_MOST then
    spare_count = spare_count + 1
    spare[spare_count] = waiter
  end
end

local function finish(waiter)
  waiter.finish(waiter.call, waiter.claims, waiter.status, waiter.answer, waiter.retry_after,
    waiter.date, waiter.is_told)
end

--- Finishes what a light thread that has gone has begun; where a store of slots has to be told, it
--- may take a while.
local function bury(waiter)
  waiter.has_come = false
  local is_settled = type(waiter.claims) ~= "table" -- in C, as soon as its letter was read
  if waiter.finish and (is_settled or not later.run(function() finish(waiter) end)) then
    local ok, message = pcall(finish, waiter)
    if not ok then
      ngx.log(ngx.ERR, "sms: ", tostring(message))
    end
  end
end

--- Wakes who waits for what has come. Where nobody does any more, a semaphore counts no waiters.
function waiters.tell(waiter)
  local semaphore = waiter.semaphore
  if waiter.is_awake then
    return
  elseif semaphore:count() >= 0 then
    return bury(waiter)
  end
  told_count = told_count + 1
  told[told_count] = waiter
  semaphore:post(1)
end

--- Finishes for those who were killed between being woken and running.
---@return integer left who may not have run yet
function waiters.see_to_the_told()
  local left, gone = 0, nil
  for i = 1, told_count do
    local waiter = told[i]
    told[i] = nil
    if waiter.has_come and waiter.semaphore:count() > 0 then
      waiter.has_come = false
      gone = gone or {}
      gone[#gone + 1] = waiter
    elseif waiter.has_come then
      left = left + 1
      told[left] = waiter
    end
  end
  told_count = left
  for _, waiter in ipairs(gone or {}) do
    bury(waiter)
  end
  return left
end

--- Finishes for those of a list who were killed before anything has come for them.
---@param list table[]
---@return table[] left without those, and without those whose time is over
function waiters.without_the_gone(list)
  local left = {}
  for _, waiter in ipairs(list) do
    if not waiter.is_over and waiter.semaphore:count() >= 0 then
      bury(waiter)
    elseif not waiter.is_over then
      left[#left + 1] = waiter
    end
  end
  return left
end

return waiters
