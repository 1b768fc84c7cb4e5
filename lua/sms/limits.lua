--- The rate limits of one client (DESIGN 3.3), taken together: a call needs a slot of
--- every one. Nothing here waits; times are arguments.

local core = require "sms.core"

local limits = {}

local Limits = { __name = "sms.limits" }
local methods = {}
Limits.__index = methods

local function table_for(limit, params)
  if not limit.per then
    return limit.slots
  end
  local value = params[limit.per]
  if value == nil then
    return nil
  end
  local key = ("%s:%s=%s"):format(limit.key, limit.per, value)
  return assert(core.rate_limit(key, limit.calls, limit.period))
end

--- Takes a slot of every limit that applies, or none.
---@param now number seconds of core.now()
---@param lease number seconds the attempt may take at most
---@param params table
---@return table? claims
---@return number? wait seconds until it may be tried again
function methods:acquire(now, lease, params)
  local claims = {}
  for _, limit in ipairs(self) do
    local slots = table_for(limit, params)
    if slots then
      local index, claim = slots:acquire(now, lease)
      if not index then
        self:refund(claims, now)
        return nil, claim
      end
      claims[#claims + 1] = { slots, index, claim }
    end
  end
  return claims
end

--- The attempt has ended: its slots are busy for a period from now on.
function methods:finish(claims, now)
  for _, claim in ipairs(claims) do
    claim[1]:finish(claim[2], claim[3], now)
  end
end

--- No byte was sent: its slots are free at once.
function methods:refund(claims, now)
  for _, claim in ipairs(claims) do
    claim[1]:refund(claim[2], claim[3], now)
  end
end

--- The provider said "too fast": no slot is given out for so many seconds.
function methods:hold(claims, now, seconds)
  for _, claim in ipairs(claims) do
    claim[1]:hold(now + seconds)
  end
end

function methods:close()
  for _, limit in ipairs(self) do
    if limit.slots then
      limit.slots:close()
    end
  end
end

--- Opens the limits of a client; those with the same key share their slots.
---@param key string provider and user name or API key
---@param declared { calls: integer, period: number, per: string? }[]
---@return table limits
function limits.open(key, declared)
  local opened = {}
  for i, limit in ipairs(declared) do
    opened[i] = { key = key, calls = limit.calls, period = limit.period, per = limit.per }
    if not limit.per then
      opened[i].slots = assert(core.rate_limit(key, limit.calls, limit.period))
    end
  end
  return setmetatable(opened, Limits)
end

return limits
