-- What runs in a thread of nginx (ngx.run_worker_thread): a Lua state of its own.

local worker_thread = {}

local client

--- As many texts as `count`, one after the other and side by side: what came of them.
function worker_thread.send(base_url, count, ref)
  local sms = require "sms"
  client = client or sms.nexmo { base_url = base_url, api_key = "abcd1234",
    api_secret = "Secret0123456789", rate_limit = { calls = 1000, period = 1 } }
  local told = { pcall(sms.later, print) }
  local bodies = {}
  for i = 1, count do
    bodies[i] = function()
      return client:send_sms { from = "Acme", to = "447700900000", text = "Hello",
        ["client-ref"] = ref .. i }
    end
  end
  for i, answer in ipairs(sms.all(bodies)) do
    told[#told + 1] = answer[1] and answer[1].messages[1]["client-ref"]
      or i .. ": " .. tostring(answer[2])
  end
  local items, at = {}, 0
  for item, _, err in client:send_all(function()
    at = at + 1
    return at <= 3 and { from = "Acme", to = "447700900000", text = "Hello" } or nil
  end) do
    items[#items + 1] = err and tostring(err) or item and "sent"
  end
  told[#told + 1] = table.concat(items, ",")
  return require "cjson".encode(told)
end

return worker_thread
