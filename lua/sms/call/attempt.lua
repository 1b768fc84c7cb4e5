--- One attempt of a call at one host: take its slots (sms.slots), send, give the slots back,
--- read what came.

local auth = require "sms.wire.auth"
local bearer = require "sms.call.bearer"
local core = require "sms.core"
local events = require "sms.call.events"
local outcome = require "sms.wire.outcome"
local request = require "sms.wire.request"
local retry = require "sms.wire.retry"
local slots = require "sms.call.slots"
local way = require "sms.wire.way"

local attempt = {}

local LEASE_RESERVE = 1 -- seconds an attempt's slot outlives its time-out
attempt.LEASE_RESERVE = LEASE_RESERVE
local LONGEST_HOLD = 300 -- seconds a throttling answer may stop all calls

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
    message = ("the deadline of %g s was over before the request was sent")
      :format(call.chosen.deadline),
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

local function failure_of_start(call, why)
  call.over = true
  return { kind = "internal", outcome = "not_sent", message = UNSTARTED[why] or why }
end

--- The request, with what says how it is authenticated; its body, where that is written
--- already.
local function build(call, host)
  local self, operation, kind = call.client, call.operation, call.way.auth
  if kind == "bearer" then
    local token, why = bearer.renew(call)
    if not token then
      return nil, failure_of_start(call, why)
    end
  end
  local body, url = call.body, self.settings.urls[host]
  if body and operation.body then
    return way.head(self, operation, call.way, host), body
  elseif body then
    return request.with_query(operation, url, body, kind)
  end
  local signed = kind == "signature"
  local built = request.build(operation, call.params, url, call.extra, signed)
  return auth.apply(built, kind, signed and auth.signer(self, os.time()))
end

--- Seconds that an attempt may take.
local function time_for(call, now)
  local left, timeout = call.ends_at - now, call.chosen.timeout
  if left < 0 then
    return 0
  end
  return left < timeout and left or timeout
end

--- A call of send_all has its slots: now its deadline begins, or goes on, and its journal
--- is told.
---@return table? failure
local function begin_bulk(call, claims, since)
  local now, operation = core.now(), call.operation
  if call.ends_at < math.huge then
    call.ends_at = call.ends_at + now - since
  else
    call.ends_at = now + call.chosen.deadline
    call.began_at, call.trusted_until = os.time(), now + (operation.trusted_for or 0)
  end
  local ok, why = call.bulk.begin(call)
  if not ok then
    claims:refund(core.now())
    call.over = true
    return { kind = "internal", outcome = "not_sent", message = why }
  end
end

--- Sends the request once; an expired slot means waiting for another one.
local function perform(call, host)
  local self = call.client
  while true do
    local now = core.now()
    local lease = time_for(call, now) + LEASE_RESERVE
    if lease <= LEASE_RESERVE then
      return nil, failure_of_deadline(call)
    end
    local claims, taken = slots.acquire(call, now, lease)
    if not claims then
      return nil, taken
    end
    local failure = call.bulk and begin_bulk(call, claims, now)
    if failure then
      return nil, failure
    end
    local built, body = build(call, host)
    if not built then
      claims:refund(core.now())
      return nil, body
    end
    if self.settings.on_event then
      events.emit(call, { name = "request" })
    end
    local time = time_for(call, taken)
    local reply, why = call.runtime.perform(self.transports[host], built, time,
      call.chosen.connect_timeout, taken + lease, body)
    now = core.now()
    if reply and reply.sent then
      claims:finish(now)
    else
      claims:refund(now)
    end
    if not reply then
      return nil, failure_of_start(call, why)
    elseif reply.ending ~= "too_late" then
      return reply, claims, taken
    end
  end
end

--- Makes one attempt, or reads one that sms.exchange has made.
---@param call table
---@param host string
---@param reply table? what came
---@param claims table? its slots, given back
---@param taken number? when they were taken
---@return any result nil where it failed
---@return table? failure kind, outcome, message and what else is known
function attempt.at(call, host, reply, claims, taken)
  if not reply then
    reply, claims, taken = perform(call, host)
    if not reply then
      return nil, claims
    end
  end
  local self = call.client
  local ended_at = self.settings.on_event and core.now()
  if reply.ending == "timed_out" then
    reply.bound, reply.bound_seconds = bound_of(call, reply, time_for(call, taken))
    call.over = reply.bound == "deadline" -- though its timer may have been a moment early
  end
  local result, failure = outcome.read(self.provider, call.operation, reply, call.texts,
    self.credentials, call.params)
  if failure and call.way.auth == "bearer" and reply.status == 401 then
    bearer.note_refusal(call, failure, reply, os.time())
  end
  if self.settings.on_event then
    events.emit(call, { name = "response", seconds = ended_at - taken,
      message = failure and failure.message, status = reply.status >= 200 and reply.status or nil })
  end
  if not failure then
    return result
  end
  failure.retry_after = retry.after(reply.retry_after, os.time()) or failure.retry_after
  if failure.kind == "rate_limited" then
    failure.retry_after = failure.retry_after or retry.after_throttling(call.attempt)
    claims:hold(core.now() + math.min(failure.retry_after, LONGEST_HOLD))
  end
  return nil, failure
end

return attempt
