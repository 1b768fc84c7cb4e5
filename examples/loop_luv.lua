--- Sends a text to several numbers from a program that lives in libuv's loop, and does
--- something else meanwhile.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/loop_luv.lua "Hello from Lua" 447700900000 447700900001
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local loop = require "sms.runtime.loop"
local sms = require "sms"
local uv = require "luv"

local text = table.remove(arg, 1)
if not arg[1] then
  io.stderr:write "usage: lua5.4 examples/loop_luv.lua TEXT NUMBER…\n"
  os.exit(2)
end

local nexmo = sms.nexmo { runtime = loop.luv() }
local failed, turns = 0, 0

local timer = uv.new_timer() -- whatever else the program does
timer:start(0, 1, function()
  turns = turns + 1
end)

coroutine.wrap(function()
  local calls = {}
  for i, number in ipairs(arg) do
    calls[i] = function()
      return nexmo:send_sms { from = "Acme", to = number, text = text }
    end
  end
  for i, answer in ipairs(sms.all(calls)) do -- side by side in the same loop
    local result, err = answer[1], answer[2]
    print(arg[i], result and result.messages[1]["message-id"] or tostring(err))
    failed = failed + (result and 0 or 1)
  end
  timer:close()
end)()

uv.run() -- ends when nobody waits for anything any more
print(("the loop turned %d times meanwhile"):format(turns))
os.exit(failed == 0 and 0 or 1)
