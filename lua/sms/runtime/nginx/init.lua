--- How a handler in nginx waits: in its light thread. The worker never blocks.

local calls = require "sms.runtime.nginx.calls"
local conditions = require "sms.runtime.conditions"
local later = require "sms.runtime.nginx.later"
local phases = require "sms.runtime.nginx.phases"
local pump = require "sms.runtime.nginx.pump"
local waiters = require "sms.runtime.nginx.waiters"

local nginx = { perform = calls.perform, sweep = pump.sweep }

local ngx = ngx -- luacheck: ignore

local LEAST_SLEEP = 0.001 -- seconds; after 0 nginx would look at no socket before

--- Where nginx cannot wait, in words; nil where it can.
---@return string?
function nginx.cannot_wait()
  local phase = ngx.get_phase()
  if phases.can_wait(phase) then
    return nil
  end
  return ("nginx cannot wait in its phase '%s'; use sms.later(function) for calls whose "
    .. "result is not needed there"):format(phase)
end

--- Waits.
---@param seconds number
function nginx.sleep(seconds)
  ngx.sleep(math.max(seconds, LEAST_SLEEP))
end

--- Waits, in a place where others notice it if this light thread is killed meanwhile.
---@param seconds number
---@param place table its `sleeper` counts below 0 while somebody sleeps
function nginx.sleep_in_line(seconds, place)
  local semaphore = waiters.semaphore()
  if not semaphore then
    return nginx.sleep(seconds)
  end
  place.sleeper = semaphore
  semaphore:wait(math.max(seconds, LEAST_SLEEP))
  place.sleeper = nil
end

--- Runs functions that raise nothing side by side, until all have ended; one after the other
--- where nothing can wait: there each call says so.
---@param bodies function[]
function nginx.all(bodies)
  if nginx.cannot_wait() then
    for _, body in ipairs(bodies) do
      body()
    end
    return
  end
  local threads = {}
  for _, body in ipairs(bodies) do
    local ok, thread = pcall(ngx.thread.spawn, body)
    if ok then
      threads[#threads + 1] = thread
    else -- no memory for one
      body()
    end
  end
  for _, thread in ipairs(threads) do
    ngx.thread.wait(thread)
  end
end

--- Runs a function beside the caller, in a light thread.
function nginx.spawn(body)
  ngx.thread.spawn(body)
end

--- Lets the others go on who can.
function nginx.poll()
  ngx.sleep(LEAST_SLEEP)
end

--- Whether the worker was told to quit.
function nginx.is_ending()
  return ngx.worker.exiting()
end

function nginx.condition()
  return conditions.in_nginx(waiters.semaphore, ngx.sleep)
end

--- Runs a function after the present phase, where calls can wait.
---@param body function
---@return boolean? ok
---@return string? why
function nginx.later(body)
  return later.run(body)
end

return nginx
