--- How calls in nginx come back: a driver thread performs them, one light thread a worker (the
--- pump) learns of their ends through a socket and wakes whoever waits (docs/design.md 4).

local core = require "sms.core"
local letters = require "sms.runtime.letters"
local plain = require "sms.base.plain"
local socket = require "sms.runtime.nginx.socket"
local stepping = require "sms.runtime.nginx.stepping"
local timers = require "sms.runtime.nginx.timers"
local waiters = require "sms.runtime.nginx.waiters"

local pump = {}

local ngx = ngx -- luacheck: ignore

local START_TIME = 5 -- seconds until the pump must run
local LONGEST_TURN = 3 -- seconds; the driver tells each second that all goes on
local LATE = 0.5 -- seconds after which a timer that has not begun is asked for again
local SHORTEST_NAP = 0.001
local IDLE = "." -- the byte of a second with nothing in flight

--- Called at each turn with nothing, and with true at the last one.
---@type fun(is_last: boolean?)
pump.watch = function() end

local mailbox, owner -- and the process that has made it
local waiting_for = {} -- waiters by id
local waiting = 0 -- ids that have not come back, whether or not somebody still waits
local running, seen_at, has_turned -- the pump, as a table of its own, and when it last turned
local starters = {} -- those who wait for the pump to start
local asked_at -- when a timer was asked for that has not begun

local function new_mailbox()
  local box, why = core.mailbox()
  return box, not box and "the driver thread cannot be started: " .. why or nil
end

--- Whether it does its work: however it ended, nginx may have told nobody.
---@return boolean?
function pump.is_running()
  if has_turned and running then -- since the last call
    has_turned = false
    return true
  end
  return running and core.now() - seen_at < LONGEST_TURN
end

--- Why the pump's socket cannot be made, in words; nil where it can.
---@return string?
function pump.cannot_listen()
  local is_master = ngx.get_phase() == "init" -- before it forks
  if running or is_master or not core.has_driver_thread() then
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
  waiters.tell(waiter)
end

--- Wakes everybody whose letter has come.
---@param most integer? how many
function pump.hand_out(most)
  local raised = letters.hand_out(mailbox, waiting_for, tell, most)
  if raised then
    error(raised[1], 0)
  end
end

local function abandon(why)
  local abandoned = waiting_for
  waiting_for = {}
  for _, waiter in pairs(abandoned) do
    letters.lose(waiter, "the socket to the driver thread ended: " .. why)
    tell(waiter)
  end
end

--- Hands out until nothing is in flight for a while; a worker told to quit does not wait
--- for that.
---@return string? why the socket ended
local function serve(connected, self)
  while true do
    local byte, why = connected:receive(1)
    if byte and not running then -- somebody has missed it too soon
      running = self
    end
    if running ~= self then -- another one does it now
      return nil
    end
    seen_at, has_turned = core.now(), true
    waiters.see_to_the_told() -- by the last turn
    pump.hand_out(connected.at_a_time)
    pcall(pump.watch)
    if not byte and why ~= "timeout" then
      return why
    elseif waiting == 0 and (byte == IDLE or ngx.worker.exiting()) then
      local left = waiters.see_to_the_told()
      while left > 0 and waiting == 0 do
        ngx.sleep(SHORTEST_NAP)
        left = waiters.see_to_the_told()
      end
      if waiting == 0 then
        return nil
      end
    end
  end
end

local function tell_starters(why)
  local told = starters
  starters, asked_at = {}, nil
  for _, waiter in ipairs(told) do
    waiter.has_come, waiter.status, waiter.answer, waiter.why = true, nil, nil, why
    waiters.tell(waiter)
  end
end

--- Whatever breaks in it, it has ended then.
local function run()
  if pump.is_running() then -- this timer came late
    return tell_starters()
  end
  local self = {}
  running, seen_at = self, core.now()
  local ok, connected, why = pcall(waker().connect, mailbox)
  if not ok then
    connected, why = nil, connected
  end
  tell_starters(not connected and tostring(why) or nil)
  local served, failure = true, nil
  if connected then
    served, failure = pcall(serve, connected, self)
    pcall(connected.close, connected)
  end
  pcall(pump.watch, true)
  if running == self then
    running = nil
    if not served and waiting > 0 then
      ngx.log(ngx.ERR, "sms: the pump begins anew: ", tostring(failure))
      timers.soon(run)
    elseif failure then
      abandon(failure)
    end
  end
end

--- Asks for the pump's timer, unless one is about to begin: nginx drops, without a word, those
--- that are too many.
local function ask()
  local now = core.now()
  if asked_at and now - asked_at < LATE then
    return true
  end
  local ok, why = timers.soon(run)
  asked_at = ok and now or nil
  return ok, why
end

--- Waits until the pump runs.
---@param waiter table
---@param longest number seconds
---@return boolean? ok
---@return string? why
function pump.start(waiter, longest)
  local seconds = math.min(START_TIME, longest)
  local ends = core.now() + seconds
  local ok, why = ask()
  if not ok then
    return nil, why
  end
  starters[#starters + 1] = waiter
  local is_posted, left = nil, seconds
  while left > 0 and not waiter.has_come do
    is_posted = waiter.semaphore:wait(math.min(left, LATE))
    left = ends - core.now()
    if not waiter.has_come then
      ask()
    end
  end
  if waiter.has_come then
    waiter.has_come = false
    if not is_posted then -- it counts what was posted too late
      waiter.semaphore, why = waiters.semaphore()
    end
    return waiter.semaphore and not waiter.why, waiter.why or why
  end
  waiter.is_over = true
  starters = waiters.without_the_gone(starters)
  return nil, ("nginx has not run a timer in %s s: more than lua_max_running_timers, or than "
    .. "worker_connections?"):format(plain.number("%.2g", seconds))
end

--- The mailbox of this process, made anew where that has failed.
---@return table? mailbox
---@return string? why
function pump.mailbox()
  local process = ngx.worker.pid() -- nginx knows it without asking the kernel
  if mailbox and owner == process then
    return mailbox
  end
  local why
  mailbox, why = new_mailbox()
  owner = process
  return mailbox, why
end

--- Whoever waits is woken when the letter with that id comes, and kept until then, also where it
--- is killed meanwhile.
---@param id integer
---@param waiter table
function pump.expect(id, waiter)
  waiting_for[id] = waiter
  waiting = waiting + 1
end

--- Somebody has found that the pump does not do its work: the next call starts another.
function pump.dismiss()
  running = nil
end

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
