--- Repeats of a call: when the next one is made, and what one of them tells of those before.

local core = require "sms.core"
local counters = require "sms.call.counters"
local retry = require "sms.wire.retry"
local state = require "sms.call.state"

local repeats = {}

--- Whether the provider knows a repeat as such, now or when it asked for it to come, and the
--- caller relies on that.
---@param call table
---@param failure table of its last attempt
---@return boolean?
function repeats.are_known(call, failure)
  local now = state.now(call)
  return call.trusts
    and now + (failure.retry_after or 0) < (state.trusted_until(call, now) or math.huge)
end

--- Seconds to wait before the call may be repeated, or nil.
---@param call table
---@param failure table of its last attempt
---@return number?
function repeats.pause_before(call, failure)
  if call.over or state.is_over(call)
    or not (failure.retryable or call.renews and failure.status == 401) then
    return nil
  end
  local delay = retry.delay(call.chosen.retry, call.attempt, failure, core.random())
  local now = state.now(call)
  local before = state.trusted_until(call, now) or call.ends_at
  if not delay or now + delay >= math.min(before, call.ends_at) then
    return nil
  end
  if not retry.spend(call.client.budget) then
    counters.note("sms_retry_budget_spent_total", call)
    return nil
  end
  return delay
end

--- A refusal of a repeat that shows that an earlier attempt, whose answer was lost, was
--- taken: its result, or nil.
---@param call table
---@param failure table of the repeat
---@param asker fun(call: table): function what asks the provider, for the call
---@return any
function repeats.accepted(call, failure, asker)
  if not call.unclear then
    return nil
  elseif failure.kind == "not_found" and call.operation.method == "DELETE" then
    return {}
  elseif failure.kind == "duplicate" and call.trusts then
    return call.operation.find_accepted(call.params, call.began_at, asker(call))
  end
end

--- Waits before a repeat; a call that is over meanwhile does not go on waiting.
---@param call table
---@param ready number when it is over, by the clock of its client
function repeats.rest(call, ready)
  local pause, nap = ready - state.now(call), call.client.clock.nap
  while pause > nap and not state.is_over(call) do
    call.runtime.sleep(nap)
    pause = ready - state.now(call)
  end
  if pause > 0 and not state.is_over(call) then
    call.runtime.sleep(pause)
  end
end

return repeats
