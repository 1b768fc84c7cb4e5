--- Sends one SMS through Nexmo and says what became of it.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/send.lua 447700900000 "Hello from Lua"
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local sms = require "sms"

local to, text = arg[1], arg[2]
if not text then
  io.stderr:write "usage: lua5.4 examples/send.lua NUMBER TEXT\n"
  os.exit(2)
end

-- What to do after an error depends on its outcome, never on its message.
local ADVICE = {
  not_sent = "Nothing was sent; once the cause is gone, send it again.",
  rejected = "It was refused, and would be refused again.",
  accepted = "A part of it was taken: do not send it again.",
  ambiguous = "It may have been sent: do not send it again without asking.",
}

local nexmo = sms.nexmo()
local result, err = nexmo:send_sms { from = "Acme", to = to, text = text }
if not result then
  io.stderr:write(tostring(err), "\n", ADVICE[err.outcome], "\n")
  for i = 2, #(err.problems or {}) do -- the first is in the sentence
    io.stderr:write("also ", err.problems[i].path, ": ", err.problems[i].message, "\n")
  end
  os.exit(1)
end

for i, part in ipairs(result.messages) do
  print(("part %d: %s, %s EUR"):format(i, part["message-id"], part["message-price"]))
end
