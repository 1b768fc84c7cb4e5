-- One of many processes that send under one limit, one text after the other, until a time of
-- core.now() or until it is killed.
--
--     sender_child.lua URL CALLS PERIOD UNTIL machine FOLDER
--     sender_child.lua URL CALLS PERIOD UNTIL redis PORT

local core = require "sms.core"
local sms = require "sms"

local url, ends, where, place = arg[1], tonumber(arg[4]), arg[5], arg[6]
local limit = { calls = tonumber(arg[2]), period = tonumber(arg[3]), share = where }
if where == "redis" then
  local redis_client = require "spec.support.servers.redis_client"
  limit.share = require("sms.redis").new(redis_client.options(tonumber(place), 0.2))
end

local nexmo = sms.nexmo {
  api_key = "abcd1234", api_secret = "Secret0123456789", base_url = url, timeout = 0.3,
  slots_path = where == "machine" and place or nil, rate_limit = limit, retry = false,
}

while core.now() < ends do
  nexmo:send_sms({ from = "Acme", to = "447700900000", text = "Hello" },
    { max_wait = math.max(ends - core.now(), 0) })
end
