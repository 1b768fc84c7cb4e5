--- One call from top to bottom: read this file first.
---
---   check -> ask: one attempt at each host that must be asked (sms.attempt)
---   -> repeat, where that is certain to be safe, or return

local attempt = require "sms.call.attempt"
local auth = require "sms.wire.auth"
local core = require "sms.core"
local each = require "sms.bulk.each"
local errors = require "sms.base.errors"
local events = require "sms.call.events"
local exchange = require "sms.call.exchange"
local hosts = require "sms.call.hosts"
local outcome = require "sms.wire.outcome"
local params = require "sms.wire.params"
local request = require "sms.wire.request"
local retry = require "sms.wire.retry"
local runtime = require "sms.runtime"
local schema = require "sms.schema"
local way = require "sms.wire.way"

local client = {}

local LONGEST_NAP = 1 -- seconds until a call of send_all sees that it has ended

--- Seconds to wait before the call may be repeated, or nil.
local function pause_before_retry(call, failure)
  if call.over or call.bulk and call.bulk.is_over()
    or not (failure.retryable or call.renews and failure.status == 401) then
    return nil
  end
  local delay = retry.delay(call.chosen.retry, call.attempt, failure, core.random())
  local before = call.unclear and call.trusted_until or call.ends_at
  if not delay or core.now() + delay >= math.min(before, call.ends_at) then
    return nil
  end
  return retry.spend(call.client.budget) and delay or nil
end

--- A refusal of a repeat that shows that an earlier attempt, whose answer was lost, was
--- taken: its result, or nil.
local function settled_by_repeat(call, failure)
  if not call.unclear then
    return nil
  elseif failure.kind == "not_found" and call.operation.method == "DELETE" then
    return {}
  elseif failure.kind == "duplicate" and call.trusts then
    return call.operation.find_accepted(call.params, call.began_at, call.ask)
  end
end

--- Waits before a repeat; where send_all ends meanwhile, its calls do not go on waiting.
local function rest(call, pause)
  local ready = core.now() + pause
  while call.bulk and pause > LONGEST_NAP and not call.bulk.is_over() do
    call.runtime.sleep(LONGEST_NAP)
    pause = ready - core.now()
  end
  if pause > 0 and not (call.bulk and call.bulk.is_over()) then
    call.runtime.sleep(pause)
  end
end

--- The call with its repeats; its first attempt may have been made by sms.exchange.
local function run(call, reply, claims, taken)
  local operation, counts = call.operation, call.client.counts
  counts.calls = counts.calls + 1
  retry.earn(call.client.budget)
  while true do
    call.attempt = call.attempt + 1
    local result, failure
    if operation.ask then
      result, failure = hosts.ask(call, attempt.at)
    else
      result, failure = attempt.at(call, operation.hosts[1], reply, claims, taken)
      reply = nil
    end
    result = result or settled_by_repeat(call, failure)
    if result then
      return result
    end
    failure.outcome = outcome.of_call(operation, failure.outcome, call.unclear)
    call.unclear = failure.outcome == "ambiguous"
    failure.retryable = retry.is_retryable(operation, failure, call.trusts)
    local pause = pause_before_retry(call, failure)
    if not pause then
      failure.provider, failure.operation = call.client.provider.name, operation[1]
      counts.failures = counts.failures + 1
      return nil, errors.new(failure)
    end
    counts.retries = counts.retries + 1
    events.emit(call, { name = "retry", seconds = pause, message = failure.message })
    rest(call, pause)
  end
end

--- A call of one operation, its params checked, or written as a body already. `ends_at` is
--- that of the call which it is a part of, if it is.
local function new_call(self, operation, sent, chosen, here, ends_at)
  return {
    client = self,
    operation = operation,
    params = sent,
    chosen = chosen,
    body = nil, -- where it is written already
    host = nil, -- the only one to ask
    bulk = nil, -- what is asked for a call of send_all: { use, is_over, begin }
    extra = chosen.extra,
    texts = sent.messages and params.texts(sent) or sent.text, -- no error may show them
    way = self.ways[operation] or way.of(self, operation),
    place = operation.remember and sent[operation.remember],
    runtime = here,
    attempt = 0,
    ends_at = ends_at or core.now() + chosen.deadline,
    waited = 0, -- seconds, for slots
  }
