--- What a worker tells when a muster has begun (sms.outbox.scripts.loss): what it holds, and what
--- it held. The record of an item is as the worker knows it from then on, unless it was taken by
--- somebody else later.

local loss = require "sms.outbox.scripts.loss"
local preamble = require "sms.outbox.scripts.preamble"

local mustering = {}

--- ARGV: the identity of the worker; its lease; its label; for how long items that are not there
--- are remembered; 1 where all of them is given. Then of each:
---
---   id, token   the number of its take
---   begun       the number of its begin; 0: none
---   fate        taken, begun, ended, telling: its loop has not been told yet that it is ambiguous,
---               or queued: it was given back
---   outcome, result, err   of what has ended, packed; '' where there is none
---   priority
---   texts       0: not to be kept when it has ended
---   name, key, params, not_after   '' where there is none, or not all is given
---
--- The answer: how many takes and begins Redis has lost, as far as it was told; ids of those that
--- are not there, and have to be told of again, with all of them.
mustering.tell = preamble.always(loss.DOUBT .. [=[
local owner, lease, worker, keep = ARGV[4], tonumber(ARGV[5]), ARGV[6], ARGV[7]
local is_whole = ARGV[8] == '1'
local missing = {}

-- The same key was added again before this was told: it is the same message.
local function join(id, key)
  local other = redis.call('GET', base .. 'key:' .. key)
  local item = other and other ~= id and load(other)
  if item and item.state == 'queued' then
    leave(item)
    redis.call('HINCRBY', state, 'queued', -1)
    redis.call('DEL', record(other))
    redis.call('HSET', record(other), 'same', id)
    redis.call('PEXPIRE', record(other), keep)
  end
  redis.call('SET', base .. 'key:' .. key, id)
end

local function restore(told)
  local words = {'state', 'queued', 'keep', keep}
  for _, name in ipairs({'name', 'key', 'params', 'not_after'}) do
    if told[name] ~= '' then
      words[#words + 1] = name
      words[#words + 1] = told[name]
    end
  end
  if told.priority ~= 'bulk' then
    words[#words + 1] = 'priority'
    words[#words + 1] = told.priority
  end
  if told.texts == '0' then
    words[#words + 1] = 'texts'
    words[#words + 1] = '0'
  end
  redis.call('HSET', record(told.id), unpack(words))
  redis.call('HINCRBY', state, 'queued', 1)
  if told.key ~= '' then join(told.id, told.key) end
  return load(told.id)
end

-- Whether the record knows more than who tells.
local function is_newer(item, told)
  if item.cancelled and not item.token then return told.begun == 0 end
  if item.state == 'ended' then
    local token = tonumber(item.token) or math.huge
    local says_more = told.fate == 'telling'
      or told.fate == 'ended' and told.outcome ~= 'ambiguous'
    return token > told.token or token == told.token
      and not (item.outcome == 'ambiguous' and says_more)
  end
  local is_decided = told.outcome == 'ambiguous'
  return math.max(tonumber(item.token) or 0, is_decided and tonumber(item.resent) or 0) > told.token
end

local function reopen(item)
  redis.call('ZREM', base .. 'ambiguous', item.id)
  redis.call('ZREM', base .. 'untold', item.id)
  redis.call('HDEL', record(item.id), 'outcome', 'result', 'err', 'ended', 'teller')
end

local function follow(item, told)
  if item.state == 'begun' and tonumber(item.token) == told.token and told.fate == 'taken' then
    told.fate = 'begun' -- who tells has not heard the answer yet
  end
  if item.state == 'ended' then reopen(item) end
  leave(item)
  redis.call('HSET', record(item.id), 'owner', owner, 'token', text(told.token), 'worker', worker)
  if told.fate == 'ended' or told.fate == 'telling' then
    close(item, told.outcome, told.result, told.err)
    if told.fate == 'telling' and not item.erased then
      redis.call('HSET', record(item.id), 'teller', owner)
      redis.call('ZADD', base .. 'leases', text(now + lease), item.id)
    end
  else
    change(item, told.fate)
    redis.call('ZADD', base .. 'leases', text(now + lease), item.id)
  end
end

-- It was given back; nobody knows who took it then.
local function give_back(item, told)
  if not item or item.state == 'ended' or is_newer(item, told) then return end
  redis.call('HSET', record(item.id), 'returned', text(known.muster))
  if item.state ~= 'queued' then
    leave(item)
    change(item, 'queued')
    redis.call('HDEL', record(item.id), 'owner', 'token', 'worker')
    wait(item, now)
  end
end

local function hear(told)
  local item = load(told.id)
  account(told.token, 'take')
  account(told.begun, 'begin')
  if told.fate == 'queued' then return give_back(item, told) end
  if not item and not is_whole then
    missing[#missing + 1] = told.id
    return
  end
  item = item or restore(told)
  redis.call('HSET', record(item.id), 'cleared', text(known.muster))
  if not is_newer(item, told) then follow(item, told) end
end

for i = 9, #ARGV, 13 do
  hear({id = ARGV[i], token = tonumber(ARGV[i + 1]), begun = tonumber(ARGV[i + 2]),
    fate = ARGV[i + 3], outcome = ARGV[i + 4], result = ARGV[i + 5], err = ARGV[i + 6],
    priority = ARGV[i + 7], texts = ARGV[i + 8], name = ARGV[i + 9], key = ARGV[i + 10],
    params = ARGV[i + 11], not_after = ARGV[i + 12]})
end
local range = redis.call('HMGET', base .. 'stretch:' .. text(known.muster), 'from', 'upto')
return saved(text((tonumber(range[2] or nil) or 0) - (tonumber(range[1] or nil) or 0)),
  unpack(missing))
]=])

return mustering
