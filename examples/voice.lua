--- Calls a number and speaks a text, by Nexmo's Voice API.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=… NEXMO_APPLICATION_ID=… NEXMO_PRIVATE_KEY=voice.key
---   lua5.4 examples/voice.lua 447700900000 'Your code is <break time="1s"/> 1 2 3 4' en-gb
---
--- The key is the one that create_application returned: its text, or the path of a file. Without
--- it and the application's id the same call goes to the legacy endpoint.
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local sms = require "sms"

local to, text, language = arg[1], arg[2], arg[3]
if not text then
  io.stderr:write "usage: lua5.4 examples/voice.lua NUMBER TEXT [LANGUAGE]\n"
  os.exit(2)
end

local nexmo = sms.nexmo()
local call, err = nexmo:send_voice { to = to, text = text, lg = language, ["repeat"] = 2 }
if not call then
  io.stderr:write(tostring(err), "\n")
  if err.outcome == "ambiguous" then
    io.stderr:write "The number may have been called.\n"
  end
  os.exit(1)
end
print("call " .. call.call_id)
