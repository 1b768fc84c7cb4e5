--- What adds items, and takes back what was added.

local preamble = require "sms.outbox.scripts.preamble"

local adding = {}

--- ARGV: the mark of the call; priority; not_before and not_after (0: none); keep in milliseconds;
--- texts (0: not kept); the time until which it may still be asked (0: any); the provider ('' where
--- that is not known); then of each item its key, its name ('' without one) and its params. A key
--- is 'k' and its SHA-256, or 'r' and a random text, by which a call that is repeated knows for ten
--- minutes what it has added. The answer: of each item its id, and 1 where it is new; or late; or
--- `other` and which one, where there is something for another provider.
adding.add = preamble.growing [=[
local mark, priority, due, latest = ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7]
local keep, texts, till = ARGV[8], ARGV[9], tonumber(ARGV[10])
local answers = {}

if till > 0 and now > till then return read('late') end
if ARGV[11] ~= '' then
  local other = claim(ARGV[11])
  if other then return read('other', other) end
end

local function add(id, key, name, params)
  local words = {'state', 'queued', 'params', params, 'keep', keep, 'by', mark}
  local function put(field, value)
    words[#words + 1] = field
    words[#words + 1] = value
  end
  if priority ~= 'bulk' then put('priority', priority) end
  if due > 0 then put('not_before', text(due)) end
  if latest ~= '0' then put('not_after', latest) end
  if texts == '0' then put('texts', texts) end
  if name ~= '' then
    put('name', name)
    put('key', key)
  end
  if due > now then
    redis.call('ZADD', base .. 'delayed:' .. priority, text(due), id)
  else
    put('entry', redis.call('XADD', base .. priority, '*', 'id', id))
  end
  redis.call('HSET', record(id), unpack(words))
  redis.call('HINCRBY', state, 'queued', 1)
end

for i = 12, #ARGV, 3 do
  local kind, key = ARGV[i]:sub(1, 1), ARGV[i]:sub(2)
  local id, is_new = redis.call('GET', base .. 'key:' .. key), '1'
  if not id then
    id = text(tick())
    add(id, key, ARGV[i + 1], ARGV[i + 2])
    redis.call('SET', base .. 'key:' .. key, id)
    if kind == 'r' then redis.call('PEXPIRE', base .. 'key:' .. key, 600000) end
  else
    local by = redis.call('HGET', record(id), 'by')
    is_new = by == mark and '1' or '0'
    if by and by ~= mark then redis.call('HSET', record(id), 'shared', '1') end
  end
  answers[#answers + 1] = id
  answers[#answers + 1] = is_new
end
if texts == '0' then redis.call('HSET', state, 'texts', '0') end
return saved(unpack(answers))
]=]

--- ARGV: the mark of a call, then of each item its id ('' where that is not known) and its key
--- as above. What the call has added and nobody else has asked for is as if it had never been
--- there, but for what was taken already. The answer: how many of those are left.
adding.withdraw = preamble.always [=[
local left = 0
for i = 5, #ARGV, 2 do
  local id = ARGV[i] ~= '' and ARGV[i] or redis.call('GET', base .. 'key:' .. ARGV[i + 1]:sub(2))
  local item = id and load(id)
  local is_own = item and item.by == ARGV[4] and not item.shared
  if is_own and item.state == 'queued' then
    leave(item)
    redis.call('HINCRBY', state, 'queued', -1)
    redis.call('DEL', record(id), base .. 'key:' .. ARGV[i + 1]:sub(2))
  elseif is_own then
    left = left + 1
  end
end
return saved(text(left))
]=]

return adding
