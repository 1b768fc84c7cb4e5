--- How a handler in nginx waits (DESIGN section 4): a driver thread performs the call, one
--- light thread a worker (the pump) learns of its end through a socket and wakes whoever
--- waits. The worker never blocks.

local core = require "sms.core"

local nginx = {}

local ngx = ngx -- luacheck: ignore

local RESERVE = 5 -- seconds a caller waits longer than the engine needs at most
local LONGEST_READ = 3600000 -- milliseconds; the driver's idle byte comes long before
local START_TIME = 5 -- seconds until the pump must run
local IDLE = "." -- the byte of a second with nothing in flight

-- Phases in which a handler may wait.
local WAITING = { rewrite = true, access = true, content = true, timer = true,
  ssl_cert = true, ssl_session_fetch = true, preread = true }

local mailbox
local waiters = {} -- by id: { semaphore, reply, why }
local waiting = 0 -- ids that have not come back, whether or not somebody still waits
local pump_runs, pump_starters = false, nil -- who waits for it to start
local new_semaphore

--- Where nginx cannot wait, in words; nil where it can.
---@return string?
function nginx.cannot_wait()
  local phase = ngx.get_phase()
  if WAITING[phase] then
    return nil
  end
  return ("nginx cannot wait in its phase '%s'; use sms.later(function) for calls whose "
    .. "result is not needed there"):format(phase)
end

--- Folders for the pump's socket, the first that can be written to is used.
nginx.folders = { "/run/lua-sms", "/dev/shm", "/tmp" }

local function listen(box)
  local problems = {}
  for _, folder in ipairs(nginx.folders) do
    local path, why = box:listen(folder)
    if path then
      return path
    end
    problems[#problems + 1] = why
  end
  return nil, table.concat(problems, "; ")
end

--- Why the pump's socket cannot be made, in words; nil where it can.
---@return string?
function nginx.cannot_listen()
  if pump_runs then
    return nil
  end
  local probe, why = core.mailbox()
  local path
  if probe then
    path, why = listen(probe)
    probe:close()
  end
  return not path and "no folder for the socket to the driver thread: " .. why or nil
end

local function connect()
  local path, why = listen(mailbox)
  if not path then
    return nil, why
  end
  local socket = ngx.socket.tcp()
  local ok
  ok, why = socket:connect("unix:" .. path)
  if not ok then
    return nil, why
  end
  ok, why = mailbox:accept()
  if not ok then
    socket:close()
    return nil, why
  end
  socket:settimeout(LONGEST_READ)
  return socket
end

--- Gives everything that has come to those who wait for it.
local function hand_out()
  local id, reply, why = mailbox:take()
  while id do
    local waiter = waiters[id]
    if waiter then
      waiters[id] = nil
      waiting = waiting - 1
      waiter.reply, waiter.why = reply, why
      waiter.semaphore:post(1)
    end
    id, reply, why = mailbox:take()
  end
end

--- The pump cannot go on, while requests are under way: what becomes of them will not be
--- known here.
local function abandon(why)
  for id, waiter in pairs(waiters) do
    waiters[id] = nil
    waiter.reply = { ending = "cancelled", sent = true, status = 0, body = "", phase = "answer",
      message = "the socket to the driver thread ended: " .. why }
    waiter.semaphore:post(1)
  end
  waiting = 0
end

local function tell_starters(starters, why)
  for _, starter in ipairs(starters) do
    starter.why = why
    starter.semaphore:post(1)
  end
end

local function pump()
  local starters = pump_starters
  local socket, why = connect()
  pump_starters, pump_runs = nil, socket ~= nil
  tell_starters(starters, why)
  if not socket then
    return
  end
  local byte, failure
  repeat
    byte, failure = socket:receive(1)
    hand_out()
  until not byte and failure ~= "timeout" or byte == IDLE and waiting == 0
  pump_runs = false
  if not byte then
    abandon(failure)
  end
  socket:close()
end

--- Makes sure that the pump runs.
---@return boolean? ok
---@return string? why
local function ensure_pump()
  if pump_runs then
    return true
  end
  if not pump_starters then
    pump_starters = {}
    local ok, why = ngx.timer.at(0, pump)
    if not ok then
      pump_starters = nil
      return nil, "nginx gives no timer: " .. why
    end
  end
  local starter = { semaphore = new_semaphore() }
  table.insert(pump_starters, starter)
  local ok, why = starter.semaphore:wait(START_TIME)
  if not ok or starter.why then
    return nil, starter.why or why
  end
  return true
end

local function ensure_mailbox()
  if mailbox and not mailbox:is_foreign() then
    return true
  end
  new_semaphore = new_semaphore or require "ngx.semaphore".new
  local why
  mailbox, why = core.mailbox()
  return mailbox ~= nil, why
end

--- Sends a request; the light thread waits, the worker does not.
---@return table? reply
---@return string? why it could not be started
function nginx.perform(client, built, timeout, ...)
  local ok, why = ensure_mailbox()
  if ok then
    ok, why = ensure_pump()
  end
  if not ok then
    return nil, why
  end
  local id
  id, why = mailbox:submit(client, built, timeout, ...)
  if not id then
    return nil, why
  end
  -- Kept by id until the answer is in, also where the caller is killed meanwhile.
  local waiter = { semaphore = new_semaphore() }
  waiters[id] = waiter
  waiting = waiting + 1
  waiter.semaphore:wait(timeout + RESERVE)
  return waiter.reply or nil, waiter.why or "the driver thread does not answer"
end

--- Waits.
---@param seconds number
function nginx.sleep(seconds)
  ngx.sleep(math.max(seconds, 0))
end

--- Runs functions side by side, in light threads.
---@param functions function[]
---@return table[] results
function nginx.all(functions)
  local threads, results, failure = {}, {}, nil
  for i, body in ipairs(functions) do
    threads[i] = ngx.thread.spawn(body)
  end
  for i, thread in ipairs(threads) do
    local answer = { ngx.thread.wait(thread) }
    if answer[1] then
      results[i] = { answer[2], answer[3] }
    else
      failure = failure or { answer[2] }
    end
  end
  if failure then
    error(failure[1], 0)
  end
  return results
end

--- Runs a function after the present phase, where calls can wait.
---@param body function
---@return boolean? ok
---@return string? why
function nginx.later(body)
  return ngx.timer.at(0, function()
    body()
  end)
end

--- Lets go of the connections of closed clients.
function nginx.sweep()
  if mailbox and not mailbox:is_foreign() then
    mailbox:sweep()
  end
end

--- Calls that have been submitted and have not come back, in this worker.
---@return integer
function nginx.in_flight()
  return waiting
end

return nginx
