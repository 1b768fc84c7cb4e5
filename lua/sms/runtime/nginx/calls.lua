--- How a handler in nginx waits for its request: in its light thread, until the pump
--- (sms.runtime.nginx.pump) has handed out the answer. The worker does not wait.

local core = require "sms.core"
local letters = require "sms.runtime.letters"
local pump = require "sms.runtime.nginx.pump"
local waiters = require "sms.runtime.nginx.waiters"

local calls = {}

local RESERVE = 5 -- seconds a caller waits longer than the engine needs at most
local LAST_LOOK = 1 -- of these, where the worker may have stood still before

local let_go, is_running = waiters.let_go, pump.is_running

--- A caller whose time is over looks by himself: the pump may have ended, or the worker may have
--- stood still, and the driver with it. Nor need it be over: nginx counts from when its loop last
--- looked at the clock. A semaphore that timed out is never used again.
local function look_once_more(waiter, ends)
  waiter.is_awake = true
  pump.hand_out()
  local semaphore = not waiter.has_come and waiters.semaphore()
  if semaphore then
    waiter.semaphore, waiter.is_awake = semaphore, false
    semaphore:wait(math.max(LAST_LOOK, ends - core.now()))
    waiter.is_awake = true
    pump.hand_out()
  end
  if not waiter.has_come then
    waiter.is_awake, waiter.is_told = false, true
    pump.dismiss()
  end
end

--- The answer to a request that has been submitted.
local function await(waiter, timeout, start_before)
  local is_posted = waiter.semaphore:wait(timeout + RESERVE - LAST_LOOK)
  if not waiter.has_come then
    look_once_more(waiter, start_before + RESERVE - LAST_LOOK) -- it is by the true clock
    if waiter.is_told then
      return nil, letters.unknown "the driver thread does not answer"
    end
  end
  waiter.has_come = false
  local status, answer = waiter.status, waiter.answer
  local retry_after, date = waiter.retry_after, waiter.date
  if is_posted then
    let_go(waiter)
  end
  return status, answer, retry_after, date
end

--- Has the pump started.
---@return number? seconds that are left of the time
---@return string? why it does not run
local function start(waiter, timeout)
  local ends = core.now() + timeout
  local ok, why = pump.start(waiter, timeout)
  local left = ends - core.now()
  if ok and left > 0 then
    return left
  end
  return nil, why or "nginx ran a timer too late"
end

--- Sends a request and waits for its end; as script.perform. For a caller who does not live until
--- then `finish` is called, with the call, its claims, and how the request ended.
function calls.perform(client, head, timeout, connect_timeout, start_before, body, claims, finish,
  call)
  local mailbox, why = pump.mailbox()
  local waiter, id
  if mailbox then
    waiter, why = waiters.new(claims, finish, call)
  end
  if waiter and not is_running() then
    timeout, why = start(waiter, timeout)
  end
  if not waiter or not timeout then
    return nil, nil, why
  end
  id, why = mailbox:submit(client, head, timeout, connect_timeout, start_before, body)
  if not id then
    let_go(waiter)
    return nil, nil, why
  end
  pump.expect(id, waiter)
  return await(waiter, timeout, start_before)
end

return calls