end

--- Lets a call make others as parts of itself, and know its repeats again.
local function equip(call)
  local self, operation = call.client, call.operation
  function call.ask(name, given)
    local other = self.operations[name]
    local sent = schema.check(other, given, self.settings)
    local part = new_call(self, other, sent, call.chosen, call.runtime, call.ends_at)
    part.extra = nil -- it belongs to the call itself
    return run(part)
  end
  if operation.is_deduplicated then
    call.trusts = call.chosen.retry.trust_duplicate_detection
      and operation.is_deduplicated(call.params)
    call.trusted_until = core.now() + operation.trusted_for
    call.began_at = os.time()
  end
end

--- A call whose params the steps in Lua check, or an error.
local function checked_call(self, operation, given, chosen, here)
  local sent, err, warnings = params.check(self, operation, given, chosen.extra)
  if not sent then
    return nil, err
  end
  local call = new_call(self, operation, sent, chosen, here)
  if operation.complete or operation.is_deduplicated then
    equip(call)
  end
  for _, warning in ipairs(warnings) do
    events.emit(call, { name = "warning", message = warning })
  end
  if operation.complete then
    err = operation.complete(sent, call.ask)
    if err then
      err.operation = operation[1]
      return nil, err
    end
  end
  return call
end

--- Calls an operation.
---@param self table the client
---@param operation table
---@param given table? params with the documented keys
---@param chosen table of options.for_call
---@param host string? the only one to ask
---@return any result nil where it failed
---@return table? err
function client.call(self, operation, given, chosen, host)
  local here = runtime.current(self.settings.runtime)
  local why = here.cannot_wait and here.cannot_wait()
  if why then
    return nil, params.invalid(self, operation, { { path = "", message = why } })
  end
  local result, reply, claims, taken, body = exchange.first(self, operation, given, chosen, here)
  if result then
    self.counts.calls = self.counts.calls + 1
    retry.earn(self.budget)
    return result
  end
  local call, err
  body = body or not reply and params.body(self, operation, given, chosen) or nil
  if body or reply then
    call = new_call(self, operation, given, chosen, here, taken and taken + chosen.deadline)
  else
    call, err = checked_call(self, operation, given, chosen, here)
  end
  if not call then
    return nil, err
  end
  call.body, call.host = body, host
  return run(call, reply, claims, taken)
end

--- Makes a call of send_all, whose params are checked.
---@param self table the client
---@param operation table
---@param sent table
---@param chosen table of options.for_call
---@param bulk table { body, warnings, use, is_over, begin }
---@return any result nil where it failed
---@return table? err
function client.send(self, operation, sent, chosen, bulk)
  local here = runtime.current(self.settings.runtime)
  local call = new_call(self, operation, sent, chosen, here, math.huge)
  call.body, call.bulk = bulk.body, bulk
  if operation.is_deduplicated then
    equip(call)
  end
  for _, warning in ipairs(bulk.warnings) do
    events.emit(call, { name = "warning", message = warning })
  end
  return run(call)
end

--- The items of all pages of a list (see sms.each).
---@param self table the client
---@param operation table
---@param given table? params
---@param chosen table of options.for_call, for each page
---@return fun(): any, table?
function client.each(self, operation, given, chosen)
  local places = { false }
  if operation.paging.unit == "records" then -- pages are counted by each host for itself
    places = hosts.of { client = self, operation = operation }
  end
  return each.items(operation.paging, given, places, function(page, host)
    return client.call(self, operation, page, chosen, host or nil)
  end)
end

--- The request that a call would send, secrets masked; sends nothing.
---@param self table the client
---@param operation table
---@param given table? params
---@return { method: string, url: string, headers: table<string, string>, body: string? }?
---@return table? err
function client.prepare(self, operation, given)
  local sent, err = params.check(self, operation, given)
  if not sent then
    return nil, err
  end
  local kind = auth.kind(self, operation)
  local url = self.settings.urls[operation.hosts[1]]
  local built = request.build(operation, sent, url, nil, kind == "signature")
  return auth.masked(auth.apply(built, kind, auth.signer(self, os.time())),
    self.provider.auth_parameters)
end

return client
