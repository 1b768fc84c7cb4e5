--- How calls in nginx come back: a driver thread performs them, one light thread a worker (the
--- pump) learns of their ends through a socket and wakes whoever waits.

local core = require "sms.core"
local letters = require "sms.runtime.letters"
local socket = require "sms.runtime.nginx.socket"
local stepping = require "sms.runtime.nginx.stepping"
local timers = require "sms.runtime.nginx.timers"

local pump = {}

local ngx = ngx -- luacheck: ignore

local RESERVE = 5 -- seconds a caller waits longer than the engine needs at most
local START_TIME = 5 -- seconds until the pump must run
local IDLE = "." -- the byte of a second with nothing in flight
local SPARES_AT_MOST = 1000

local mailbox, owner -- and the process that has made it
local waiters = {} -- by id: { semaphore, and as letters.hand_out tells }
local waiting = 0 -- ids that have not come back, whether or not somebody still waits
local runs = false
local starting -- semaphores of those who wait for the pump to start
local spare, spare_count = {}, 0 -- waiters that nobody will post any more
local new_semaphore

local function new_mailbox()
  local box, why = core.mailbox()
  return box, not box and "the driver thread cannot be started: " .. why or nil
end

--- Why the pump's socket cannot be made, in words; nil where it can.
---@return string?
function pump.cannot_listen()
  local is_master = ngx.get_phase() == "init" -- before it forks
  if runs or is_master or not core.has_driver_thread() then
    return nil
  end
  local probe, why = new_mailbox()
  local path
  if probe then
    path, why = socket.listen(probe)
    probe:close()
  end
  return not path and why or nil
end

--- What wakes the pump.
local function waker()
  return core.has_driver_thread() and socket or stepping
end

local function tell(waiter)
  waiting = waiting - 1
  waiter.semaphore:post(1)
end

local function abandon(why)
  for id, waiter in pairs(waiters) do
    waiters[id] = nil
    letters.lose(waiter, "the socket to the driver thread ended: " .. why)
    tell(waiter)
  end
end

--- Hands out until nothing is in flight for a while; a worker told to quit does not wait
--- for that.
---@return string? why the socket ended
local function serve(connected)
  while true do
    local byte, why = connected:receive(1)
    local raised = letters.hand_out(mailbox, waiters, tell)
    if raised then
      error(raised[1], 0)
    end
    if not byte and why ~= "timeout" then
      return why
    elseif waiting == 0 and (byte == IDLE or ngx.worker.exiting()) then
      return nil
    end
  end
end

local function tell_starters(starters, why)
  starters.why = why
  for _, semaphore in ipairs(starters) do
    semaphore:post(1)
  end
end

local function run(_, starters)
  if starting == starters then
    starting = nil
  end
  if runs then -- this timer came late
    return tell_starters(starters)
  end
  runs = true
  local _, connected, why = pcall(waker().connect, mailbox)
  tell_starters(starters, not connected and why or nil)
  if connected then
    local _, failure = pcall(serve, connected)
    if failure then
      abandon(failure)
    end
    connected:close()
  end
  runs = false
end

--- Makes sure that the pump runs.
---@return boolean? ok
---@return string? why
local function ensure_pump()
  if runs and not starting then
    return true
  end
  local starters = starting or {}
  if not starting then
    local ok, why = timers.soon(run, starters)
    if not ok then
      return nil, why
    end
    starting = starters
  end
  local semaphore = new_semaphore()
  table.insert(starters, semaphore)
  if semaphore:wait(START_TIME) then
    return not starters.why, starters.why
  elseif starting == starters then
    starting = nil
  end
  return nil, ("nginx has not run a timer in %d s: more than lua_max_running_timers?")
    :format(START_TIME)
end

local function ensure_mailbox()
  local process = ngx.worker.pid() -- nginx knows it without asking the kernel
  if mailbox and owner == process then
    return true
  end
  new_semaphore = new_semaphore or require "ngx.semaphore".new
  local why
  mailbox, why = new_mailbox()
  owner = process
  return mailbox ~= nil, why
end

local function open()
  local ok, why = ensure_mailbox()
  if ok then
    ok, why = ensure_pump()
  end
  return ok and mailbox or nil, why
end

local function new_waiter()
  if spare_count == 0 then
    return { semaphore = new_semaphore() }
  end
  spare_count = spare_count - 1
  return spare[spare_count + 1]
end

--- Its semaphore, which costs nginx more than the rest, serves the next call.
local function let_go(waiter)
  waiter.has_come, waiter.answer, waiter.claims = false, nil, nil
  if spare_count < SPARES_AT_MOST then
    spare_count = spare_count + 1
    spare[spare_count] = waiter
  end
end

--- The light thread waits, the worker does not.
local function await(id, timeout, claims)
  -- Kept by id until the answer is in, also where the caller is killed meanwhile.
  local waiter = new_waiter()
  waiter.claims = claims
  waiters[id] = waiter
  waiting = waiting + 1
  local is_posted = waiter.semaphore:wait(timeout + RESERVE)
  if not waiter.has_come then
    return nil, letters.unknown "the driver thread does not answer"
  end
  local status, answer = waiter.status, waiter.answer
  local retry_after, date = waiter.retry_after, waiter.date
  if is_posted then
    let_go(waiter)
  end
  return status, answer, retry_after, date
end

--- Sends a request and waits for its end.
pump.perform = letters.sender(open, await)

--- Ends what closed clients have in flight, and lets go of their connections.
function pump.sweep()
  if mailbox and not mailbox:is_foreign() then
    mailbox:sweep()
  end
end

--- Calls that have been submitted and have not come back, in this worker.
---@return integer
function pump.in_flight()
  return waiting
end

return pump
