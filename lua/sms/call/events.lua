--- Tells the client's `on_event` what happens in a call.

local counters = require "sms.call.counters"

local events = {}

local WARNINGS = 20 -- that a client keeps

-- What a hook raises is dropped, also later: where it slept in its loop, that goes on with it.
local function guarded(hook, value)
  pcall(hook, value)
end

local telling = 0 -- hooks that run now, one in the other

-- Nobody else keeps the coroutine: nginx would resume one that waits and has been collected.
local function run(hook, value)
  local thread = coroutine.create(guarded)
  coroutine.resume(thread, hook, value)
end

local ngx = rawget(_G, "ngx")
local hooks = ngx and ngx.timer and require "sms.runtime.nginx.hooks"

--- How many hooks run now, one in the other: nobody in there must wait for what they are told of,
--- but for what was begun in them. In nginx none runs in a call.
---@return integer
function events.depth()
  return telling
end

--- Calls a hook, in a coroutine of its own: where it yields it is left there, and neither that nor
--- what it raises, nor a lack of memory for it, is the caller's. In nginx a timer does so later.
---@param hook function
---@param value any
function events.tell(hook, value)
  if hooks then
    pcall(hooks.tell, run, hook, value)
    return
  end
  telling = telling + 1
  pcall(run, hook, value)
  telling = telling - 1
end

--- A warning is kept, though nobody may hear it now.
local function keep(call, message)
  local warned = call.client.warned
  if #warned >= WARNINGS then
    table.remove(warned, 1)
  end
  warned[#warned + 1] = { time = os.time(), message = message }
  counters.note("sms_warnings_total", call)
end

--- The last warnings of a client, the oldest first.
---@param client table
---@return { time: integer, message: string }[]
function events.warnings(client)
  local list = {}
  for i, warning in ipairs(client.warned) do
    list[i] = { time = warning.time, message = warning.message }
  end
  return list
end

--- Tells the hook of a call's client.
---@param call table
---@param event { name: string, seconds: number?, status: integer?, message: string? }
function events.emit(call, event)
  local hook = call.client.settings.on_event
  if event.name == "warning" then
    pcall(keep, call, event.message) -- for want of memory nothing fails here
  end
  if not hook then
    return
  end
  event.provider = call.client.provider.name
  event.operation = call.operation and call.operation[1]
  event.attempt = call.attempt
  events.tell(hook, event)
end

--- Tells that a request begins.
---@param call table
---@param host string
function events.request(call, host)
  call.server = call.client.settings.urls[host]:match "^%a+://[^/?#]+"
  events.emit(call, { name = "request", method = call.operation.method, server = call.server })
end

--- Tells how a request ended.
---@param call table
---@param status integer?
---@param failure table?
---@param seconds number
function events.response(call, status, failure, seconds)
  failure = failure or {}
  events.emit(call, { name = "response", method = call.operation.method, server = call.server,
    seconds = seconds, status = status, kind = failure.kind, message = failure.message })
end

return events
