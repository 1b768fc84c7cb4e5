--- What who sends asks for: taken, begun, ended are each one script that goes by the item's own
--- record, which says in whose hands it is.
---
--- ARGV of all: the identity of who asks (`owner`), and its lease. Items are named by id and token,
--- the number of their take.

local leases = require "sms.outbox.scripts.leases"
local preamble = require "sms.outbox.scripts.preamble"

local working = {}

local OWN = leases .. [=[
local owner, lease = ARGV[4], tonumber(ARGV[5])

local function extend(id)
  redis.call('ZADD', base .. 'leases', text(now + lease), id)
end

local function is_late(item)
  return item.not_after and tonumber(item.not_after) <= now
end

local function is_under_way(item)
  return item.state == 'taken' or item.state == 'begun'
end
]=]

--- ARGV: the label of the worker; how many high ones at most, and how many others. The answer: 1
--- where the outbox is paused; microseconds for which begins are held; then of each item what is to
--- be done (send, late: its time is over, tell: it is ambiguous), id, token, priority, name,
--- params, the label of who has had it, its error.
---
--- What was read from a stream stays pending there until it ends or is put back. All are read in
--- the name of one consumer, so that none is left behind by a worker that has gone.
working.take = preamble.growing(OWN .. [=[
local worker, left = ARGV[6], {high = tonumber(ARGV[7]), bulk = tonumber(ARGV[8])}
local held = math.max((known.held or 0) - now, 0)
local answers = {}

local function answer(todo, item, token)
  local kept = redis.call('HMGET', record(item.id), 'name', 'params', 'worker', 'err')
  for _, value in ipairs({todo, item.id, token, item.priority}) do
    answers[#answers + 1] = value
  end
  for i = 1, 4 do answers[#answers + 1] = kept[i] or '' end
end

local function grant(item)
  local token = count()
  left[item.priority] = left[item.priority] - 1
  change(item, 'taken', 'owner', owner, 'token', token, 'worker', worker)
  extend(item.id)
  answer(is_late(item) and 'late' or 'send', item, token)
end

local function wake()
  local due = redis.call('ZRANGEBYSCORE', base .. 'delayed', '-inf', text(now), 'LIMIT', 0, 100)
  for _, id in ipairs(due) do
    redis.call('ZREM', base .. 'delayed', id)
    local item = load(id)
    if item and item.state == 'queued' then wait(item, now) end
  end
  return #due
end

local function from_ready(priority)
  if left[priority] < 1 then return end
  local ready = base .. 'ready:' .. priority
  for _, id in ipairs(redis.call('ZRANGE', ready, 0, left[priority] - 1)) do
    redis.call('ZREM', ready, id)
    local item = load(id)
    if item and item.state == 'queued' then grant(item) end
  end
end

local function read_stream(stream, most)
  local function read_group()
    return redis.pcall('XREADGROUP', 'GROUP', 'workers', 'all', 'COUNT', most,
      'STREAMS', stream, '>')
  end
  local found = read_group()
  if found and found.err and found.err:find('NOGROUP', 1, true) then
    redis.call('XGROUP', 'CREATE', stream, 'workers', '0', 'MKSTREAM')
    found = read_group()
  end
  return found and not found.err and found[1] and found[1][2] or {}
end

local function from_stream(priority)
  if left[priority] < 1 then return end
  local stream = base .. priority
  for _, entry in ipairs(read_stream(stream, left[priority])) do
    local item = load(entry[2][2])
    if item and item.state == 'queued' and item.entry == entry[1] then
      grant(item)
    else
      redis.call('XACK', stream, 'workers', entry[1])
      redis.call('XDEL', stream, entry[1])
    end
  end
end

local function tell(most)
  for _, id in ipairs(redis.call('ZRANGE', base .. 'untold', 0, 99)) do
    if most > 0 and not redis.call('ZSCORE', base .. 'leases', id) then
      local item = load(id)
      if item and item.state == 'ended' and item.outcome == 'ambiguous' then
        most = most - 1
        redis.call('HSET', record(id), 'teller', owner)
        extend(id)
        answer('tell', item, '')
      else
        redis.call('ZREM', base .. 'untold', id)
      end
    end
  end
end

local has_changed = expire(100) + wake() > 0
tell(10)
if not known.paused and held == 0 then
  for _, priority in ipairs({'high', 'bulk'}) do
    from_ready(priority)
    from_stream(priority)
  end
end
local say = (has_changed or answers[1]) and saved or read
return say(known.paused and '1' or '0', text(held), unpack(answers))
]=])

--- All items begin, or none. The answer: begun, the microseconds until the first byte may leave at
--- the latest ('' where that is the lease); or of each item what is in the way: lost, late, held
--- (the outbox is paused, or begins are held), or nothing but another one: ready.
working.begin = preamble.growing(OWN .. [=[
local held = known.paused or (known.held or 0) > now
local items, fates, all, latest = {}, {}, true, nil
for i = 6, #ARGV, 2 do
  local item, fate = load(ARGV[i]), 'ready'
  if not (is_own(item, owner, ARGV[i + 1]) and is_under_way(item)) then
    fate = 'lost'
  elseif is_late(item) then
    fate = 'late'
  elseif held then
    fate = 'held'
  elseif item.not_after then
    latest = math.min(latest or math.huge, tonumber(item.not_after) - now)
  end
  items[#items + 1], fates[#fates + 1], all = item, fate, all and fate == 'ready'
end
if not all then return read('not', unpack(fates)) end
for _, item in ipairs(items) do
  if item.state == 'taken' then
    count()
    change(item, 'begun')
  end
  extend(item.id)
end
return saved('begun', latest and text(latest) or '')
]=])

--- ARGV: the outcome, the packed result and error, '' without; then the items. What was declared
--- ambiguous meanwhile, and neither sent again nor settled, is corrected. An ambiguous one is told
--- by who asks, for a lease.
working.finish = preamble.always(OWN .. [=[
local outcome, result, err = ARGV[6], ARGV[7], ARGV[8]
for i = 9, #ARGV, 2 do
  local item = load(ARGV[i])
  local known_as = item and item.state == 'ended' and item.outcome or nil
  if is_own(item, owner, ARGV[i + 1]) and (is_under_way(item) or known_as == 'ambiguous') then
    close(item, outcome, result, err)
    if outcome == 'ambiguous' and not known_as then
      redis.call('ZADD', base .. 'untold', item.id, item.id)
    end
    if outcome == 'ambiguous' and redis.call('ZSCORE', base .. 'untold', item.id) then
      redis.call('HSET', record(item.id), 'teller', owner)
      extend(item.id)
    end
  end
end
return saved('done')
]=])

--- The loop knows that items are ambiguous, or will not be told by who asks. ARGV: 1 where it
--- knows; ids.
working.told = preamble.always(OWN .. [=[
for i = 7, #ARGV do
  if is_told_by(load(ARGV[i]), owner) then
    if ARGV[6] == '1' then redis.call('ZREM', base .. 'untold', ARGV[i]) end
    redis.call('ZREM', base .. 'leases', ARGV[i])
    redis.call('HDEL', record(ARGV[i]), 'teller')
  end
end
return saved('done')
]=])

--- Other leases begin for items that are in the hands of who asks, or that he tells.
working.renew = preamble.always(OWN .. [=[
for i = 6, #ARGV, 2 do
  local item = load(ARGV[i])
  if is_own(item, owner, ARGV[i + 1]) and is_under_way(item) or is_told_by(item, owner) then
    extend(ARGV[i])
  end
end
return saved('done')
]=])

--- Items go back to their place. ARGV: the pause in microseconds, doubled each time; the shortest
--- one; the longest; then the items. What was not sent, though it was declared ambiguous meanwhile,
--- goes back as long as nobody knows that, and is else not sent.
working.put_back = preamble.always(OWN .. [=[
local pause, shortest, longest_pause = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])

local function due_of(item)
  if pause == 0 then return now end
  local tries = (tonumber(item.tries) or 0) + 1
  redis.call('HSET', record(item.id), 'tries', tries)
  local due = now + math.min(math.max(pause * 2 ^ (tries - 1), shortest), longest_pause)
  return item.not_after and math.max(now, math.min(due, tonumber(item.not_after))) or due
end

local function is_known(item)
  return redis.call('ZSCORE', base .. 'untold', item.id) == false
    or redis.call('HEXISTS', record(item.id), 'teller') == 1
end

for i = 9, #ARGV, 2 do
  local item = load(ARGV[i])
  if is_own(item, owner, ARGV[i + 1]) then
    if is_under_way(item) then
      back(item, due_of(item))
    elseif item.outcome == 'ambiguous' and is_known(item) then
      close(item, 'not_sent', '', '')
    elseif item.outcome == 'ambiguous' then
      redis.call('ZREM', base .. 'ambiguous', item.id)
      redis.call('ZREM', base .. 'untold', item.id)
      redis.call('HDEL', record(item.id), 'outcome', 'ended', 'err')
      back(item, due_of(item))
    end
  end
end
return saved('done')
]=])

--- Nobody takes or begins anything any more, until somebody has seen to it. ARGV: the reason.
working.pause = preamble.always(OWN .. [=[
redis.call('HSETNX', state, 'paused', ARGV[6])
return saved('done')
]=])

return working
