--- The programs of bench/outbox/run: each does one thing so many times with a Redis on loopback,
--- and prints when it began and ended, by the machine's clock, and how often it was done.
---
---   work.lua xadd|xadd100|add|add100|send|limited N PORT NAME [URL]
---
--- `xadd` and `xadd100` are the yardstick: bare entries, one a round trip or 100 a script. `send`
--- sends what is there, at most N items; `limited` does so with a limit in the same Redis, which is
--- too large to wait for.

local cjson = require "cjson"
local core = require "sms.core"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local sms = require "sms"

local kind, count, port, name, url = arg[1], tonumber(arg[2]), tonumber(arg[3]), arg[4], arg[5]

local IN_FLIGHT = 64
local AT_ONCE = 100
local XADD = [[
  for _, params in ipairs(ARGV) do redis.call('XADD', KEYS[1], '*', 'params', params) end
  return #ARGV
]]
local LIMIT = { calls = 100000, period = 1 }

local TEXT = "Your parcel is on its way and will be with you between 10:00 and 12:00. "
  .. "Track it here: https://example.com/t/8F3A"

local given = redis_client.options(port, 5)

local function item_of(i)
  return { from = "Acme", to = "447700900000", text = TEXT,
    ["client-ref"] = ("%s-%d-%.0f"):format(name, i, core.random() * 2 ^ 40) }
end

local function key_of(item) return item["client-ref"] end

local function open_outbox()
  return assert(redis.outbox { connect = given.connect, release = given.release, name = name,
    risk = "accepted" })
end

local programs = {}

function programs.xadd()
  local client = assert(given.connect())
  return function(i)
    assert(client:xadd("bare-" .. name, "*", "params", cjson.encode(item_of(i))))
    return 1
  end
end

function programs.xadd100()
  local client = assert(given.connect())
  return function(i)
    local list = {}
    for at = 1, AT_ONCE do
      list[at] = cjson.encode(item_of(i + at))
    end
    assert(client:eval(XADD, 1, "bare-" .. name, unpack(list)) == AT_ONCE) -- luacheck: ignore
    return AT_ONCE
  end
end

function programs.add()
  local outbox = open_outbox()
  return function(i)
    local item = item_of(i)
    assert(outbox:add(item, { key = key_of(item) }))
    return 1
  end
end

function programs.add100()
  local outbox = open_outbox()
  return function(i)
    local list = {}
    for at = 1, AT_ONCE do list[at] = item_of(i + at) end
    assert(outbox:add(list, { key = key_of }))
    return AT_ONCE
  end
end

local function sender(limit)
  local client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", base_url = url,
    timeout = 5, rate_limit = limit }
  local run = client:send_all(open_outbox():source { worker = "bench", block = 1 },
    { in_flight = IN_FLIGHT })
  return function()
    local item, _, err = run()
    if err then
      error(tostring(err))
    end
    return item and 1 -- nil: nothing has come for a second
  end
end

function programs.send() return sender(false) end

function programs.limited()
  return sender { calls = LIMIT.calls, period = LIMIT.period, share = redis.new(given) }
end

local step = programs[kind]()
step(0) -- a new limit is held for some seconds
local began, done, ended = core.now(), 0, nil
repeat
  local more = step(done)
  done, ended = done + (more or 0), more and core.now() or ended
until done >= count or not more
print(("%.6f %.6f %d"):format(began, ended or began, done))
