-- Slots of a limit of its own for one case, in the Redis of one spec.
--
--     local limit = redis_limit.new(server, share, { lease = 0.1, period = 0.1 })
--     local slots = limit:settled(3)           a limit that has been used before
--     local index, claim = limit:take(slots)
--     local time = limit:wait_for(slots)       as often and as long as it is told

local core = require "sms.core"
local socket = require "socket"

local redis_limit = {}

local methods = {}
local Limit = { __name = "redis_limit", __index = methods }

local count = 0

--- Slots that nobody has used; `key` is what they are called.
function methods:open(calls)
  count = count + 1
  self.key = "nexmo:key" .. count
  return assert(self.share:open(self.key, calls, self.period))
end

--- Slots of a limit that has been used before, so that nobody has to wait at first.
function methods:settled(calls)
  local slots = self:open(calls)
  slots:available(core.now())
  self.server:command("HSET", slots.state, "lost", 0)
  return slots
end

function methods:take(slots, lease)
  return slots:acquire(core.now(), lease or self.lease)
end

--- Waits as long as it is told; the time of the slot.
function methods:wait_for(slots, lease)
  while true do
    local index, wait, why = self:take(slots, lease)
    if index then return core.now() end
    assert(wait, why)
    socket.sleep(wait)
  end
end

--- Made for a server and a share of it, with the lease and the period of all its slots.
function redis_limit.new(server, share, times)
  return setmetatable({ server = server, share = share, lease = times.lease,
    period = times.period }, Limit)
end

return redis_limit
