-- What may be called of the library, with arguments that are right: by its name a function that
-- gives the table in which it stands, its name there, and its arguments, `self` among them. What
-- may be anything for too long has a function `tame`, which changes the arguments before the call.

local loop = require "sms.runtime.loop"
local nginx = require "sms.nginx"
local redis = require "sms.redis"
local served = require "spec.support.misuse.served"
local sms = require "sms"
local testing = require "sms.testing"
local values = require "spec.support.misuse.values"

local URL = assert(os.getenv "URL")
local NUMBER = "447700900000"
local NEXMO = { api_key = "abcd1234", api_secret = "Secret0123456789", base_url = URL,
  signature_secret = "Signature01234567", rate_limit = false, retry = false, timeout = 0.5,
  deadline = 1, on_event = values.hook }
local RETARUS = { username = "user", password = "pass", base_url = URL, rate_limit = false,
  retry = false, timeout = 0.5, deadline = 1, on_event = values.hook }
local SMS = { from = "Acme", to = NUMBER, text = "Hello" }
local JOB = { messages = { { text = "Hello", recipients = { { dst = NUMBER } } } } }
local CALL = { timeout = 0.3, deadline = 0.5, max_wait = 0, retry = false, extra = { a = "b" } }
local RECEIPT = { msisdn = NUMBER, to = "Acme", messageId = "0A", status = "delivered",
  ["message-timestamp"] = "2030-01-01 00:00:00", scts = "3001010000", ["err-code"] = "0" }
local INBOUND = { msisdn = NUMBER, to = "Acme", messageId = "0B", text = "Hi", type = "text",
  ["message-timestamp"] = "2030-01-01 00:00:00" }
local WEBHOOK = { method = "GET", query = "msisdn=447700900000&to=Acme&messageId=0A&text=Hi",
  headers = { ["Content-Type"] = "application/json" }, body = '{"a":[1]}' }

local function no_op() end

local DICTIONARY = { safe_add = no_op, get = no_op, safe_set = no_op, delete = no_op,
  flush_expired = function() return 0 end }
local REDIS = { connect = function() return nil, "there is none" end, release = no_op }

local targets = {}

local function add(name, whole, ...)
  local given = { n = select("#", ...), ... }
  local target = { name = name, whole = whole, called = name:match "[^.:]+$", given = given }
  targets[#targets + 1] = target
  return target
end

local closed = { sms.nexmo(NEXMO), sms.retarus(RETARUS) }
for _, client in ipairs(closed) do client:close() end
local clients = { nexmo = { sms.nexmo(NEXMO), closed[1] }, retarus = { sms.retarus(RETARUS),
  closed[2] } }
local PARAMS = { send_sms = SMS, send_job = JOB, get_job = { jobId = "J" },
  list_recipients = { jobId = "J" }, send_voice = { to = NUMBER, text = "Hello" },
  buy_number = { country = "GB", msisdn = NUMBER } }

for provider, list in pairs(clients) do
  local names = { "request", "check", "prepare", "each", "abandoned", "warnings", "read_webhook",
    "verify_signature", "send_all", "follow" }
  local operations = {}
  for i, operation in ipairs(sms.operations(provider)) do operations[i] = operation.name end
  for _, client in ipairs(list) do
    for _, name in ipairs(operations) do
      add(provider .. ":" .. name, client, client, PARAMS[name] or {}, CALL)
    end
    for _, name in ipairs(names) do
      if client[name] then
        local params, more = {}, CALL
        if name == "request" then
          params = { method = "GET", path = "/x", host = "api", query = { a = "b" }, body = {} }
        elseif name == "prepare" or name == "each" then
          params, more = provider == "nexmo" and "send_sms" or "list_jobs", SMS
        elseif name == "read_webhook" or name == "verify_signature" then
          params, more = WEBHOOK, { tolerance = 300 }
        elseif name == "send_all" then
          params, more = { SMS, SMS }, { in_flight = 2, on_progress = values.hook,
            stop = values.hook }
        elseif name == "follow" then
          params, more = { jobId = "J" }, { interval = { 0.01, 0.02 }, timeout = 0.1 }
        end
        add(provider .. ":" .. name, client, client, params, more)
      end
    end
    values.objects[#values.objects + 1] = client
  end
  for _, name in ipairs(operations) do
    add("sms." .. provider .. "." .. name, sms[provider], PARAMS[name] or {}, CALL)
  end
end
add("sms.nexmo", sms, NEXMO)
add("sms.retarus", sms, RETARUS)
add("sms.metrics", sms, "prometheus", { outboxes = {} })
add("sms.doctor", sms)
add("sms.is_error", sms, {})
add("sms.operations", sms, "nexmo")
add("sms.all", sms, { no_op, values.hook }, { in_flight = 2 })
add("sms.later", sms, no_op)
add("sms.measure", sms, "Hello")
add("sms.adapters.json", sms.adapters, values.hook)
add("sms.adapters.opentelemetry", sms.adapters, values.hook)
add("sms.gateway", sms, { clients.nexmo[1], clients.retarus[1], order = values.hook, deadline = 1 })

local gateway = sms.gateway { clients.nexmo[1], clients.retarus[1], deadline = 0.5 }
add("gateway:send", gateway, gateway, SMS, { timeout = 0.3, deadline = 0.5, max_wait = 0 })
local store = sms.stores.table()
local shared = sms.stores.shared(DICTIONARY)
local receipts, inbound = sms.receipts.new(store), sms.inbound.new(store)
local run = clients.nexmo[1]:send_all { SMS }
local kept = redis.store { name = "a", connect = REDIS.connect, release = no_op }
for _, one in ipairs { store, shared, kept } do
  add("store:add", one, one, "key", 10)
  add("store:get", one, one, "key")
  add("store:update", one, one, "key", function() return { a = 1 } end)
  add("store:remove", one, one, "key")
end
add("receipts:sent", receipts, receipts, { messages = { { ["message-id"] = "0A" } } })
add("receipts:add", receipts, receipts, RECEIPT)
add("receipts:get", receipts, receipts, "0A")
add("inbound:add", inbound, inbound, INBOUND, 1)
add("inbound:expired", inbound, inbound, 1)
add("inbound:put_back", inbound, inbound, { parts = { INBOUND }, fields = INBOUND }, 1)
add("run:close", run, run)
add("sms.receipts.new", sms.receipts, store)
add("sms.inbound.new", sms.inbound, store, { window = 10 })
add("sms.stores.table", sms.stores, { seconds = 10, clock = os.time })
add("sms.stores.shared", sms.stores, DICTIONARY, { seconds = 10, lease = 1 })
-- Who says that the program is inside of a loop that does not suspend, waits in it for ever.
add("loop.new", loop, { watch = no_op, sleep = no_op, suspend = no_op, resume = no_op,
  spawn = no_op, is_inside = no_op }).tame = function(given)
  if type(given[1]) == "table" then rawset(given[1], "is_inside", no_op) end
end
add("redis.new", redis, REDIS)
add("redis.store", redis, { name = "a", connect = REDIS.connect, release = no_op, seconds = 10 })
add("redis.outbox", redis, { name = "a", connect = REDIS.connect, release = no_op })
add("nginx.handler", nginx, {})
add("nginx.status", nginx, {})
add("nginx.socket_folder", nginx, "/nowhere")
add("nginx.doctor", nginx)
add("testing.folder", testing)
served.add(add, { nexmo = NEXMO, retarus = RETARUS })

for _, object in ipairs { gateway, store, shared, kept, receipts, inbound, run } do
  values.objects[#values.objects + 1] = object
end

return targets
