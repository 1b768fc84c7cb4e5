-- Outboxes for specs, each with a name of its own, and what a worker does to their items, step by
-- step.
--
--     local outbox = outboxes.new(server, { client = client })
--     local again = outboxes.new(server, { name = outbox.name })
--     local step = outboxes.stepping(outbox)
--     step.take(id) step.begin(id) step.close(id, "accepted", { messages = {} })
--     outboxes.record(server, outbox, id)        of Redis, by field; nil: there is none

local asking = require "sms.outbox.asking"
local pack = require "sms.outbox.kept.pack"
local preamble = require "sms.outbox.scripts.preamble"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"

local outboxes = {}

local count = 0

--- A Redis that forgets nothing.
outboxes.DURABLE = "--appendfsync always"

--- Makes an outbox at a server, or at another port that leads there.
---@return table? outbox
---@return table? err
function outboxes.new(server, options)
  count = count + 1
  local given = redis_client.options(server.port, 1)
  given.name = "spec" .. count
  for name, value in pairs(options or {}) do given[name] = value end
  local outbox, err = redis.outbox(given)
  if outbox and server.command and not (options and options.name) then -- nobody has to wait
    server:command("HSET", outbox.keys[1], "hold", 0)
  end
  return outbox, err
end

local TAKE = preamble.always [=[
local item = load(ARGV[4])
leave(item)
change(item, 'taken', 'owner', 'spec', 'token', count(true), 'worker', 'one')
redis.call('ZADD', base .. 'leases', text(now + 30000000), item.id)
return saved()
]=]

local BEGIN = preamble.growing [=[
change(load(ARGV[4]), 'begun', 'token', count())
return saved()
]=]

local CLOSE = preamble.always [=[
close(load(ARGV[4]), ARGV[5], ARGV[6], ARGV[7])
return saved()
]=]

--- What a worker does, without one: each is a step of one item.
function outboxes.stepping(outbox)
  local function packed(value)
    return value and assert(pack.encode(value, outbox.seal)) or ""
  end
  return {
    take = function(id) assert(asking.ask(outbox, TAKE, id)) end,
    begin = function(id) assert(asking.ask(outbox, BEGIN, id)) end,
    close = function(id, outcome, result, err)
      assert(asking.ask(outbox, CLOSE, id, outcome, packed(result), packed(err)))
    end,
  }
end

--- Brings an item to its end by all steps.
function outboxes.finish(outbox, id, outcome, result, err)
  local step = outboxes.stepping(outbox)
  step.take(id)
  step.begin(id)
  step.close(id, outcome, result, err)
end

--- The name of a key of an outbox.
function outboxes.key(outbox, name)
  return outbox.keys[1]:gsub("state$", "") .. name
end

--- The fields of an item's record.
function outboxes.record(server, outbox, id)
  local fields, list = {}, server:command("HGETALL", outboxes.key(outbox, "item:" .. id))
  for i = 1, #list, 2 do fields[list[i]] = list[i + 1] end
  return next(fields) and fields
end

--- How many keys of an outbox there are, but for its state and its streams.
function outboxes.key_count(server, outbox)
  local keys = server:command("KEYS", outboxes.key(outbox, "*"):gsub("[{}]", "?"))
  local number = 0
  for _, key in ipairs(keys) do
    local is_fixed = key:find ":state$" or key:find ":high$" or key:find ":bulk$"
    number = number + (is_fixed and 0 or 1)
  end
  return number
end

return outboxes
