-- A worker of an outbox in a process of its own, until nothing has come for `block` seconds, until
-- it has been told of `rounds` items, or until it is killed.
--
--     worker_child.lua outbox=NAME port=6390 url=http://… told=FILE [name=value …]
--
-- FILE gets a line for each item that it is told of: "17 accepted w1", by the worker's `tag` where
-- it has one. `port` may be a file that
-- has the port, which may change. With `stop_when` (a field of outbox:status()) it stops itself,
-- SIGSTOP, as soon as Redis has answered what made that field 1.

local core = require "sms.core"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local sms = require "sms"

local given = { lease = 1, block = 1, in_flight = 32, timeout = 0.3, worker = "worker", calls = 0,
  period = 1, rounds = math.huge, provider = "nexmo" }
for _, word in ipairs(arg) do
  local name, value = word:match "^([%w_]+)=(.*)$"
  given[name] = tonumber(value) or value
end

local PATIENCE = 30 -- seconds for a Redis that is away when the worker starts

local function port()
  if type(given.port) == "number" then return given.port end
  local file = assert(io.open(given.port))
  local number = file:read "*n"
  file:close()
  return number
end

local function open_outbox(options)
  local gives_up = core.now() + PATIENCE
  while true do
    local outbox, err = redis.outbox { connect = options.connect, release = options.release,
      name = given.outbox, risk = given.risk, keep = given.keep }
    if outbox then return outbox end
    assert(core.now() < gives_up, tostring(err))
    os.execute "sleep 0.05"
  end
end

--- A client whose process stops itself once something has been answered.
local function stopping(options)
  local seen, has_stopped = open_outbox(redis_client.options(port)), false
  local function look()
    if not has_stopped and assert(seen:status())[given.stop_when] > 0 then
      has_stopped = true
      os.execute "kill -STOP $PPID"
    end
  end
  return {
    connect = function()
      local client, err = options.connect()
      return client and { inner = client, eval = function(_, ...)
        local answer, why = client:eval(...)
        look()
        return answer, why
      end, config = function(_, ...) return client:config(...) end }, err
    end,
    release = function(client, ok) options.release(client.inner, ok) end,
  }
end

local function client()
  local limit = given.calls > 0 and { calls = given.calls, period = given.period,
    share = redis.new(redis_client.options(port, 0.5)) }
  local common = { base_url = given.url, timeout = given.timeout, rate_limit = limit or false }
  if given.provider == "nexmo" then
    common.api_key, common.api_secret = "abcd1234", "Secret0123456789"
  else
    common.username, common.password = "user", "pass"
  end
  return sms[given.provider](common)
end

local told = assert(io.open(given.told, "a"))
told:setvbuf "no"

local options = redis_client.options(port, 0.5)
local outbox = open_outbox(given.stop_when and stopping(options) or options)
local source = outbox:source { worker = given.worker, lease = given.lease, block = given.block }

local function tell(item, err)
  if not item then
    told:write("failed " .. tostring(err) .. "\n")
    os.exit(1)
  end
  told:write(("%s %s %s\n"):format(item["client-ref"] or item.customerRef,
    err and err.outcome or "accepted", given.tag or given.worker)) -- one write
end

local rounds = 0
local run = client():send_all(source, { in_flight = given.in_flight })
for item, _, err in run do
  tell(item, err)
  rounds = rounds + 1
  if rounds >= given.rounds then break end
end
run:close()
for item, _, err in run do tell(item, err) end -- what ended meanwhile
