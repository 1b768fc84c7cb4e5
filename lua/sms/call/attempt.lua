--- One attempt of a call at one host: claim its slots (sms.call.slots), write the request,
--- perform it, settle the slots, read the reply. The only way to the network.

local auth = require "sms.wire.auth"
local bearer = require "sms.call.bearer"
local core = require "sms.core"
local endpoint = require "sms.call.endpoint"
local errors = require "sms.base.errors"
local events = require "sms.call.events"
local outcome = require "sms.wire.outcome"
local plain = require "sms.base.plain"
local request = require "sms.wire.request"
local retry = require "sms.wire.retry"
local slots = require "sms.call.slots"
local state = require "sms.call.state"

local attempt = {}

local clock, perform = core.now, nil

local LEASE_RESERVE = 1 -- seconds an attempt's slot outlives its time-out
local LONGEST_HOLD = 300 -- seconds a throttling answer may stop the calls of its quota

local UNSTARTED = {
  ["no memory"] = "there is not enough memory for the request",
  ["too large"] = "the request is larger than allowed",
  invalid = "the request cannot be sent: a credential is missing, or a URL is wrong",
}

local function failure_of_deadline(call)
  call.over = true
  return {
    kind = "timeout",
    outcome = "not_sent",
    message = ("the deadline of %s s was over before the request was sent")
      :format(plain.number("%g", call.chosen.deadline)),
  }
end

--- Says which of the times was over, for a reply that timed out.
local function bound_of(call, reply, attempt_time)
  if attempt_time < call.chosen.timeout then
    return "deadline", call.chosen.deadline
  end
  local connecting = reply.phase == "lookup" or reply.phase == "connect" or reply.phase == "tls"
  if connecting and call.chosen.connect_timeout < call.chosen.timeout then
    return "connect_timeout", call.chosen.connect_timeout
  end
  return "timeout", call.chosen.timeout
end

--- The request, with what says how it is authenticated; its body, where that is written.
local function build(call, host)
  local self, operation, kind = call.client, call.operation, call.endpoint.auth
  if kind == "bearer" then
    local token, why = bearer.renew(call)
    if not token then
      return nil, why
    end
  end
  local body, url = call.body, self.settings.urls[host]
  if body and operation.body then
    return endpoint.head(self, operation, call.endpoint, host), body
  elseif body then
    return request.with_query(operation, url, body, kind)
  end
  local signed = kind == "signature"
  local extra = not call.is_part and call.chosen.extra or nil -- it belongs to the call itself
  local built = request.build(operation, call.params, url, extra, signed)
  return auth.apply(built, kind, signed and auth.signer(self, os.time()))
end

--- Seconds that an attempt may take.
local function time_for(call, now)
  return math.max(0, math.min(call.ends_at - now, call.chosen.timeout))
end

--- Says more of how an attempt ended that has no answer.
local function complete_ending(call, answer)
  if answer.ending == "timed_out" then
    answer.bound, answer.bound_seconds = bound_of(call, answer, time_for(call, call.taken))
    call.over = answer.bound == "deadline" -- though its timer may have been a moment early
  elseif answer.ending == "cancelled" and call.client.closed then
    answer.is_closed = true
  end
end

--- A call that has its slots and is not sent.
local function give_up(call, claims, kind, message)
  claims:settle(false, clock())
  call.over = true
  return { kind = kind, outcome = "not_sent", message = message }
end

--- A call of send_all has its slots: now its deadline begins, or goes on, and its journal
--- is told.
---@return table? failure
local function begin_bulk(call, claims, since)
  local now = clock()
  if call.ends_at < math.huge then
    call.ends_at = call.ends_at + now - since
  else
    call.ends_at = now + call.chosen.deadline
    state.begin_trust(call, now)
  end
  local ok, why, kind = call.bulk.begin(call)
  return not ok and give_up(call, claims, kind or "internal", why) or nil
end

--- What a throttling answer says of the calls of its quota after it.
local function note_throttling(call, failure, claims)
  failure.retry_after = failure.retry_after or retry.after_throttling(call.attempt)
  claims:hold(clock() + math.min(failure.retry_after, LONGEST_HOLD))
end

local function emit_response(call, status, failure, ended_at)
  events.emit(call, { name = "response", seconds = ended_at - call.taken, status = status,
    message = failure and failure.message })
end

