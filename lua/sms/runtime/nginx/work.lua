--- Lists of functions that timers of nginx run, outside of any request: in order, so many at a
--- time. Neither a function that ends its timer (ngx.exit) nor a lack of timers holds the others
--- up for long: nginx drops, without a word, what is due beyond lua_max_running_timers, so each
--- list is looked at once a second, too.

local core = require "sms.core"
local timers = require "sms.runtime.nginx.timers"

local work = {}

local Work = { __name = "sms.work" }
local methods = {}
Work.__index = methods

local ngx = ngx -- luacheck: ignore
local _, semaphore = pcall(require, "ngx.semaphore")

local SECOND, DAY = 1, 86400
local LOST = 2 -- timers; one is late where something blocks the worker
local STATES_AT_MOST = 2 -- with more of them lua_code_cache is off; a ticking timer would keep each

--- A list.
---@param given { at_a_time: integer, most: integer?, longest: number?, is_sure: boolean? } how many
--- functions run at a time in a worker; how many wait before the oldest is dropped; seconds after
--- which one that waits holds up no other; whether none is taken while nginx runs no timer
---@return table
function work.new(given)
  return setmetatable({
    at_a_time = given.at_a_time,
    most = given.most or math.huge,
    longest = given.longest or math.huge,
    is_sure = given.is_sure,
    first = 1, last = 0, entries = {},
    runners = {}, -- timers that have begun
    armed_at = nil, -- when a timer was asked for that has not begun
    ticks = false,
    lost = 0, -- timers, since the last that has begun
    dropped = 0, -- functions
  }, Work)
end

--- A light thread that waits beside the functions of a timer: a semaphore tells whether somebody
--- waits for it, so that it is known whether the timer has ended in the midst of one.
local function enter(self)
  local runner = { since = core.now(), ended = type(semaphore) == "table" and semaphore.new() }
  if runner.ended then
    runner.thread = ngx.thread.spawn(function()
      repeat until runner.ended:wait(DAY)
    end)
  end
  self.runners[runner] = true
  return runner
end

local function leave(self, runner)
  self.runners[runner] = nil
  if runner.thread then -- which a post would wake too late, where the worker is quitting
    ngx.thread.kill(runner.thread)
  end
end

--- How many timers run functions now, without those that a function has ended or holds up.
local function count(self)
  local now, running = core.now(), 0
  for runner in pairs(self.runners) do
    local is_gone = runner.ended and runner.ended:count() >= 0
    if is_gone or now - runner.since > self.longest then
      self.runners[runner] = nil
    else
      running = running + 1
    end
  end
  return running
end

local run

--- Asks for a timer, unless one is about to begin.
local function arm(self)
  local now = core.now()
  if self.armed_at and now - self.armed_at > SECOND then
    self.armed_at, self.lost = nil, self.lost + 1
  end
  if self.armed_at then
    return true
  end
  local ok, why = timers.soon(run, self)
  self.armed_at = ok and now or nil
  return ok, why
end

--- A timer begins.
function run(_, self)
  self.armed_at, self.lost = nil, 0
  if self.first > self.last or count(self) >= self.at_a_time then
    return
  end
  local runner = enter(self)
  while self.runners[runner] and self.first <= self.last do
    local entry = self.entries[self.first]
    self.entries[self.first] = nil
    self.first = self.first + 1
    if self.first <= self.last then
      arm(self) -- runs the next beside this one, or takes over where this one ends the timer
    end
    runner.since = core.now()
    pcall(entry[1], entry[2], entry[3])
  end
  leave(self, runner)
end

--- A second has passed, or the worker is quitting: then there may be no other timer.
local function tick(is_ending, self)
  local is_due = self.first <= self.last and count(self) < self.at_a_time
  if is_due and (is_ending or not arm(self)) then
    run(is_ending, self)
  end
end

local function start_ticks(self)
  local called, ok = pcall(ngx.timer.every, SECOND, tick, self)
  self.ticks = called and ok
end

--- Makes sure that what waits is run.
local function see_to(self)
  local is_exiting = ngx.worker.exiting()
  if not self.ticks and not is_exiting and core.states() <= STATES_AT_MOST then
    start_ticks(self)
  end
  local running, ok, why = count(self), true, nil
  if running < self.at_a_time then
    ok, why = arm(self)
  end
  if self.is_sure and running == 0 and self.lost >= LOST then
    return false, "nginx has not run the last timers: more than lua_max_running_timers?"
  end
  return ok or running > 0 or self.ticks and not is_exiting, why
end

--- Adds a function, with what it is given, unless it might never be run.
---@param body fun(a: any, b: any)
---@return boolean? ok
---@return string? why
function methods:add(body, a, b)
  local ok, why = see_to(self)
  if not ok then
    self.dropped = self.dropped + 1
    return nil, why
  end
  self.last = self.last + 1
  self.entries[self.last] = { body, a, b }
  if self.last - self.first >= self.most then
    self.entries[self.first] = nil
    self.first = self.first + 1
    self.dropped = self.dropped + 1
  end
  return true
end

--- Functions that wait.
---@return integer
function methods:waiting()
  return self.last - self.first + 1
end

return work
