--- Tells the client's `on_event` what happens in a call.

local events = {}

--- Calls the hook. It runs in a coroutine of its own: what it raises is dropped, and where
--- it yields it is left there.
---@param call table
---@param event { name: string, seconds: number?, status: integer?, message: string? }
function events.emit(call, event)
  local hook = call.client.settings.on_event
  if not hook then
    return
  end
  event.provider = call.client.provider.name
  event.operation = call.operation and call.operation[1]
  event.attempt = call.attempt
  coroutine.resume(coroutine.create(hook), event)
end

return events
