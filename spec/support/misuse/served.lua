-- What may be called of objects that have something behind them: outboxes, their sources and stores
-- in a Redis, a sandbox of one's own, clients in an event loop.

local loop = require "sms.runtime.loop"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local sms = require "sms"
local testing = require "sms.testing"
local values = require "spec.support.misuse.values"

local PORT = assert(tonumber(os.getenv "REDIS"))
local SMS = { from = "Acme", to = "447700900000", text = "Hello" }
local ADDING = { key = "key", priority = "high", not_before = 0, not_after = 4e9 }
local LONGEST_WAIT = 0.1 -- seconds

local served = {}

local function with(options)
  for name, value in pairs(redis_client.options(PORT, 0.5)) do options[name] = value end
  return options
end

--- Who is to wait for long, waits for a moment.
local function wait_shortly(given)
  local is_number = type(given[3]) == "number"
  if is_number and given[3] > LONGEST_WAIT then given[3] = LONGEST_WAIT end
end

local function add_outbox(add, outbox, client)
  add("outbox:add", outbox, outbox, SMS, ADDING)
  add("outbox:add", outbox, outbox, { SMS, SMS }, { key = values.hook })
  add("outbox:wait", outbox, outbox, "key", 0.01).tame = wait_shortly
  for _, name in ipairs { "result", "resend", "cancel", "erase" } do
    add("outbox:" .. name, outbox, outbox, "key")
  end
  add("outbox:settle", outbox, outbox, "key", "accepted")
  add("outbox:pause", outbox, outbox, "lunch")
  for _, name in ipairs { "resume", "status", "ambiguous" } do
    add("outbox:" .. name, outbox, outbox)
  end
  add("outbox:source", outbox, outbox, { worker = "w", lease = 1, block = 0.01 })
  local source = outbox:source { worker = "w", lease = 1, block = 0.01 }
  add("nexmo:send_all", client, client, source, { in_flight = 2, on_progress = values.hook })
  values.objects[#values.objects + 1], values.objects[#values.objects + 2] = outbox, source
end

local function add_box(add, box)
  add("box:arrivals", box, box, "send_sms")
  add("box:fault", box, box, { operation = "send_sms", kind = "lost_answer", count = 1 })
  add("box:settings", box, box, { visible_after = 2 })
  add("box:inbound", box, box, { from = "447700900000", text = "Hi", url = "http://127.0.0.1:1/" })
  add("box:receipt", box, box, { messageId = "0A", status = "failed", url = "http://127.0.0.1:1/" })
  add("box:clock", box, box, 1)
  for _, name in ipairs { "callbacks", "clear_faults", "reset" } do
    add("box:" .. name, box, box)
  end
  add("box.nexmo", box, { retry = false })
  values.objects[#values.objects + 1] = box
end

--- Adds all of it.
---@param add fun(name: string, whole: table, ...: any): table
---@param given { nexmo: table, retarus: table } options of clients
function served.add(add, given)
  local client = sms.nexmo(given.nexmo)
  add_outbox(add, assert(redis.outbox(with { name = "codes", risk = "accepted" })), client)
  add_outbox(add, assert(redis.outbox(with { name = "sealed", risk = "accepted", client = client,
    keep_texts = false, seal = ("0123456789abcdef"):rep(2) })), client)
  values.objects[#values.objects + 1] = redis.store(with { name = "codes" })
  add("redis.outbox", redis, with { name = "more", risk = "accepted", keep = 1 })
  local box, stopped = testing.start {}, testing.start {}
  stopped:stop()
  add_box(add, box)
  add_box(add, stopped)
  add("box:stop", stopped, stopped)
  local runtime = loop.cqueues()
  for name, operation in pairs { nexmo = "get_balance", retarus = "get_version" } do
    local options = { runtime = runtime }
    for option, value in pairs(given[name]) do options[option] = value end
    local inside = sms[name](options)
    for _ = 1, 5 do add(name .. ":" .. operation, inside, inside, {}, { timeout = 0.3 }) end
    values.objects[#values.objects + 1] = inside
  end
  values.objects[#values.objects + 1] = runtime
end

return served
