--- What runs inside Redis: one atomic script for each thing that is done with slots.
---
---   KEYS[1]  a sorted set: every lease that is out, by the time at which its slot is free
---   KEYS[2]  a hash: the server that wrote it, its clock, how many leases there were, when
---            the state was lost, the longest lease ever asked for, what a provider holds: all
---            calls, or those of one quota
---   ARGV     what the answer begins with; W; the longest lease the caller has used; then
---            what the one script needs. Times are durations: only the server's clock counts.
---
--- All in microseconds, exact in a double until the year 2255.

local scripts = {}

--- The clock never runs backwards, nor does it stand still: it names leases too. Whatever
--- may have been lost (a restart, another server, a flushed or evicted key) begins anew, and
--- no slot is given out until every lease that was out has ended.
---
--- run_id changes when a server starts, master_replid when a replica becomes master, also
--- one that was master before. Leases that expired by themselves were all free.
local BEGIN = [=[
local leases, state = KEYS[1], KEYS[2]
local spacing, longest = tonumber(ARGV[2]), tonumber(ARGV[3])

local function text(number)
  return string.format('%.0f', number)
end

local info = redis.call('INFO', 'server') .. redis.call('INFO', 'replication')
local server = info:match('run_id:(%w+)') .. ':' .. info:match('master_replid:(%w+)')
local clock = redis.call('TIME')
local time = clock[1] * 1000000 + clock[2]

local function load()
  local names, known = {'server', 'clock', 'taken', 'lost', 'longest', 'not_before'}, {}
  for i, value in ipairs(redis.call('HMGET', state, unpack(names))) do
    known[names[i]] = i == 1 and value or tonumber(value or nil)
    if not known[names[i]] then return {clock = 0, longest = 0, not_before = 0} end
  end
  return known
end

local known = load()
local now = math.max(time, known.clock + 1)
local taken = redis.call('ZCARD', leases)
local expired = taken == 0 and now - known.clock > known.longest + spacing
longest = math.max(longest, known.longest)
if known.server ~= server or known.taken ~= taken and not expired then
  redis.call('DEL', leases, state)
  known = {lost = time, not_before = time + math.max(known.not_before - known.clock, 0)}
  now = time
end
local ready = math.max(known.not_before, known.lost + longest + spacing)
local answer = {ARGV[1]}
]=]

local END = [=[
local month, beyond = 2592000000, math.ceil((longest + spacing) / 1000) + 1000
redis.call('HSET', state, 'server', server, 'clock', text(now),
  'taken', redis.call('ZCARD', leases), 'lost', text(known.lost),
  'longest', text(longest), 'not_before', text(known.not_before))
redis.call('PEXPIRE', leases, text(beyond))
redis.call('PEXPIRE', state, text(beyond + month))
return answer
]=]

local function script(body)
  return BEGIN .. body .. END
end

--- ARGV: calls, lease, quota (0: none). The answer: held and how long, where that is the quota's
--- alone; taken, a lease's name and end, or wait and how long.
--- A slot in use may come back at any time; then it is free a W later. A clock that was
--- set back stands until it is reached again.
scripts.acquire = script [=[
local calls, lease = tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('ZREMRANGEBYSCORE', leases, '-inf', text(now))
local out = redis.call('ZCARD', leases)
local held = tonumber(redis.call('HGET', state, 'hold:' .. ARGV[6]) or 0)
if held > math.max(ready, now) then
  answer[2], answer[3] = 'held', text(held - time)
elseif ready > now then
  answer[2], answer[3] = 'wait', text(ready - time)
elseif out >= calls then
  local first = redis.call('ZRANGE', leases, out - calls, out - calls, 'WITHSCORES')
  answer[2], answer[3] = 'wait', text(math.min(first[2] - now, spacing) + now - time)
else
  local until_then = text(now + lease + spacing)
  redis.call('ZADD', leases, until_then, text(now))
  answer[2], answer[3], answer[4] = 'taken', text(now), until_then
end
]=]

--- ARGV: a lease's name and end. A lost one is taken again, or raised: its attempt counted.
scripts.finish = script [=[
local ends, own = now + spacing, redis.call('ZSCORE', leases, ARGV[4])
if not own or tonumber(own) == tonumber(ARGV[5]) or tonumber(own) < ends then
  redis.call('ZADD', leases, text(ends), ARGV[4])
end
answer[2] = 'done'
]=]

--- ARGV: a lease's name and end.
scripts.refund = script [=[
local own = redis.call('ZSCORE', leases, ARGV[4])
if own and tonumber(own) == tonumber(ARGV[5]) then
  redis.call('ZREM', leases, ARGV[4])
end
answer[2] = 'done'
]=]

--- ARGV: for how long, the quota whose calls alone are held (0: all).
scripts.hold = script [=[
local till = now + tonumber(ARGV[4])
if ARGV[5] == '0' then
  known.not_before = math.max(known.not_before, till)
else
  local field = 'hold:' .. ARGV[5]
  till = math.max(till, tonumber(redis.call('HGET', state, field) or 0))
  redis.call('HSET', state, field, text(till))
end
answer[2] = 'done'
]=]

--- ARGV: calls. The answer: free, how many.
scripts.available = script [=[
local out = redis.call('ZCOUNT', leases, '(' .. text(now), '+inf')
answer[2], answer[3] = 'free', text(ready > now and 0 or math.max(ARGV[4] - out, 0))
]=]

return scripts
