--- The rate limits of one client (DESIGN 3.3), taken together: a call needs a slot of
--- every one. Nothing here waits; times are arguments.

local core = require "sms.core"
local queue = require "sms.queue"

local limits = {}

local Limits = { __name = "sms.limits" }
local methods = {}
Limits.__index = methods

local SHORTEST_NAP = 0.001
limits.LONGEST_NAP = 1 -- seconds between two looks: a slot may come back early

--- The slots of a limit with `per`, for the value that a call has.
local function slots_per(limit, value)
  local slots = limit.by_value[value]
  if not slots then
    slots = limit.open(("%s:%s=%s"):format(limit.key, limit.per, value))
    limit.by_value[value] = slots
  end
  return slots
end

--- The slots that a call needs, always in one order, and the queue for them.
local function needed(self, params)
  if not self.has_per then
    return self.slots, self.queue
  end
  local all, key = {}, self.key
  for i, limit in ipairs(self.limits) do
    if not limit.per then
      all[#all + 1] = self.slots[i]
    elseif params[limit.per] ~= nil then
      all[#all + 1] = slots_per(limit, params[limit.per])
      key = key .. ";" .. params[limit.per]
    end
  end
  return all, queue.open(key)
end

--- Takes a slot of each, or none.
local function claim(all, now, lease)
  local claims = {}
  for _, slots in ipairs(all) do
    local index, mark, why = slots:acquire(now, lease)
    if not index then
      limits.refund(claims, now)
      return nil, mark, why
    end
    claims[#claims + 1] = { slots, index, mark }
  end
  return claims
end

local function delay_of(all, now, turn)
  local delay = SHORTEST_NAP
  for _, slots in ipairs(all) do
    delay = math.max(delay, slots:delay(now, turn))
  end
  return delay
end

--- Takes a slot of every limit that applies, or none; those who came first go first.
---@param now number seconds of core.now()
---@param lease number seconds the attempt may take at most
---@param params table
---@param place table? of an earlier try of the same call
---@return table? claims
---@return number? wait seconds until it may be tried again
---@return table|string place to give at the next try, or why the slots cannot be reached
function methods:acquire(now, lease, params, place)
  local all, line = needed(self, params)
  local turn = line:turn(place, now)
  local wait
  if turn == 1 then
    local claims, delay, why = claim(all, now, lease)
    if claims or not delay then
      line:leave(place)
      return claims, nil, why
    end
    wait = delay
  else
    wait = delay_of(all, now, turn)
  end
  return nil, wait, line:join(place, now + math.min(wait, limits.LONGEST_NAP))
end

--- The call gives up waiting.
function methods:leave(params, place)
  local _, line = needed(self, params)
  line:leave(place)
end

--- The attempt has ended: its slots are busy for a period from now on.
function limits.finish(claims, now)
  for _, taken in ipairs(claims) do
    taken[1]:finish(taken[2], taken[3], now)
  end
end

--- No byte was sent: its slots are free at once.
function limits.refund(claims, now)
  for _, taken in ipairs(claims) do
    taken[1]:refund(taken[2], taken[3], now)
  end
end

--- The provider said "too fast": no slot is given out for so many seconds.
function limits.hold(claims, now, seconds)
  for _, taken in ipairs(claims) do
    taken[1]:hold(now + seconds)
  end
end

--- Slots of each limit that are free now; those with `per` are left out.
---@param now number
---@return { name: string, slots: integer, share: string, warning: string? }[]
function methods:free(now)
  local list = {}
  for i, limit in ipairs(self.limits) do
    if self.slots[i] then
      list[#list + 1] = { name = limit.name, slots = self.slots[i]:available(now),
        share = limit.share, warning = limit.warning }
    end
  end
  return list
end

function methods:close()
  for _, slots in pairs(self.slots) do
    slots:close()
  end
  for _, limit in ipairs(self.limits) do
    for _, slots in pairs(limit.by_value) do
      slots:close()
    end
  end
end

--- Where the slots of a limit live.
local function opener(limit)
  return function(key)
    return assert(core.rate_limit(key, limit.calls, limit.period))
  end
end

--- Opens the limits of a client; those with the same key share their slots.
---@param key string provider and user name or API key
---@param declared { calls: integer, period: number, per: string? }[]
---@return table limits
function limits.open(key, declared)
  local self = { key = key, limits = {}, slots = {}, has_per = false }
  for i, limit in ipairs(declared) do
    local open = opener(limit)
    self.limits[i] = { key = key, per = limit.per, open = open,
      by_value = setmetatable({}, { __mode = "v" }) }
    if limit.per then
      self.has_per = true
    else
      self.slots[i] = open(key)
    end
    self.key = ("%s|%s/%s"):format(self.key, limit.calls, limit.period)
  end
  self.queue = queue.open(self.key)
  return setmetatable(self, Limits)
end

return limits
