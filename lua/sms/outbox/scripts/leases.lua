--- Leases of what is taken, begun, or being told: who may do something with an item, and what
--- becomes of it when its lease is over.
---
---   back(item, due)   it goes before what was added later, for anybody to take
---   expire(most)      sees to so many leases that are over: what was taken goes to others, and how
---                     what was begun has ended is not known
---
--- In scripts of who sends, `owner` is the identity of who asks; he names items by id and token,
--- the number of their take:
---
---   is_own(item, token)   whether it is in his hands; it may have ended there
---   is_told(item)         whether it is ambiguous, and he has taken it upon himself to tell it
---   extend(id)            a lease begins
---   begin_telling(id)     he takes that upon himself, for a lease

local loss = require "sms.outbox.scripts.loss"

local leases = {}

leases.ANY = loss.DOUBT .. [=[
local function back(item, due)
  leave(item)
  change(item, 'queued')
  redis.call('HDEL', record(item.id), 'owner', 'token', 'worker')
  wait(item, due)
end

local function expire(most)
  if is_held() then return 0 end -- of those who live some may not have been heard yet
  local over = redis.call('ZRANGEBYSCORE', base .. 'leases', '-inf', text(now), 'LIMIT', 0, most)
  for _, id in ipairs(over) do
    redis.call('ZREM', base .. 'leases', id)
    local item = load(id)
    if item and item.state == 'taken' and not doubt(item) then
      back(item, now)
    elseif item and item.state == 'begun' then
      close(item, 'ambiguous', '', '')
      redis.call('ZADD', base .. 'untold', id, id)
    elseif item and item.outcome == 'ambiguous' and not item.erased
      and redis.call('HDEL', record(id), 'teller') == 1 then
      redis.call('ZADD', base .. 'untold', id, id)
    end
  end
  return #over
end
]=]

--- For who only looks: what is over is seen to first. `say` answers.
leases.SEEN = leases.ANY .. [=[
local say = expire(100) > 0 and saved or read
]=]

--- ARGV: `owner`, his lease.
leases.OWN = leases.ANY .. [=[
local owner, lease = ARGV[4], tonumber(ARGV[5])

local function is_own(item, token)
  return item ~= nil and item.owner == owner and item.token == token
end

local function is_told(item)
  return item ~= nil and item.state == 'ended'
    and redis.call('HGET', record(item.id), 'teller') == owner
end

local function is_under_way(item)
  return item.state == 'taken' or item.state == 'begun'
end

local function is_late(item)
  return item.not_after and tonumber(item.not_after) <= now
end

local function extend(id)
  redis.call('ZADD', base .. 'leases', text(now + lease), id)
end

local function begin_telling(id)
  redis.call('ZREM', base .. 'untold', id)
  redis.call('HSET', record(id), 'teller', owner)
  extend(id)
end
]=]

return leases
