--- Creates a Nexmo application, changes it, lists all there are, and deletes it again.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/application.lua "My voice menu" https://example.com/voice
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local sms = require "sms"

local name, url = arg[1], arg[2]
if not url then
  io.stderr:write "usage: lua5.4 examples/application.lua NAME URL\n"
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

local nexmo = sms.nexmo()

local created = must(nexmo:create_application {
  name = name, type = "voice", answer_url = url .. "/answer", event_url = url .. "/event",
})
print("created", created.id)
if created.keys and created.keys.private_key then
  print("its private key comes only in this answer: a real program would store it now")
end

-- What is not named here is kept.
must(nexmo:update_application {
  application_id = created.id, name = name .. " 2", type = "voice",
  answer_url = url .. "/answer2", event_url = url .. "/event",
})
print("updated", must(nexmo:get_application { application_id = created.id }).name)

for application, err in nexmo:each "list_applications" do
  must(application, err)
  print("listed", application.id, application.name)
end

must(nexmo:delete_application { application_id = created.id })
print("deleted", created.id)
