--- Sends a text to several numbers from a loop of one's own, here with LuaSocket's select.
---
---   export NEXMO_API_KEY=… NEXMO_API_SECRET=…
---   lua5.4 examples/loop_select.lua "Hello from Lua" 447700900000 447700900001
---
--- With SMS_SANDBOX=DIR, the folder of a sandbox that runs, nothing is sent to anybody.

local loop = require "sms.runtime.loop"
local sms = require "sms"
local socket = require "socket"

local text = table.remove(arg, 1)
if not arg[1] then
  io.stderr:write "usage: lua5.4 examples/loop_select.lua TEXT NUMBER…\n"
  os.exit(2)
end

-- All that the library wants to know of a loop: how to watch a descriptor, how to sleep.
local watched, sleepers = {}, {}
local runtime = loop.new {
  watch = function(descriptor, callback)
    local object = { getfd = function() return descriptor end, callback = callback }
    watched[1] = object
    return function() watched[1] = nil end
  end,
  sleep = function(seconds)
    sleepers[coroutine.running()] = socket.gettime() + seconds
    coroutine.yield()
  end,
}

local nexmo = sms.nexmo { runtime = runtime }
local failed = 0
for _, number in ipairs(arg) do
  coroutine.wrap(function()
    local result, err = nexmo:send_sms { from = "Acme", to = number, text = text }
    print(number, result and result.messages[1]["message-id"] or tostring(err))
    failed = failed + (result and 0 or 1)
  end)()
end

while watched[1] or next(sleepers) do -- the loop
  for _, object in ipairs((socket.select(watched, nil, 0.01))) do
    object.callback()
  end
  local due = {}
  for thread, time in pairs(sleepers) do
    due[#due + 1] = time <= socket.gettime() and thread or nil
  end
  for _, thread in ipairs(due) do
    sleepers[thread] = nil
    assert(coroutine.resume(thread))
  end
end
os.exit(failed == 0 and 0 or 1)
