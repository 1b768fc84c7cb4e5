--- Sends a text to several numbers as one Retarus job, and reports until all have ended.
---
---   export RETARUS_USERNAME=… RETARUS_PASSWORD=…
---   lua5.4 examples/job.lua "Hello from Lua" +4917600000000 +4917600000001
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local sms = require "sms"

if not arg[2] then
  io.stderr:write "usage: lua5.4 examples/job.lua TEXT NUMBER…\n"
  os.exit(2)
end

--- The result, or the end of the program.
local function must(result, err)
  if not result then
    io.stderr:write(tostring(err), "\n")
    os.exit(1)
  end
  return result
end

local retarus = sms.retarus()
local numbers = {}
for i = 2, #arg do
  numbers[i - 1] = arg[i]
end
local job = must(retarus:send_job {
  options = { statusRequested = true, invalidCharacters = "TO_UTF16" },
  messages = { { text = arg[1], recipients = numbers } },
})
print("job " .. job.jobId)

-- A new job cannot be seen for some seconds; deliveries take seconds to hours.
for recipient, err in retarus:follow(job) do
  must(recipient, err)
  if recipient.final then
    print(recipient.dst, recipient.status, recipient.finishedTs)
  end
end
