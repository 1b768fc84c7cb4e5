--- What every script of an outbox begins with: whose it is, what time it is, how it answers.
---
---   KEYS[1]  the state of the outbox, `sms:{outbox:NAME}:state`. All other keys begin as it does
---            and lie in the same slot of a cluster:
---     state        a hash: clock, server, counter; how many are queued, taken, begun; paused;
---                  texts (0: there are items of which none are kept, and receipts neither)
---     high, bulk   streams of what was added, `id` in each entry; their group is `workers`
---     ready:high, ready:bulk   by id: what goes before the streams, in its old place
---     delayed:high, delayed:bulk   by the time before which it does not go
---     leases       by its end: what is taken, begun, or being told
---     ambiguous    by id: what nobody has settled yet
---     untold       by id: what is ambiguous, and no loop was told of it, nor is any being told
---     item:ID      a hash: sms.outbox.scripts.records
---     key:SHA256   the id of the item with that key
---     stretches, stretch:…   what Redis may have lost: sms.outbox.scripts.loss
---   ARGV     what the answer begins with; the highest counter the caller has seen; the longest
---            lease it uses; then what the one script needs
---
--- Times are microseconds of the server's clock, exact in a double until the year 2255. An id is
--- the time at which the item was added; no two are the same, since the clock is moved by each.
---
--- `#!lua` has Redis refuse a script as a whole when its memory is full; with `allow-oom` it
--- runs even then: that is for what ends, frees, or only reads.

local loss = require "sms.outbox.scripts.loss"
local records = require "sms.outbox.scripts.records"

local preamble = {}

--- The clock never runs backwards, nor does it stand still. run_id changes when a server starts,
--- master_replid when a replica becomes master.
---
---   now         the time; `time` is the server's own, which may have been set back
---   tick()      a later one, for what needs a name of its own
---   count(is_take)   the next number of a take or a begin
---   read(…)     the answer of a script that has changed nothing
---   saved(…)    the answer of one that has
---
--- An answer begins with the question, the counter, the server, and when the last muster began.
local BEGIN = [=[
local state = KEYS[1]
local base = string.sub(state, 1, -6)
local seen, seen_takes = ARGV[2]:match('^(%d+)/(%d+)$')
local longest = tonumber(ARGV[3])
seen, seen_takes = tonumber(seen), tonumber(seen_takes)

local function text(number)
  return string.format('%.0f', number)
end

local info = redis.call('INFO', 'server') .. redis.call('INFO', 'replication')
local server = info:match('run_id:([a-z0-9]+)') .. ':' .. info:match('master_replid:([a-z0-9]+)')
local NUMBERS = {'clock', 'counter', 'takes', 'muster', 'hold', 'upto', 'upto_takes', 'lease'}
local kept = redis.call('HMGET', state, 'server', 'paused', unpack(NUMBERS))
local known = {server = kept[1], paused = kept[2]}
for i, name in ipairs(NUMBERS) do known[name] = tonumber(kept[i + 2] or nil) or 0 end
local moment = redis.call('TIME')
local time = moment[1] * 1000000 + moment[2]
local now = math.max(time, known.clock + 1)

local function tick()
  now = now + 1
  return now
end

local function count(is_take)
  known.counter = known.counter + 1
  if is_take then known.takes = known.takes + 1 end
  return text(known.counter)
end

local function read(...)
  local counted = text(known.counter) .. '/' .. text(known.takes)
  return {ARGV[1], counted, server, text(known.muster), ...}
end

local function saved(...)
  redis.call('HSET', state, 'clock', text(now), 'server', server, 'counter', text(known.counter),
    'takes', text(known.takes))
  return read(...)
end
]=] .. loss.NOTICE

--- A script that needs memory: it does all or nothing.
---@param body string
---@return string
function preamble.growing(body)
  return "#!lua\n" .. BEGIN .. records .. body
end

--- A script that runs in a full Redis, too.
---@param body string
---@return string
function preamble.always(body)
  return "#!lua flags=allow-oom\n" .. BEGIN .. records .. body
end

return preamble
