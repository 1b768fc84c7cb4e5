--- One call from top to bottom: read this file first.
---
---   call.make       check the params, and write them where they are usual (sms.call.state)
---   run             one attempt at each host that must be asked (sms.call.hosts);
---                   repeats where these are certain to be safe (sms.wire.retry)
---   attempt.perform claim slots, write the request, perform, settle, read the reply, outcome

local attempt = require "sms.call.attempt"
local counters = require "sms.call.counters"
local errors = require "sms.base.errors"
local events = require "sms.call.events"
local hosts = require "sms.call.hosts"
local outcome = require "sms.wire.outcome"
local params = require "sms.wire.params"
local repeats = require "sms.call.repeats"
local retry = require "sms.wire.retry"
local runtime = require "sms.runtime"
local schema = require "sms.schema"
local state = require "sms.call.state"

local call = {}

local perform, let_go, let_go_body = attempt.perform, state.let_go, state.let_go_body

local run

--- What lets a call make others as parts of itself, within its own time: operations, or the names
--- of some.
local function asker(made)
  return function(other, given)
    local self = made.client
    other = self.operations[other] or other
    local sent = schema.check(other, given, self.settings)
    local part = state.new(self, other, sent, made.chosen, made.runtime, made.ends_at)
    part.is_part = true
    return run(part)
  end
end

--- Ends a call whose last attempt failed.
local function fail(made, failure)
  failure.provider, failure.operation = made.client.provider.name, made.operation[1]
  counters.fail(made, failure)
  let_go_body(made)
  return nil, errors.new(failure)
end

--- The call with its repeats.
local function attempts_of(made)
  local self, operation = made.client, made.operation
  local budget = self.budget
  budget.calls = budget.calls + 1
  local attempts = 0
  while true do
    attempts = attempts + 1
    made.attempt = attempts
    local result, failure
    if operation.ask then
      result, failure = hosts.ask(made, perform)
    else
      result, failure = perform(made, operation.hosts[1])
    end
    result = result or repeats.accepted(made, failure, asker)
    if result then
      local tally = made.endpoint.tally
      tally.ok = tally.ok + 1
      let_go(made)
      return result
    end
    failure.outcome = outcome.of_call(operation, failure.outcome, made.unclear)
    made.unclear = failure.outcome == "ambiguous"
    made.may_be_sent = failure.outcome ~= "not_sent"
    failure.retryable = retry.is_retryable(operation, failure,
      repeats.are_known(made, failure))
    local pause = repeats.pause_before(made, failure)
    if not pause then
      return fail(made, failure)
    end
    counters.note("sms_retries_total", made)
    local ready = state.now(made) + pause
    events.emit(made, { name = "retry", seconds = pause, message = failure.message })
    repeats.rest(made, ready)
  end
end

function run(made)
  return attempt.guard(attempts_of, made, fail)
end

--- Calls an operation.
---@param self table the client
---@param operation table
---@param given table? params with the documented keys
---@param chosen table options of the call
---@param host string? the only one to ask
---@return any result nil where it failed
---@return table? err
function call.make(self, operation, given, chosen, host)
  local here = self.settings.runtime or runtime.here()
  if here.cannot_wait then
    local why = here.cannot_wait()
    if why then
      return nil, params.invalid(self, operation, { { path = "", message = why } })
    end
  end
  local made, err = state.of_params(self, operation, given, chosen, here)
  if made and operation.complete then
    err = call.complete(made)
  end
  if err then
    counters.refuse(self, operation, err)
    return nil, err
  end
  made.host = host
  return run(made)
end

--- Makes the calls that a call needs beforehand, to complete its params.
---@param made table the call; its operation has `complete`
---@return table? err
function call.complete(made)
  local err = made.operation.complete(made.params, asker(made))
  if err then
    err.operation = made.operation[1]
  end
  return err
end

--- Makes a call of send_all, whose params are checked.
---@param self table the client
---@param operation table
---@param sent table
---@param chosen table options of the call
---@param bulk table { body, warnings, use, not_after, is_over, begin }
---@return any result nil where it failed
---@return table? err
function call.make_checked(self, operation, sent, chosen, bulk)
  local here = self.settings.runtime or runtime.here()
  local made = state.new(self, operation, sent, chosen, here, math.huge)
  made.body, made.bulk = bulk.body, bulk
  state.trust_repeats(made)
  for _, warning in ipairs(bulk.warnings) do
    events.emit(made, { name = "warning", message = warning })
  end
  return run(made)
end

return call
