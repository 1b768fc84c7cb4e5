--- Sends a text to everybody in a CSV file through Nexmo, once. Ctrl-C ends it cleanly; run again,
--- it goes on where it was, also after a crash.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/campaign.lua people.csv Acme
---
--- people.csv has the columns number and text. Beside it lies people.csv.journal, which knows what
--- was sent. `sms campaign people.csv` does the same, measures and asks before it starts, and
--- writes what became of each into a file.

local csv_file = require "sms_command.csv.file"
local sms = require "sms"

local path, sender = arg[1], arg[2]
if not sender then
  io.stderr:write "usage: lua5.4 examples/campaign.lua FILE SENDER\n"
  os.exit(2)
end
local file = assert(csv_file.open(path))

--- The next message; nil at the end; nil and why, which ends the whole.
local function next_message()
  local record, why = file:next()
  if not record then
    return nil, why
  end
  return { from = sender, to = record.cells.number, text = record.cells.text,
    ["client-ref"] = "line " .. record.line }
end

local run = sms.nexmo():send_all(next_message, { journal = path .. ".journal" })
local status = 0

--- Prints what becomes of each.
local function tell()
  for message, result, err in run do
    if result then
      print(message["client-ref"], "accepted", result.messages[1]["message-id"])
    elseif message then
      print(message["client-ref"], err.outcome, err.message)
      status = 1
    else
      error(err, 0)
    end
  end
end

local ok, why = pcall(tell)
if not ok then -- Ctrl-C, or the error of the whole
  run:close()
  pcall(tell) -- what was in flight
  io.stderr:write(tostring(why), "\nRun it again to go on.\n")
  status = sms.is_error(why) and 1 or 130
end
os.exit(status)
