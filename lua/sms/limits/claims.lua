--- Claimed slots of several limits, as core.claim gives them, where not all of these are in C.

local core = require "sms.core"

local claims = {}

local UNTOLD = "the store of the slots gave none, and no reason"

local Claims = { __name = "sms.claims" } -- limit, index and mark of each claim, one after the other
local methods = {}
Claims.__index = methods

--- The attempt has ended: its slots are busy for a period from now on, or free at once where
--- no byte was sent.
function methods:settle(sent, now)
  for i = 1, #self, 3 do
    local slots = self[i]
    local give_back = sent and slots.finish or slots.refund
    give_back(slots, self[i + 1], self[i + 2], now)
  end
end

--- The provider said "too fast": calls of the attempt's quota get no slot before that time.
function methods:hold(till)
  for i = 1, #self, 3 do
    self[i]:hold(till, self.quota)
  end
end

--- Takes a slot of each, or none; as core.claim.
---@param all table[] slots
---@param now number seconds of core.now()
---@param lease number seconds
---@param shares integer[]? among how many slots of each one may be taken; nil: of all
---@param _ table? settled claims, which do not serve again here
---@param quota integer? of the provider's
---@return table? claims nil and nothing else: other Lua states have announced limits
---@return number? wait
---@return string? why
---@return integer? place of the limit that refused
function claims.take(all, now, lease, shares, _, quota)
  if core.has_news() then
    return nil
  end
  local taken = setmetatable({ quota = quota }, Claims)
  for i = 1, #all do
    local slots = all[i]
    local index, mark, why = slots:acquire(now, lease, shares and shares[i], quota)
    if not index then
      taken:settle(false, now)
      return nil, mark, why or not mark and UNTOLD or nil, i
    end
    taken[3 * i - 2], taken[3 * i - 1], taken[3 * i] = slots, index, mark
  end
  return taken
end

return claims
