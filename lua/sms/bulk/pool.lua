--- Works on units side by side, so many at a time, wherever there is a runtime that can
--- run functions beside the caller. A worker takes one unit after the other.

local core = require "sms.core"

local pool = {}

local Pool = { __name = "sms.bulk.pool" }
local methods = {}
Pool.__index = methods

local LINGER = 5 -- seconds a worker waits for its next unit, where waiting costs nothing
local LATE = 1 -- seconds after which who was to wake others was ended itself

--- Makes a pool.
---@param here table? of runtime.beside; nil: each unit is worked on where it is started
---@param sleep fun(seconds: number)
---@param work fun(unit: table)
---@return table pool
function pool.new(here, sleep, work)
  return setmetatable({
    here = here,
    sleep = sleep,
    work = work,
    open = 0, -- units that were started and not taken back
    high = 0, -- of these, the ones that go before others
    first = 1, last = 0, units = {}, -- that nobody works on yet
    taken = 1, ended = 0, results = {}, -- units that were worked on
    workers = {}, -- their units, by coroutine
    idle = {}, -- conditions of workers that have none
    changed = here and here.condition(),
  }, Pool)
end

local function next_unit(self)
  local unit = self.units[self.first]
  if unit then
    self.units[self.first] = nil
    self.first = self.first + 1
  end
  return unit
end

local function work_on(self, unit)
  local ok, message = pcall(self.work, unit)
  if not ok then
    self.raised = self.raised or { message }
    if unit.result == nil and unit.err == nil then
      return
    end -- else its call had ended: a loop that goes on is told
  end
  local ended = self.ended + 1
  self.results[ended] = unit -- before it counts: there may be no memory for it
  self.ended = ended
end

local function forget(list, entry)
  for i = #list, 1, -1 do
    if list[i] == entry then
      table.remove(list, i)
    end
  end
end

--- Waits for more to do.
---@return boolean
local function has_more(self)
  local condition = self.here.condition()
  self.idle[#self.idle + 1] = condition
  local more = condition:wait(function()
    return self.is_over or self.units[self.first] ~= nil
  end, LINGER)
  forget(self.idle, condition)
  return more and not self.is_over
end

--- What a worker does next.
---@return boolean more
---@return boolean? has_worked others are to be told
local function step(self, me)
  local unit = next_unit(self)
  if not unit then
    return has_more(self)
  end
  self.workers[me] = unit
  work_on(self, unit)
  self.workers[me] = nil
  return true, true
end

--- A worker. What ends it, for want of memory, is told.
local function worker_of(self)
  local failure = { false } -- room, though there is none later
  return function()
    local me = coroutine.running()
    repeat
      local ok, more, has_worked = pcall(step, self, me)
      if not ok then
        failure[1] = more
        self.raised = self.raised or failure
      end
      if has_worked or not ok then
        self.changed:wake()
      end
    until not (ok and more)
  end
end

--- Starts to work on a unit.
function methods:start(unit)
  self.open = self.open + 1
  self.high = self.high + (unit.is_high and 1 or 0)
  if not self.here then
    return work_on(self, unit)
  end
  local last = self.last + 1
  self.units[last] = unit -- before it counts: there may be no memory for it
  self.last = last
  local waiting = table.remove(self.idle)
  if waiting then
    waiting:wake()
  else
    local ok, message = pcall(self.here.spawn, worker_of(self))
    if not ok then
      self.raised = self.raised or { message }
    end
  end
end

--- A unit that was worked on, or nil.
function methods:take()
  local unit = self.results[self.taken]
  if unit then
    self.results[self.taken] = nil
    self.taken = self.taken + 1
    self.open = self.open - 1
    self.high = self.high - (unit.is_high and 1 or 0)
  end
  return unit
end

--- Whether somebody works on a unit. It is not counted but looked at: an error that a signal
--- raises may end a worker anywhere.
function methods:is_working()
  for thread in pairs(self.workers) do
    local status = coroutine.status(thread)
    if status ~= "dead" and status ~= "zombie" then
      return true
    end
  end
  return false
end

--- Whether anything may still come.
function methods:is_busy()
  return self.results[self.taken] ~= nil or self.units[self.first] ~= nil or self:is_working()
end

--- Wakes who waits after so many seconds at most, where the condition does not.
local function alarm_of(self, seconds)
  local alarm, now = self.alarm, core.now()
  if not alarm or alarm.has_rung or now > alarm.rings_at + LATE then
    alarm = { rings_at = now + seconds }
    self.alarm = alarm
    self.here.spawn(function()
      self.sleep(seconds)
      alarm.has_rung = true
      self.changed:wake()
    end)
  end
  return alarm
end

--- Waits until something is so, or so many seconds at most.
local function wait(self, is_done, seconds)
  local changed = self.changed
  if changed and changed.keeps_time then -- nginx keeps all of a light thread until its parent ends
    changed:wait(is_done, seconds)
  elseif changed then
    local alarm = seconds and alarm_of(self, seconds)
    changed:wait(function()
      return is_done() or alarm and alarm.has_rung
    end)
  end
end

--- Waits until a unit was worked on, or a function says that it is enough, or so many seconds.
---@param is_enough fun(): boolean
---@param seconds number?
function methods:wait(is_enough, seconds)
  wait(self, function()
    return self.results[self.taken] ~= nil or self.raised ~= nil or is_enough()
      or self.units[self.first] == nil and not self:is_working()
  end, seconds)
end

--- Lets the workers go, once they have ended what they are working on; what nobody works
--- on yet is dropped.
function methods:close()
  self.open = self.open - (self.last - self.first + 1)
  self.is_over = true
  for i = self.first, self.last do -- a new table would need memory, which may be what is amiss
    self.units[i] = nil
  end
  self.first, self.last = 1, 0
  for _, condition in ipairs(self.idle) do
    condition:wake()
  end
end

--- Waits for the workers, after close, or so many seconds.
---@param seconds number?
function methods:join(seconds)
  wait(self, function()
    return not self:is_working()
  end, seconds)
end

return pool
