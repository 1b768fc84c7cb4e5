-- Sends a campaign of numbered items by send_all with a journal, and runs a shell command once so
-- many were told: what happens to a journal while it is in use.
--
--     journal_child.lua URL ITEMS TOLD JOURNAL sync|async|wrong [AT COMMAND]
--
-- With "wrong" it is synced, and every item is refused before it is sent.
-- TOLD gets a line for each item, "17 accepted", as soon as it is told, and at the end "fatal" with
-- a message, or "done".

local items = require "spec.support.runs.bulk_items"
local sms = require "sms"

local url, count, journal, at, command = arg[1], tonumber(arg[2]), arg[4], tonumber(arg[6]), arg[7]

local told = assert(io.open(arg[3], "a"))
told:setvbuf "no"

local client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", base_url = url,
  rate_limit = false, retry = false,
  on_event = function(event)
    if event.name == "warning" then told:write("warning " .. event.message .. "\n") end
  end }

local list = {}
for i = 1, count do
  list[i] = items.nexmo(i)
  if arg[5] == "wrong" then list[i].to = "nobody" end
end

local number = 0
for item, _, err in client:send_all(list, { journal = journal, sync = arg[5] ~= "async" }) do
  if item == false then
    told:write("fatal " .. tostring(err) .. "\n")
    os.exit(0, true)
  end
  told:write(("%s %s\n"):format(item["client-ref"], err and err.outcome or "accepted"))
  number = number + 1
  if number == at then os.execute(command) end
end
told:write "done\n"