--- Adds to a failure what its answer told beside its body.
local function complete(call, failure, status, claims, retry_after, date)
  if status == 401 and call.endpoint.auth == "bearer" then
    bearer.note_refusal(call, failure, date, os.time())
  end
  failure.retry_after = retry.after(retry_after, date, os.time()) or failure.retry_after
  if failure.kind == "rate_limited" then
    note_throttling(call, failure, claims)
  end
end

--- What the attempt comes to.
local function read(call, claims, status, answer, retry_after, date)
  local self = call.client
  local ended_at = self.settings.on_event and clock()
  if status then
    call.claims = claims -- they serve again
  else
    complete_ending(call, answer)
    -- Not where some of the request may still arrive, or nobody knows.
    call.claims = not answer.keeps_slots and claims or nil
  end
  local result, failure = outcome.read(self.provider, call.operation, status, answer,
    call.params, self.credentials)
  if failure then
    complete(call, failure, status, claims, retry_after, date)
  end
  if ended_at then
    emit_response(call, status or answer.status >= 200 and answer.status or nil, failure, ended_at)
  end
  return result, failure
end

--- Looks, with the slots at hand, at what calls of send_all and repeats wait for.
---@return table? failure
---@return number? start_before no first byte may leave after it
local function begin(call, claims, since, taken, lease)
  local failure = call.bulk and begin_bulk(call, claims, since)
  local trusted = not failure and state.trusted_until(call, taken)
  if trusted and trusted <= taken then -- it would not be known as a repeat
    failure = give_up(call, claims, "timeout",
      "duplicate detection may have forgotten the first attempt")
  end
  return failure, math.min(taken + lease, trusted or math.huge)
end

--- A request that could not be started; its slots are free again.
local function failure_of_start(call, claims, why)
  if why == "closed" then
    return give_up(call, claims, "cancelled", "the client was closed before it was sent")
  end
  return give_up(call, claims, "internal", UNSTARTED[why] or why)
end

--- Sends the request, and reads what comes; an expired slot means waiting for another one.
local function send(call, host, time, claims, start_before)
  local self, known, body = call.client, call.endpoint, call.body
  local head = body and known.heads[host]
  if not head then
    head, body = build(call, host)
    if not head then
      return nil, failure_of_start(call, claims, body)
    end
  end
  if self.settings.on_event then
    events.emit(call, { name = "request" })
  end
  call.may_be_sent = true
  local status, answer, retry_after, date = call.runtime.perform(self.transports[host], head,
    time, call.chosen.connect_timeout, start_before, body, claims)
  if not status and not answer then
    return nil, failure_of_start(call, claims, retry_after)
  elseif type(claims) == "table" and not (answer and answer.keeps_slots) then -- not in C
    claims:settle(status or answer.sent, clock())
  end
  if not status and answer.ending == "too_late" then
    return perform(call, host)
  end
  return read(call, claims, status, answer, retry_after, date)
end

--- Sends the request once, as soon as there are slots.
function perform(call, host)
  local now, time = call.now or clock(), call.chosen.timeout
  call.now = false
  call.may_be_sent = false
  if call.ends_at - now < time then
    time = call.ends_at - now
    if time <= 0 then
      return nil, failure_of_deadline(call)
    end
  end
  local lease = time + LEASE_RESERVE
  local claims, taken = slots.acquire(call, now, lease)
  if not claims then
    return nil, taken
  end
  local start_before = taken + lease
  call.taken = taken
  if call.bulk or call.unclear then
    local failure
    failure, start_before = begin(call, claims, now, taken, lease)
    if failure then
      return nil, failure
    end
  end
  if taken ~= now or call.bulk then -- it has waited, or its deadline begins here
    time = time_for(call, taken)
  end
  return send(call, host, time, claims, start_before)
end

--- Makes one attempt.
---@param call table
---@param host string
---@return any result nil where it failed
---@return table? failure kind, outcome, message and what else is known
function attempt.perform(call, host)
  local ok, result, failure = pcall(perform, call, host)
  if ok then
    return result, failure
  elseif result ~= errors.OUT_OF_MEMORY then
    error(result, 0) -- Ctrl-C, for one
  end
  call.over = true
  return nil, { kind = "internal", outcome = call.may_be_sent and "ambiguous" or "not_sent",
    message = "memory ran out" }
end

return attempt
