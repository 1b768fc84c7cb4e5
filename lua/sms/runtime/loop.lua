--- How a coroutine in an event loop waits: the driver thread performs the calls, the loop
--- polls one descriptor.
---
---   local nexmo = sms.nexmo { runtime = require "sms.runtime.loop".cqueues() }
---
--- A loop of one's own takes four functions:
---
---   loop.new {
---     watch = function(descriptor, callback)  -- calls back whenever it is readable
---       return function() end                 -- stops that; a second one may tell whether it
---     end,                                    -- is still watched, where others can end that
---     sleep = function(seconds) end,          -- suspends the running coroutine
---     suspend = coroutine.yield,              -- … until resume is called with it
---     resume = coroutine.resume,
---   }

require "sms.runtime.loading" -- first: says why the C module cannot be loaded

local abandoned = require "sms.runtime.abandoned"
local conditions = require "sms.runtime.conditions"
local core = require "sms.core"
local letters = require "sms.runtime.letters"
local loops = require "sms.runtime.loops"
local misuse = require "sms.base.misuse"
local resuming = require "sms.runtime.resuming"

local loop = {}

local Loop = { __name = "sms.loop" }
local methods = {}
Loop.__index = methods

local made = setmetatable({}, { __mode = "k" })

--- Opens the mailbox at first use, and anew after a fork.
local function ensure_mailbox(self)
  if self.mailbox and not self.mailbox:is_foreign() then
    return true
  end
  local mailbox, why = core.mailbox()
  if not mailbox then
    return nil, "the driver thread cannot be started: " .. why
  end
  local descriptor
  descriptor, why = mailbox:descriptor()
  if not descriptor then
    return nil, why
  end
  self.mailbox, self.descriptor = mailbox, descriptor
  self.waiters, self.waiting, self.stop, self.watched_in = {}, 0, nil, nil
  self.untold, self.loop_of = {}, setmetatable({}, { __mode = "kv" })
  return true
end

local function unwatch(self)
  if self.stop then
    self.stop()
  end
  self.stop, self.is_watched, self.watched_in = nil, nil, nil
end

--- Resumes everybody whose answer has come; the descriptor is watched as long as somebody
--- waits, so that the loop can end.
---@param is_left fun(waiter: table)? whether a coroutine is not resumed, since its loop has gone
local function hand_out(self, is_left)
  local first, last -- a chain: a list might have no memory to grow, and its waiter would wait on
  local failure = letters.hand_out(self.mailbox, self.waiters, function(waiter)
    self.waiting = self.waiting - 1
    if last then
      last.behind = waiter
    end
    first, last = first or waiter, waiter
  end)
  if self.waiting == 0 then
    unwatch(self)
  end
  if last then
    last.behind = self.late
  end
  first, self.late = first or self.late, false
  local raised = resuming.chain(self, first, is_left)
  failure = failure or raised
  if failure then -- Ctrl-C, or of one coroutine, once the others have got their answers
    error(failure[1], 0)
  end
end

--- Has the descriptor watched by the loop that runs now: an error may have broken off
--- another one, or the host may have closed what watches.
local function ensure_watch(self)
  local running = self.is_inside()
  if self.stop and (self.watched_in ~= running or self.is_watched and not self.is_watched()) then
    unwatch(self)
  end
  if not self.stop then
    self.watched_in = running
    self.stop, self.is_watched = self.watch(self.descriptor, function()
      hand_out(self)
    end)
  end
end

--- Looks by oneself, where the loop stands still; whoever is not suspended does so himself.
local function look(self)
  hand_out(self, function(waiter) -- LuaJIT has no coroutine outside of all others
    return not waiter.thread or coroutine.status(waiter.thread) ~= "suspended"
  end)
end

--- Suspends the running coroutine until its call has ended.
local function await(self, id, claims, finish, call)
  local waiter = { id = id, thread = coroutine.running(), claims = claims,
    finish = finish, call = call,
    behind = false, has_come = false, answer = false } -- room, though memory runs out later
  self.loop_of[waiter] = self.is_inside() -- who is told of an error in here is not resumed
  self.waiters[id] = waiter
  self.waiting = self.waiting + 1
  ensure_watch(self)
  self.untold[waiter] = true
  local doubt
  while not waiter.has_come do
    self.suspend()
    doubt = resuming.in_vain(self, waiter.has_come, doubt)
  end
  self.untold[waiter] = nil
  return waiter.status, waiter.answer, waiter.retry_after, waiter.date
end

--- The two functions that the client asks for, and what it may ask besides.
local function functions_of(self)
  local runtime = { loop = self }

  function runtime.cannot_wait()
    return not self.is_inside()
      and "calls in an event loop must be made inside of one of its coroutines" or nil
  end

  runtime.perform = letters.sender(function()
    local ok, why = ensure_mailbox(self)
    return ok and self.mailbox or nil, why
  end, function(id, claims, finish, call)
    return await(self, id, claims, finish, call)
  end)

  runtime.sleep, runtime.spawn = self.sleep, self.spawn

  function runtime.sweep()
    if self.mailbox and not self.mailbox:is_foreign() then
      self.mailbox:sweep()
    end
  end

  function runtime.abandoned(client)
    return abandoned.take(self, client, hand_out)
  end

  function runtime.poll()
    self.sleep(0)
  end

  function runtime.condition()
    return conditions.in_loop(self)
  end

  return runtime
end

--- A runtime for a loop of one's own.
---@param given sms.loop_options
---@return sms.runtime runtime for the client option `runtime`
function loop.new(given)
  misuse.check_dot(loop, given, "loop.new")
  local problem, options = loops.problem_of(given)
  if problem then
    error("loop.new: " .. problem, 2)
  end
  local self = setmetatable({
    watch = options.watch,
    sleep = options.sleep,
    suspend = options.suspend or coroutine.yield,
    resume = options.resume or loops.resume,
    spawn = options.spawn or function(body)
      coroutine.wrap(body)()
    end,
    is_inside = options.is_inside or loops.is_in_coroutine,
    knows_itself = options.is_inside ~= nil,
    look = look,
    waiting = 0,
    late = false, -- a chain of those that could not go on
  }, Loop)
  made[self] = true
  return functions_of(self)
end

--- The loop in which the running coroutine stands, if it is one of those made here.
---@return table?
function loop.current()
  local found
  for self in pairs(made) do
    if self.is_inside() then
      found = self
      if self.knows_itself then
        break
      end
    end
  end
  return found
end

--- Runs functions that raise nothing side by side in the loop, until all have ended.
---@param bodies function[]
---@return string? why they are not waited for any longer
function methods:all(bodies)
  local thread, left, waits, doubt, why = coroutine.running(), #bodies, false, nil, nil
  for _, body in ipairs(bodies) do
    self.spawn(function()
      body()
      left = left - 1
      if left == 0 and waits then
        self.resume(thread)
      end
    end)
  end
  waits = true
  while left > 0 and not why do
    self.suspend()
    doubt, why = resuming.in_vain(self, left == 0, doubt)
  end
  waits = false
  return why
end

--- For lua-cqueues.
---@return sms.runtime runtime
function loop.cqueues(...)
  misuse.check_dot(loop, (...), "loop.cqueues")
  return loop.new(loops.cqueues())
end

--- For luv (lua-luv, or the `uv` of luvit).
---@return sms.runtime runtime
function loop.luv(...)
  misuse.check_dot(loop, (...), "loop.luv")
  return loop.new(loops.luv())
end

return loop
