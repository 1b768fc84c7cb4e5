--- Slots in a Redis, for sms.redis: leases in a sorted set, by the server's clock.

local core = require "sms.core"
local misuse = require "sms.base.misuse"
local redis_link = require "sms.limits.redis_link"
local scripts = require "sms.limits.redis_scripts"

local redis = {}

local NONSENSE = redis_link.NONSENSE

local Share = { __name = "sms.redis" }
local share_methods = {}
Share.__index = share_methods

local Slots = { __name = "sms.redis.slots" }
local methods = {}
Slots.__index = methods

local CALLS_MAX = 100000
local PERIOD_MIN, PERIOD_MAX = 0.001, 86400 -- seconds
local GUARD_SHARE, GUARD_MAX = 0.01, 0.05 -- of a period; seconds
local SECONDS_MAX = 3.2e9 -- a century: stays exact as microseconds from now on

--- Whole microseconds as text: `tostring` rounds large numbers, differently in each Lua.
local function microseconds(seconds)
  local bounded = seconds > 0 and math.min(seconds, SECONDS_MAX) or 0
  return ("%.0f"):format(bounded * 1e6)
end

--- Asks one of the scripts.
---@return table? answer
---@return string? why
local function ask(self, name, ...)
  return self.link:ask(scripts[name], { self.leases, self.state }, self.spacing_text,
    microseconds(self.longest), ...)
end

--- A number of an answer, or nil.
local function whole(value)
  return tostring(value):match "^%d+$" and tonumber(value)
end

--- Asks for what needs no answer but that it was done.
---@return boolean? told
---@return string? why
local function tell(self, name, ...)
  local answer, why = ask(self, name, ...)
  if answer and answer[2] == "done" then
    return true
  end
  return nil, why or NONSENSE
end

--- Claims a slot until the lease has ended and W is over. The lease counts from `now`, which
--- lies before the round trip: nothing may be sent later than that.
---@param now number seconds of core.now()
---@param lease number seconds the attempt may take at most
---@param most integer? slots in use at which there is none for this caller; all if left out
---@param quota integer? of the provider's
---@return string? index nil: no slot
---@return string|number|nil claim or seconds to wait; nil: Redis gave no answer
---@return string? why
function methods:acquire(now, lease, most, quota)
  local held = math.max(self.not_before, self.held_until[quota] or 0)
  if held > now then
    return nil, held - now
  end
  self.longest = math.max(self.longest, lease)
  local unseen = core.wall() - core.now()
  local answer, why = ask(self, "acquire", ("%.0f"):format(most or self.calls), microseconds(lease),
    ("%d"):format(quota or 0))
  unseen = core.wall() - core.now() - unseen
  if not answer then
    return nil, nil, why
  elseif answer[2] == "taken" and unseen > self.guard then
    tell(self, "refund", answer[3], answer[4]) -- the machine was paused, or only this thread
    return nil, self.guard
  elseif answer[2] == "taken" and whole(answer[3]) and whole(answer[4]) then
    self.told_until[most or self.calls] = now
    return tostring(answer[3]), tostring(answer[4])
  elseif answer[2] == "wait" and whole(answer[3]) then
    local wait = math.max(whole(answer[3]), 1) / 1e6
    self.told_until[most or self.calls] = now + wait
    return nil, wait
  elseif answer[2] == "held" and whole(answer[3]) then
    local wait = math.max(whole(answer[3]), 1) / 1e6
    self.held_until[quota] = now + wait
    return nil, wait
  end
  return nil, nil, NONSENSE
end

--- The attempt has ended: the slot is busy for W from now on. A lost claim takes a slot again.
--- Where Redis cannot be told, the slot frees itself by its lease.
---@return boolean? told
---@return string? why
function methods:finish(index, claim, _)
  return tell(self, "finish", index, claim)
end

--- No byte was sent: the slot is free at once, unless the claim was lost.
---@return boolean? told
---@return string? why
function methods:refund(index, claim, _)
  return tell(self, "refund", index, claim)
end

--- The provider said "too fast": no slot is given out before that time, to calls of a quota or to
--- all; at least not here, where Redis cannot be told.
---@param till number seconds of core.now()
---@param quota integer? of the provider's; nil: all calls
---@return boolean? told
---@return string? why
function methods:hold(till, quota)
  local told, why = tell(self, "hold", microseconds(till - core.now()), ("%d"):format(quota or 0))
  if quota then
    self.held_until[quota] = math.max(self.held_until[quota] or 0, till)
  elseif not told then
    self.not_before = math.max(self.not_before, till)
  end
  return told, why
end

--- Seconds for which calls of a quota are held by what holds these alone, as far as is known.
---@param now number seconds of core.now()
---@param quota integer
---@return number seconds
function methods:held(now, quota)
  return math.max(0, (self.held_until[quota] or 0) - now)
end

--- At least how long somebody whose turn comes that late has to wait: an estimate by what
--- Redis said last, which others may have changed.
---@param now number seconds of core.now()
---@param turn integer 1 is next
---@param most integer? as of acquire
---@return number seconds
function methods:delay(now, turn, most)
  most = most or self.calls
  local wait = math.max(self.told_until[most] or 0, self.not_before, now) - now
  return wait + math.floor((turn - 1) / most) * self.spacing
end

--- Slots that could be claimed.
---@return integer? slots
---@return string? why
function methods:available(_)
  local answer, why = ask(self, "available", self.calls_text)
  if answer and answer[2] == "free" and whole(answer[3]) then
    return whole(answer[3])
  end
  return nil, why or NONSENSE
end

--- Nothing is kept open between calls.
function methods.close() end

--- The slots of a limit; everybody who names the same key, calls and period has the same.
---@param key string provider and user name or API key
---@param calls integer
---@param period number seconds
---@return table? slots
---@return string? why
function share_methods:open(key, calls, period)
  if not (calls >= 1 and calls <= CALLS_MAX and calls % 1 == 0)
    or not (period >= PERIOD_MIN and period <= PERIOD_MAX) then
    return nil, "invalid"
  end
  local calls_text = ("%.0f"):format(calls)
  local name = ("sms:{%s:%s/%s}:"):format(redis_link.escape(key), calls_text, microseconds(period))
  local guard = math.min(period * GUARD_SHARE, GUARD_MAX)
  local spacing = period + guard
  return setmetatable({
    link = self.link,
    leases = name .. "leases",
    state = name .. "state",
    calls = calls,
    calls_text = calls_text,
    guard = guard,
    spacing = spacing,
    spacing_text = microseconds(spacing),
    longest = 0, -- seconds: of the leases asked for
    told_until = {}, -- when Redis may have a slot again, as far as it said, by `most`
    not_before = 0,
    held_until = {}, -- calls of a quota alone
  }, Slots)
end

--- A share of rate limits in Redis.
---@param given { connect: (fun(): table?, string?), release: fun(client: table, ok: boolean) }
---@return table share
function redis.new(given)
  local problem, options = misuse.of_options(given, { "connect", "release" })
  if problem then
    error("sms.redis: " .. problem, 2)
  end
  problem = redis_link.problem(options)
  if problem then
    error(problem, 2)
  end
  return setmetatable({ connect = options.connect, -- by which others know it (sms.limits.described)
    link = redis_link.new(options.connect, options.release) }, Share)
end

return redis
