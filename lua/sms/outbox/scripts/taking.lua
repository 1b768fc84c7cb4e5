--- What a worker takes.

local leases = require "sms.outbox.scripts.leases"
local preamble = require "sms.outbox.scripts.preamble"

local taking = {}

--- ARGV: the identity of who asks, his lease, the label of the worker; how many high ones at most,
--- and how many others; 0 where texts of what it takes are not to be kept; the provider; how many
--- ambiguous ones it tells at most. The answer: `other` and which one, where there is something for
--- another provider; or 1 where the outbox is paused; microseconds for which begins are
--- held; then of each item what is to be done (send, late: its time is over, tell: it is
--- ambiguous), id, token, priority, 0 where its texts are not kept, name, key, params, not_after,
--- the label of who has had it, its error.
---
--- What was read from a stream stays pending there until it ends or is put back. All are read in
--- the name of one consumer, so that none is left behind by a worker that has gone.
taking.take = preamble.growing(leases.OWN .. [=[
local worker, left = ARGV[6], {high = tonumber(ARGV[7]), bulk = tonumber(ARGV[8])}
local held = math.max((known.held or 0) - now, 0)
local answers, reached = {}, 0

local function answer(todo, item, token)
  local kept = redis.call('HMGET', record(item.id), 'name', 'key', 'params', 'not_after', 'worker',
    'err')
  for _, value in ipairs({todo, item.id, token, item.priority, item.texts or '1'}) do
    answers[#answers + 1] = value
  end
  for i = 1, 6 do answers[#answers + 1] = kept[i] or '' end
end

local function grant(item)
  reached = reached + 1
  if doubt(item) then return end
  clear(item)
  local token = count(true)
  left[item.priority] = left[item.priority] - 1
  if ARGV[9] == '0' then item.texts = '0' end
  change(item, 'taken', 'owner', owner, 'token', token, 'worker', worker)
  if ARGV[9] == '0' then
    redis.call('HSET', record(item.id), 'texts', '0')
    redis.call('HSET', state, 'texts', '0')
  end
  extend(item.id)
  answer(is_late(item) and 'late' or 'send', item, token)
end

local function wake(priority)
  local delayed = base .. 'delayed:' .. priority
  local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', text(now), 'LIMIT', 0, 100)
  for _, id in ipairs(due) do
    redis.call('ZREM', delayed, id)
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
  if most < 1 then return end
  for _, id in ipairs(redis.call('ZRANGE', base .. 'untold', 0, most - 1)) do
    local item = load(id)
    redis.call('ZREM', base .. 'untold', id)
    if item and item.state == 'ended' and item.outcome == 'ambiguous' then
      begin_telling(id)
      answer('tell', item, '')
    end
  end
end

local other = claim(ARGV[10])
if other then return read('other', other) end

-- As many as are asked for; more are looked at where some are in doubt.
local function fill(priority, from)
  local before
  repeat
    before = reached
    if reached < 100 then from(priority) end
  until reached == before or left[priority] < 1
end

local has_changed = expire(100) + wake('high') + wake('bulk') > 0
tell(tonumber(ARGV[11]))
if not known.paused and held == 0 then
  for _, priority in ipairs({'high', 'bulk'}) do
    fill(priority, from_ready)
    fill(priority, from_stream)
  end
end
local say = (has_changed or reached > 0 or answers[1]) and saved or read
return say(known.paused and '1' or '0', text(held), unpack(answers))
]=])

return taking
