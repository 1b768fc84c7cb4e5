--- Sends a text to several numbers through Nexmo, all calls at the same time.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/side_by_side.lua "Hello from Lua" 447700900000 447700900001
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local sms = require "sms"

local text = table.remove(arg, 1)
if not arg[1] then
  io.stderr:write "usage: lua5.4 examples/side_by_side.lua TEXT NUMBER…\n"
  os.exit(2)
end

local nexmo = sms.nexmo()

local calls = {}
for i, number in ipairs(arg) do
  calls[i] = function()
    return nexmo:send_sms { from = "Acme", to = number, text = text }
  end
end

-- Waits until the last has ended; the results stand in the order of the calls.
local failed = 0
for i, answer in ipairs(sms.all(calls)) do
  local result, err = answer[1], answer[2]
  print(arg[i], result and result.messages[1]["message-id"] or tostring(err))
  failed = failed + (result and 0 or 1)
end
os.exit(failed == 0 and 0 or 1)
