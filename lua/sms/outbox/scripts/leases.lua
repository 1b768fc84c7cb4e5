--- Leases of what is taken, begun, or being told: who may do something with an item, and what
--- becomes of it when its lease is over.
---
---   is_own(item, owner, token)   whether it is in the hands of who asks; it may have ended there
---   hand(item)      it stands nowhere, and is nobody's, from now on
---   back(item, due) it goes before what was added later, for anybody to take
---   expire(most)    sees to so many leases that are over: what was taken goes to others, and how
---                   what was begun has ended is not known

return [=[
local function is_own(item, owner, token)
  return item ~= nil and item.owner == owner and item.token == token
end

local function back(item, due)
  leave(item)
  change(item, 'queued')
  redis.call('HDEL', record(item.id), 'owner', 'token', 'worker')
  wait(item, due)
end

-- Nobody's loop has been told of it; `teller` is who has taken it upon himself.
local function is_told_by(item, teller)
  return item ~= nil and item.state == 'ended'
    and redis.call('HGET', record(item.id), 'teller') == teller
end

local function expire(most)
  local over = redis.call('ZRANGEBYSCORE', base .. 'leases', '-inf', text(now), 'LIMIT', 0, most)
  for _, id in ipairs(over) do
    redis.call('ZREM', base .. 'leases', id)
    local item = load(id)
    if item and item.state == 'taken' then
      back(item, now)
    elseif item and item.state == 'begun' then
      close(item, 'ambiguous', '', '')
      redis.call('ZADD', base .. 'untold', id, id)
    end
  end
  return #over
end
]=]
