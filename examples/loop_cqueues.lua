--- Sends a text to several numbers from a program that lives in a cqueues loop, and does
--- something else meanwhile.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/loop_cqueues.lua "Hello from Lua" 447700900000 447700900001
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local cqueues = require "cqueues"
local loop = require "sms.runtime.loop"
local sms = require "sms"

local text = table.remove(arg, 1)
if not arg[1] then
  io.stderr:write "usage: lua5.4 examples/loop_cqueues.lua TEXT NUMBER…\n"
  os.exit(2)
end

local nexmo = sms.nexmo { runtime = loop.cqueues() }
local queue, open, failed, turns = cqueues.new(), #arg, 0, 0

for _, number in ipairs(arg) do
  queue:wrap(function()
    local result, err = nexmo:send_sms { from = "Acme", to = number, text = text }
    print(number, result and result.messages[1]["message-id"] or tostring(err))
    failed = failed + (result and 0 or 1)
    open = open - 1
  end)
end

queue:wrap(function()
  while open > 0 do -- whatever else the program does
    turns = turns + 1
    cqueues.sleep(0.001)
  end
end)

assert(queue:loop()) -- ends when nobody waits for anything any more
print(("the loop turned %d times meanwhile"):format(turns))
os.exit(failed == 0 and 0 or 1)
