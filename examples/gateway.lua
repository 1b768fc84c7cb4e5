--- Sends a text through Nexmo; where that certainly has not sent it, through Retarus. German
--- numbers ask Retarus first.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=… RETARUS_USERNAME=… RETARUS_PASSWORD=…
---   lua5.4 examples/gateway.lua "+44 7700 900000" "Hello from Lua"
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local sms = require "sms"

local to, text = arg[1], arg[2]
if not text then
  io.stderr:write "usage: lua5.4 examples/gateway.lua NUMBER TEXT\n"
  os.exit(2)
end

local nexmo = sms.nexmo()
local retarus = sms.retarus()

local gateway = sms.gateway {
  nexmo, retarus,
  order = function(message)
    return message.to:find "^49" and { retarus, nexmo } or nil
  end,
  retarus = { statusRequested = true },
}

local sent, err = gateway:send { from = "Acme", to = to, text = text, ref = "example" }
for _, failure in ipairs((sent or err).attempts) do
  io.stderr:write(tostring(failure), "\n")
end
if sent then
  print(("sent by %s: %s, %d part(s)"):format(sent.provider, sent.id, sent.parts))
elseif err.outcome == "not_sent" or err.outcome == "rejected" then
  io.stderr:write("not sent: ", tostring(err), "\n")
else
  io.stderr:write("it may have been sent: ", tostring(err), "\n")
end
os.exit(sent and 0 or 1)
