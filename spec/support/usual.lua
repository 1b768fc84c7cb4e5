-- A client of a server, with slots of its own, and what it has left of them.

local apis = require "sms.wire.apis"
local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"

local usual = {
  TEXT = { from = "Acme", to = "447700900000", text = "Hello" },
  CALLS = 50, -- in a period that outlasts the specs
}

local count = 0

--- What is answered to a text that is taken; more of its part and of the whole.
function usual.taken(part, more)
  return raw_server.http(200, ('{"message-count":"1","messages":[{"to":"447700900000",'
    .. '"message-id":"0A","status":"0","remaining-balance":"3.14","message-price":"0.03"%s}]%s}')
    :format(part or "", more or ""))
end

--- A client of a server, with slots of its own.
function usual.client_of(server, more)
  count = count + 1
  local options = {
    api_key = "key" .. count, api_secret = "secret", base_url = server.url,
    retry = false, timeout = 0.3, max_response_bytes = 1000,
    rate_limit = { { calls = usual.CALLS, period = 3600 },
      { calls = usual.CALLS + 1, period = 1800 } },
  }
  for name, value in pairs(more or {}) do options[name] = value end
  return sms.nexmo(options)
end

--- How many slots of each limit are free for texts.
function usual.free(client)
  local now, free = core.now(), {}
  local quota = apis.of(client.provider, "rest", "/sms/json", "POST").quota
  for i, limit in ipairs(client.limits:free(now)) do
    local slots = client.limits.limits[i].by_value[true]
    local held = slots:held(now, quota)
    free[i] = held > 0 and 0 or limit.slots
  end
  return free
end

return usual
