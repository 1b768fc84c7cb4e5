--- How a worker asks Redis, and what it does when Redis is away: it asks again after a pause, and
--- keeps what has to be written until it can be.

local asking = require "sms.outbox.asking"
local core = require "sms.core"
local unpack = require "sms.base.unpack"

local line = {}

local Line = { __name = "sms.outbox.queue.line" }
local methods = {}
Line.__index = methods

local PAUSE_LEAST, PAUSE_MOST = 0.3, 5 -- seconds until Redis is asked again
local A_SCRIPT = 100 -- words of tell_one
local PAUSE_SHARE = 4 -- of the time for which nothing but the question was done

--- A text that nobody else has.
local function new_identity()
  return ("%08x%08x%08x"):format(core.random() * 2 ^ 32, core.random() * 2 ^ 32,
    core.random() * 2 ^ 32)
end

--- Makes the line of a worker.
---@param outbox table
---@param lease number seconds
---@param warn fun(message: string)
---@param muster fun(): boolean tells Redis what it may have lost
---@param heard fun(answer: string[], script: string, ...) what has been written is said to be
---@return table
function line.new(outbox, lease, warn, muster, heard)
  return setmetatable({
    outbox = outbox,
    owner = new_identity(),
    lease = asking.microseconds(lease),
    warn = warn,
    muster = muster,
    heard = heard,
    mustered = nil, -- the last muster in which all was told
    is_away = false,
    asks_at = 0, -- while it is away
    answered_at = -math.huge,
    first = 1, last = 0, unwritten = {},
  }, Line)
end

--- Redis has given no answer, or must not be used, which is another warning.
local function lose(self, why, began, cause)
  local now = core.now()
  local pause = math.max(PAUSE_LEAST, PAUSE_SHARE * (now - began))
  self.is_away, self.asks_at = true, now + math.min(pause, PAUSE_MOST)
  if self.warned_of ~= cause then
    self.warned_of = cause
    self.warn(why .. "; nothing begins until that has changed")
  end
end

--- Asks, and does no more.
---@param script string
---@param ... string
---@return string[]? answer
---@return number|string began the time before it was asked: leases count from there; or why not
function methods:put(script, ...)
  local began, unseen = core.now(), core.wall() - core.now()
  local answer, why = asking.ask(self.outbox, script, self.owner, self.lease, ...)
  if not answer then
    lose(self, why, began, "away")
    return nil, why
  end
  unseen = core.wall() - core.now() - unseen -- where the machine was paused meanwhile
  self.is_away, self.answered_at = false, core.now()
  return answer, began - math.max(unseen, 0)
end

--- Asks. Where Redis may have lost something, it is told then what that was; the answer may be from
--- before.
---@param script string
---@param ... string
---@return string[]? answer
---@return number|string began the time before it was asked: leases count from there; or why not
---@return "told"|"untold"|nil is_old what it says may have changed since; whether Redis was told
function methods:ask(script, ...)
  local answer, began = self:put(script, ...)
  if answer and self.outbox.muster ~= self.mustered then
    return answer, began, self.muster() and "told" or "untold"
  end
  return answer, began
end

--- Whether something may be taken or begun at the Redis that answers now.
---@return boolean? ok
---@return string? why
function methods:allows()
  local began = core.now()
  local ok, why = self.outbox.needs:allows(self.outbox.server)
  if not ok then
    lose(self, why, began, "unsafe")
  end
  return ok, why
end

--- Things are begun again: the next outage is another one.
function methods:is_back()
  self.warned_of = nil
end

--- Whether everything is written.
---@return boolean
function methods:is_written()
  return self.first > self.last
end

--- Writes something: now, or, where Redis is away, as soon as it can be, in order.
---@param script string one that may run twice
---@param ... string
function methods:tell(script, ...)
  local ok, answer = true, nil
  if self:is_written() and not self.is_away then
    ok, answer = pcall(self.ask, self, script, ...)
  end
  if not (ok and answer) then
    local last = self.last + 1
    self.unwritten[last] = { script, ... } -- before it counts: there may be no memory for it
    self.last = last
  end
  if not ok then -- Ctrl-C
    error(answer, 0)
  elseif answer then
    self.heard(answer, script, ...)
  end
end

--- Writes one more of what a script takes many of: with others, where these wait to be written.
---@param script string one that may run twice
---@param word string
function methods:tell_one(script, word)
  local words = self.last > self.first and self.unwritten[self.last] -- the first may be on its way
  if words and words[1] == script and #words <= A_SCRIPT then
    words[#words + 1] = word
  else
    self:tell(script, word)
  end
end

--- Writes what could not be written.
---@return boolean whether all is
function methods:flush()
  while not self:is_written() do
    local words = self.unwritten[self.first]
    local answer = self:ask(unpack(words))
    if not answer then
      return false
    end
    local first = self.first
    self.first = first + 1 -- at once: a Ctrl-C after the next line would leave a hole
    self.unwritten[first] = nil
    self.heard(answer, unpack(words))
  end
  return true
end

return line
