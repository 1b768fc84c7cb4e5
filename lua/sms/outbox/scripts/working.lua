--- What who sends asks for beside a take: begun, ended and put back are each one script that goes
--- by the item's own record, which says in whose hands it is.
---
--- ARGV of all: the identity of who asks, his lease; then as each says. Items are named by id and
--- token, the number of their take.

local leases = require "sms.outbox.scripts.leases"
local preamble = require "sms.outbox.scripts.preamble"

local working = {}

--- All items begin, or none. The answer: begun, the microseconds until the first byte may leave at
--- the latest ('' where that is the lease), the numbers of the begins ('' where it was begun
--- before); or not, and of each item what is in the way: lost, late, held (the outbox is paused, or
--- begins are held), or nothing but another one: ready.
working.begin = preamble.growing(leases.OWN .. [=[
local held = known.paused or (known.held or 0) > now
local items, fates, all, latest = {}, {}, true, nil
for i = 6, #ARGV, 2 do
  local item, fate = load(ARGV[i]), 'ready'
  if not (is_own(item, ARGV[i + 1]) and is_under_way(item)) then
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
local numbers = {}
for i, item in ipairs(items) do
  numbers[i] = item.state == 'taken' and count() or ''
  if item.state == 'taken' then change(item, 'begun') end
  extend(item.id)
end
return saved('begun', latest and text(latest) or '', unpack(numbers))
]=])

--- ARGV: the outcome, the packed result and error, '' without; then the items. What was declared
--- ambiguous meanwhile, and neither sent again nor settled, is corrected. An ambiguous one is told
--- by who asks, for a lease. The answer: done, 1 where any was erased before it had ended.
working.finish = preamble.always(leases.OWN .. [=[
local outcome, result, err = ARGV[6], ARGV[7], ARGV[8]
local has_erased = '0'
for i = 9, #ARGV, 2 do
  local item = load(ARGV[i])
  local known_as = item and item.state == 'ended' and item.outcome or nil
  if is_own(item, ARGV[i + 1]) and (is_under_way(item) or known_as == 'ambiguous') then
    local is_untold = not known_as or redis.call('ZSCORE', base .. 'untold', item.id)
    local is_told_here = known_as and is_told(item)
    local telling = redis.call('ZSCORE', base .. 'leases', item.id)
    close(item, outcome, result, err)
    if item.erased then has_erased = '1' end
    if outcome == 'ambiguous' and (is_untold or is_told_here) then
      begin_telling(item.id)
    elseif outcome == 'ambiguous' and telling then
      redis.call('ZADD', base .. 'leases', telling, item.id) -- whoever else tells it may be gone
    end
  end
end
return saved('done', has_erased)
]=])

--- The loop of who asks knows that items are ambiguous, late it may be: after his lease. ARGV: ids.
working.told = preamble.always(leases.OWN .. [=[
for i = 6, #ARGV do
  if is_told(load(ARGV[i])) then
    redis.call('ZREM', base .. 'leases', ARGV[i])
    redis.call('HDEL', record(ARGV[i]), 'teller')
  else
    redis.call('ZREM', base .. 'untold', ARGV[i])
  end
end
return saved('done')
]=])

--- Other leases begin for items that are in the hands of who asks, or that he tells.
working.renew = preamble.always(leases.OWN .. [=[
for i = 6, #ARGV, 2 do
  local item = load(ARGV[i])
  if is_own(item, ARGV[i + 1]) and is_under_way(item) or is_told(item) then
    extend(ARGV[i])
  end
end
return saved('done')
]=])

--- Items go back to their place. ARGV: the pause in microseconds, doubled each time; the shortest
--- one; the longest; then the items. What was not sent, though it was declared ambiguous meanwhile,
--- goes back as long as nobody knows that; else it stays listed, for whoever knows to decide.
working.put_back = preamble.always(leases.OWN .. [=[
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
  if is_own(item, ARGV[i + 1]) then
    if is_under_way(item) then
      back(item, due_of(item))
    elseif item.outcome == 'ambiguous' and not is_known(item) then
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
working.pause = preamble.always(leases.OWN .. [=[
redis.call('HSETNX', state, 'paused', ARGV[6])
return saved('done')
]=])

return working
