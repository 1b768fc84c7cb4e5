--- The record of an item, and what all scripts do with it. An item stands in one place at a time:
--- in a stream (then it has `entry`), in ready:high or ready:bulk, in delayed:high or
--- delayed:bulk, or, ended, in none.
---
---   params      what is sent, packed; gone when it was erased, or ended without keep_texts
---   name, key   its key, packed and as SHA-256; neither where none was given
---   priority    high; left out: bulk
---   (the time at which it was added is its id)
---   not_before, not_after   left out: none
---   keep        milliseconds for which it is remembered from its end
---   texts       0: params and name go when it has ended
---   by          the call that added it
---   shared      1: others have added its key, too
---   state       queued, taken, begun, ended
---   entry       of its stream
---   worker, owner, token, till   who took it: label, identity, counter then, end of the lease
---   tries       how often it was put back
---   resent      the counter when it was sent again by hand
---   due         until when it was delayed last; left out: until not_before
---   cleared     the last muster from which on it is known what became of it
---   returned    the last muster in which a worker told that it had given it back
---   outcome, result, err, ended   how and when it ended
---   cancelled   1: by hand
---   erased      1: nothing of it is kept from its end on
---   same        the id under which it is known; there is nothing else then
---
--- What is ambiguous stays until it is settled or sent again, however long that takes; all else
--- goes `keep` after its end, with its key.

return [=[
local FIELDS = {'state', 'priority', 'owner', 'token', 'till', 'entry', 'tries', 'not_before',
  'not_after', 'outcome', 'keep', 'texts', 'key', 'by', 'shared', 'cancelled', 'erased', 'worker',
  'due', 'cleared', 'returned', 'resent'}

local function record(id)
  return base .. 'item:' .. id
end

-- The outbox is for this provider from now on, unless there is something for another: which one.
local function claim(provider)
  local there = redis.call('HMGET', state, 'provider', 'queued', 'taken', 'begun')
  if there[1] == provider then return nil end
  if there[1] and (there[2] or 0) + (there[3] or 0) + (there[4] or 0) > 0 then return there[1] end
  redis.call('HSET', state, 'provider', provider)
end

-- Of an id, what the scripts go by; nil: unknown.
local function load(id)
  local values = redis.call('HMGET', record(id), unpack(FIELDS))
  if not values[1] then return nil end
  local item = {id = id}
  for i, name in ipairs(FIELDS) do item[name] = values[i] or nil end
  item.priority = item.priority or 'bulk'
  return item
end

-- Another state, with further fields. The counts follow.
local function change(item, to, ...)
  if item.state ~= 'ended' then redis.call('HINCRBY', state, item.state, -1) end
  if to ~= 'ended' then redis.call('HINCRBY', state, to, 1) end
  item.state = to
  redis.call('HSET', record(item.id), 'state', to, ...)
end

-- It stands nowhere from now on, and nobody has a lease of it.
local function leave(item)
  if item.entry then
    redis.call('XACK', base .. item.priority, 'workers', item.entry)
    redis.call('XDEL', base .. item.priority, item.entry)
    redis.call('HDEL', record(item.id), 'entry')
    item.entry = nil
  end
  redis.call('ZREM', base .. 'ready:' .. item.priority, item.id)
  redis.call('ZREM', base .. 'delayed:' .. item.priority, item.id)
  redis.call('ZREM', base .. 'leases', item.id)
end

-- It goes before what was added later, or from `due` on. It must have left its place before.
local function wait(item, due)
  if due > now then
    redis.call('ZADD', base .. 'delayed:' .. item.priority, text(due), item.id)
    redis.call('HSET', record(item.id), 'due', text(due))
  else
    redis.call('ZADD', base .. 'ready:' .. item.priority, item.id, item.id)
  end
end

-- Text, number and key are gone.
local function wipe(item)
  redis.call('HDEL', record(item.id), 'params', 'name', 'result', 'err')
  redis.call('HSET', record(item.id), 'erased', '1')
  redis.call('ZREM', base .. 'untold', item.id)
end

-- An item and its key are forgotten in the same moment.
local function forget_later(item)
  local at = text(math.ceil(time / 1000) + item.keep)
  redis.call('PEXPIREAT', record(item.id), at)
  if item.key then redis.call('PEXPIREAT', base .. 'key:' .. item.key, at) end
end

-- What an outcome means for the places of what has ended. Again: the outcome was corrected.
local function settle(item, outcome)
  item.outcome = outcome
  if item.erased then wipe(item) end
  if outcome == 'ambiguous' then
    redis.call('ZADD', base .. 'ambiguous', item.id, item.id)
  else
    redis.call('ZREM', base .. 'ambiguous', item.id)
    redis.call('ZREM', base .. 'untold', item.id)
    if item.texts == '0' then redis.call('HDEL', record(item.id), 'params', 'name') end
    forget_later(item)
  end
end

-- An item has ended. `result` and `err` are packed; '' where there is none.
local function close(item, outcome, result, err)
  leave(item)
  change(item, 'ended', 'outcome', outcome, 'ended', text(now))
  redis.call('HDEL', record(item.id), 'result', 'err')
  if result ~= '' then redis.call('HSET', record(item.id), 'result', result) end
  if err ~= '' then redis.call('HSET', record(item.id), 'err', err) end
  settle(item, outcome)
end
]=]
