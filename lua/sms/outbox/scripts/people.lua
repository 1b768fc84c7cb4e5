--- What people and programs ask about items, and decide.
---
--- ARGV of those about one item: what may be its id, and the SHA-256 of what may be its key. The
--- answer begins with `unknown`, `both` where these are two items, or what the script says.

local leases = require "sms.outbox.scripts.leases"
local preamble = require "sms.outbox.scripts.preamble"

local people = {}

--- The item that is meant, or nil and the answer.
local FIND = leases.SEEN .. [=[
local function find()
  local key, id = redis.call('GET', base .. 'key:' .. ARGV[5]), ARGV[4]
  local is_id = redis.call('EXISTS', record(id)) == 1
  if key and is_id and key ~= id then return nil, 'both' end
  id = key or id
  local item = load(redis.call('HGET', record(id), 'same') or id)
  return item, 'unknown'
end

local item, problem = find()
if not item then return say(problem) end

local function fields(id, ...)
  local values = redis.call('HMGET', record(id), ...)
  for i = 1, #values do values[i] = values[i] or '' end
  return unpack(values)
end
]=]

--- The answer: found, id, state, outcome, result, err.
people.result = preamble.always(FIND .. [=[
return say('found', item.id, fields(item.id, 'state', 'outcome', 'result', 'err'))
]=])

--- ARGV: further the error that it ends with. The answer: found, 1 where it is not sent, state.
people.cancel = preamble.always(FIND .. [=[
if item.cancelled then return say('found', '1', item.state) end
if item.state == 'begun' or item.state == 'ended' then
  return say('found', '0', item.state)
end
redis.call('HSET', record(item.id), 'cancelled', '1')
close(item, 'not_sent', '', ARGV[6])
return saved('found', '1', item.state)
]=])

--- ARGV: further the state and the outcome that are known. The answer: found, 1 where all is gone,
--- state; or changed. What is begun is erased when it has ended.
people.erase = preamble.always(FIND .. [=[
if item.state ~= ARGV[6] or (item.outcome or '') ~= ARGV[7] then return say('changed') end
item.erased = '1'
if item.state == 'begun' then
  redis.call('HSET', record(item.id), 'erased', '1')
  return saved('found', '0', item.state)
elseif item.state == 'ended' then
  wipe(item)
  return saved('found', '1', item.state)
end
redis.call('HSET', record(item.id), 'cancelled', '1')
close(item, 'not_sent', '', '')
return saved('found', '1', item.state)
]=])

--- What is ambiguous, for resend and settle.
local FIND_AMBIGUOUS = FIND .. [=[
if item.state ~= 'ended' or item.outcome ~= 'ambiguous' then
  return say('other', item.state, item.outcome or '')
end
]=]

--- The answer: queued; other, state, outcome; erased.
people.resend = preamble.always(FIND_AMBIGUOUS .. [=[
if redis.call('HEXISTS', record(item.id), 'params') == 0 then return say('erased') end
redis.call('ZREM', base .. 'ambiguous', item.id)
redis.call('ZREM', base .. 'untold', item.id)
leave(item)
clear(item)
change(item, 'queued')
redis.call('HDEL', record(item.id), 'outcome', 'result', 'err', 'ended', 'owner',
  'token', 'till', 'tries', 'worker', 'teller')
redis.call('HSET', record(item.id), 'resent', text(known.counter))
wait(item, tonumber(item.not_before) or 0)
return saved('queued')
]=])

--- ARGV: further the outcome. The answer: ended; other, state, outcome.
people.settle = preamble.always(FIND_AMBIGUOUS .. [=[
redis.call('HSET', record(item.id), 'outcome', ARGV[6])
redis.call('HDEL', record(item.id), 'err', 'owner', 'token')
redis.call('ZREM', base .. 'leases', item.id)
settle(item, ARGV[6])
return saved('ended')
]=])

--- ARGV: the reason. Begins look at it.
people.pause = preamble.always [=[
redis.call('HSET', state, 'paused', ARGV[4])
return saved('done')
]=]

people.resume = preamble.always [=[
redis.call('HDEL', state, 'paused')
return saved('done')
]=]

--- The answer: queued, delayed, taken, begun, ambiguous, the time since the oldest was added that
--- is not delayed by its own not_before ('' without one), 1 where it is paused, the reason, now.
people.status = preamble.always(leases.SEEN .. [=[
local counts = redis.call('HMGET', state, 'queued', 'taken', 'begun')
local delayed = 0
local oldest

local function look(id)
  if id and (not oldest or tonumber(id) < oldest) then oldest = tonumber(id) end
end

for _, priority in ipairs({'high', 'bulk'}) do
  local first = redis.call('XRANGE', base .. priority, '-', '+', 'COUNT', 1)[1]
  look(first and first[2][2])
  look(redis.call('ZRANGE', base .. 'ready:' .. priority, 0, 0)[1])
  local places = base .. 'delayed:' .. priority
  delayed = delayed + redis.call('ZCOUNT', places, '(' .. text(now), '+inf')
end
for _, places in ipairs({'leases', 'delayed:high', 'delayed:bulk'}) do
  for _, id in ipairs(redis.call('ZRANGE', base .. places, 0, 99)) do
    local item = redis.call('HMGET', record(id), 'state', 'not_before')
    if item[1] and item[1] ~= 'ended' and (tonumber(item[2] or nil) or 0) <= now then look(id) end
  end
end
return say(text((tonumber(counts[1] or nil) or 0) - delayed), text(delayed), counts[2] or '0',
  counts[3] or '0', text(redis.call('ZCARD', base .. 'ambiguous')),
  oldest and text(now - oldest) or '', known.paused and '1' or '0', known.paused or '',
  text(now))
]=])

--- ARGV: the id behind which it goes on. The answer: of each of at most a hundred that are
--- ambiguous its id, name, params, priority, the time of its end, its worker's label, its error.
people.ambiguous = preamble.always(leases.SEEN .. [=[
local answers, first = {}, '(' .. ARGV[4]
local ids = redis.call('ZRANGEBYSCORE', base .. 'ambiguous', first, '+inf', 'LIMIT', 0, 100)
for _, id in ipairs(ids) do
  local values = redis.call('HMGET', record(id), 'name', 'params', 'priority', 'ended', 'worker',
    'err')
  answers[#answers + 1] = id
  for i = 1, #values do answers[#answers + 1] = values[i] or '' end
end
return say(unpack(answers))
]=])

return people
