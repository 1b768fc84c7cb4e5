--- What became of calls whose event loop has gone.

local errors = require "sms.base.errors"
local outcome = require "sms.wire.outcome"

--- Ends a call as its coroutine would have done, but that it is not repeated.
local function conclude(self, waiter)
  local call = waiter.call
  local result, failure = waiter.finish(call, waiter.claims, waiter.status, waiter.answer,
    waiter.retry_after, waiter.date)
  local told = { operation = call.operation[1], params = call.params, result = result }
  if not result then -- where it never began there is no failure either
    failure = failure or { kind = "internal", outcome = "not_sent", message = waiter.retry_after }
    failure.outcome = outcome.of_call(call.operation, failure.outcome, call.unclear)
    failure.provider, failure.operation = self.provider.name, call.operation[1]
    told.err = errors.new(failure)
  end
  return told
end

--- Calls of this client that were under way when their event loop was closed or dropped, each
--- once, when it has ended. What is told here no coroutine is told.
---@param self table the client
---@return { operation: string, params: table, result: any, err: table? }[] ended
---@return integer under_way how many have not ended yet
return function(self)
  local runtime = self.settings.runtime
  local ended, waiters, under_way = {}, {}, 0
  if runtime and runtime.abandoned then
    waiters, under_way = runtime.abandoned(self)
  end
  for i, waiter in ipairs(waiters) do
    ended[i] = conclude(self, waiter)
  end
  return ended, under_way
end
