--- What a Redis may have lost: a stretch of takes and begins that it does not know of, since it
--- came back with older data, or another one took over. Those who live have seen how far it went.
---
---     state              `muster`, when the last one began; `hold`, for how long nothing is taken
---                        or begun then; `upto`, the counter as it was told until then, and
---                        `upto_takes`, the takes in it; `lease`, the longest that was used since
---     stretches          a list: the musters behind which something may still be in doubt
---     stretch:MUSTER     a hash: `from` and `upto`, the counter as Redis had it and as it was
---                        told, and the takes in these; `since`, the time of what Redis had; how
---                        many items of each priority were reached
---     stretch:MUSTER:told           a set: takes and begins of it that somebody told of
---     stretch:MUSTER:takes          the takes among these
---     stretch:MUSTER:high, :bulk    by that time: items reached that became due within it
---
--- A muster begins whenever something may be lost: another server answers, the state is gone, or
--- somebody has seen a later counter. Nothing is taken or begun for the longest lease, in which all
--- who live tell what they hold, and how others ended. What is left of the stretch was done by
--- workers that are gone. Where a begin is left, what they had taken before the stretch becomes
--- ambiguous, and of each priority as many of the items that came next as takes are left. These
--- become so when they are reached.

local loss = {}

--- A part of what all scripts begin with (sms.outbox.scripts.preamble). Then `known.held` is until
--- when nothing is taken or begun.
---
--- A state that is gone looks like that of a new outbox, for which nobody wants to wait for long:
--- a worker that has seen another one says so soon.
loss.NOTICE = [=[
local HOLD_LEAST = 1000000

local function is_held()
  return now < known.muster + known.hold
end

local function left_of(stretch)
  local range = redis.call('HMGET', stretch, 'from', 'upto', 'from_takes', 'upto_takes')
  local left = range[2] - range[1] - redis.call('SCARD', stretch .. ':told')
  local takes = range[4] - range[3] - redis.call('SCARD', stretch .. ':takes')
  return left, takes
end

local function muster(from, from_takes)
  for _, id in ipairs(redis.call('LRANGE', base .. 'stretches', 0, -1)) do
    local stretch = base .. 'stretch:' .. id
    if left_of(stretch) <= 0 then
      redis.call('LREM', base .. 'stretches', 1, id)
      redis.call('DEL', stretch, stretch .. ':told', stretch .. ':takes', stretch .. ':high',
        stretch .. ':bulk')
    end
  end
  redis.call('RPUSH', base .. 'stretches', text(now))
  redis.call('HSET', base .. 'stretch:' .. text(now), 'from', text(from), 'upto', text(from),
    'from_takes', text(from_takes), 'upto_takes', text(from_takes), 'since', text(known.clock))
  known.hold = math.max(HOLD_LEAST, known.lease, is_held() and known.hold or 0)
  known.muster, known.lease = now, 0
end

local function notice()
  local is_other, is_seen = known.server ~= server, seen > known.counter
  local before = known.hold + known.lease
  if is_other then
    muster(known.counter, known.takes)
  elseif is_seen and not is_held() then
    muster(math.min(known.counter, known.upto), math.min(known.takes, known.upto_takes))
  end
  if is_other or is_seen then
    known.counter = math.max(known.counter, seen)
    known.takes = math.max(known.takes, seen_takes)
    known.upto, known.upto_takes = known.counter, known.takes
    redis.call('HSET', base .. 'stretch:' .. text(known.muster), 'upto', text(known.upto),
      'upto_takes', text(known.upto_takes))
  end
  known.lease = math.max(known.lease, longest)
  if is_held() and known.upto > 0 then known.hold = math.max(known.hold, longest) end
  if is_other or is_seen or known.hold + known.lease ~= before then
    redis.call('HSET', state, 'clock', text(now), 'server', server, 'counter', text(known.counter),
      'takes', text(known.takes), 'muster', text(known.muster), 'hold', text(known.hold),
      'upto', text(known.upto), 'upto_takes', text(known.upto_takes), 'lease', text(known.lease))
  end
  known.held = known.muster + known.hold
end

notice()
]=]

--- For what takes items: `doubt(item)` makes one ambiguous that may have begun in a stretch, and
--- says whether it is; `clear(item)` takes it out of all stretches, and `account(number, kind)` a
--- take or a begin.
---
--- Within a stretch items were taken in order, those that became due in it as soon as they were. So
--- an item was not taken where more than the unknown takes stood before it all the time. What a
--- worker gave back did not: another one may have taken it since, but it stands before nothing.
loss.DOUBT = [=[
local function stretches()
  return redis.call('LRANGE', base .. 'stretches', 0, -1)
end

local function account(number, kind)
  for _, id in ipairs(stretches()) do
    local stretch = base .. 'stretch:' .. id
    local range = redis.call('HMGET', stretch, 'from', 'upto')
    if number > tonumber(range[1]) and number <= tonumber(range[2]) then
      redis.call('SADD', stretch .. ':told', text(number))
      if kind == 'take' then redis.call('SADD', stretch .. ':takes', text(number)) end
    end
  end
end

local function clear(item)
  if tonumber(item.id) < known.muster and item.cleared ~= text(known.muster) then
    redis.call('HSET', record(item.id), 'cleared', text(known.muster))
  end
end

local function reaches(stretch, item, due)
  local left, takes = left_of(stretch)
  if left <= takes then return false end -- there is no begin among them
  if item.state == 'taken' then return true end
  local facts = redis.call('HMGET', stretch, 'since', item.priority)
  local was_due, reached = due <= tonumber(facts[1]), tonumber(facts[2] or nil) or 0
  local others = stretch .. ':' .. item.priority
  if not was_due then reached = reached + redis.call('ZCOUNT', others, '-inf', text(due)) end
  if reached >= takes then return false end
  if item.returned and stretch <= base .. 'stretch:' .. item.returned then return true end
  if was_due then
    redis.call('HINCRBY', stretch, item.priority, 1)
  else
    redis.call('ZADD', others, text(due), item.id)
  end
  return true
end

local function is_doubtful(item)
  local due = tonumber(item.due or item.not_before) or 0
  local cleared = math.max(tonumber(item.cleared) or 0, tonumber(item.id), due)
  if cleared >= known.muster then return false end
  for _, id in ipairs(stretches()) do
    if tonumber(id) > cleared and reaches(base .. 'stretch:' .. id, item, due) then return true end
  end
  return false
end

local function doubt(item)
  if not is_doubtful(item) then return false end
  close(item, 'ambiguous', '', '')
  redis.call('ZADD', base .. 'untold', item.id, item.id)
  return true
end
]=]

return loss
