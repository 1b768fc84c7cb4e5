--- One attempt of a call at one host: claim its slots (sms.call.slots), write the request,
--- perform it, settle the slots, read the reply. The only way to the network.

local auth = require "sms.wire.auth"
local bearer = require "sms.call.bearer"
local core = require "sms.core"
local endpoint = require "sms.call.endpoint"
local events = require "sms.call.events"
local outcome = require "sms.wire.outcome"
local request = require "sms.wire.request"
local retry = require "sms.wire.retry"
local slots = require "sms.call.slots"

local attempt = {}

local LEASE_RESERVE = 1 -- seconds an attempt's slot outlives its time-out
local LONGEST_HOLD = 300 -- seconds a throttling answer may stop all calls

local OUT_OF_MEMORY = "not enough memory" -- what Lua and LuaJIT raise

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
  local self, operation, kind = call.client, call.operation, call.endpoint.auth
  if kind == "bearer" then
    local token, why = bearer.renew(call)
    if not token then
      return nil, failure_of_start(call, why)
    end
  end
  local body, url = call.body, self.settings.urls[host]
  if body and operation.body then
    return endpoint.head(self, operation, call.endpoint, host), body
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
    claims:settle(false, core.now())
    call.over = true
    return { kind = "internal", outcome = "not_sent", message = why }
  end
end

--- Gives the slots back; those of a request whose end is unknown are freed by their lease.
local function settle(claims, reply)
  if not reply then
    claims:settle(false, core.now())
  elseif not reply.is_unknown then
    claims:settle(reply.sent, core.now())
  end
end

--- Sends the request once; an expired slot means waiting for another one.
---@return table? reply
---@return table claims its slots, or the failure
---@return number? taken when they were
local function exchange(call, host)
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
    local head, body = build(call, host)
    if not head then
      claims:settle(false, core.now())
      return nil, body
    end
    if self.settings.on_event then
      events.emit(call, { name = "request" })
    end
    call.is_under_way = true
    local reply, why = call.runtime.perform(self.transports[host], head, time_for(call, taken),
      call.chosen.connect_timeout, taken + lease, body)
    settle(claims, reply)
    if not reply then
      return nil, failure_of_start(call, why)
    elseif reply.ending ~= "too_late" then
      return reply, claims, taken
    end
    call.is_under_way = false
  end
end

--- What a throttling answer says of the calls after it.
local function note_throttling(call, failure, claims)
  failure.retry_after = failure.retry_after or retry.after_throttling(call.attempt)
  claims:hold(core.now() + math.min(failure.retry_after, LONGEST_HOLD))
end

local function emit_response(call, reply, failure, seconds)
  events.emit(call, { name = "response", seconds = seconds,
    message = failure and failure.message, status = reply.status >= 200 and reply.status or nil })
end

--- What the reply comes to.
local function read(call, reply, claims, taken)
  local self = call.client
  local ended_at = self.settings.on_event and core.now()
  if reply.ending == "timed_out" then
    reply.bound, reply.bound_seconds = bound_of(call, reply, time_for(call, taken))
    call.over = reply.bound == "deadline" -- though its timer may have been a moment early
  end
  local result, failure = outcome.read(self.provider, call.operation, reply, call.texts,
    self.credentials, call.params)
  if failure and call.endpoint.auth == "bearer" and reply.status == 401 then
    bearer.note_refusal(call, failure, reply, os.time())
  end
  if ended_at then
    emit_response(call, reply, failure, ended_at - taken)
  end
  if failure then
    failure.retry_after = retry.after(reply.retry_after, os.time()) or failure.retry_after
    if failure.kind == "rate_limited" then
      note_throttling(call, failure, claims)
    end
  end
  return result, failure
end

local function perform(call, host)
  call.is_under_way = false
  local reply, claims, taken = exchange(call, host)
  if not reply then
    return nil, claims
  end
  return read(call, reply, claims, taken)
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
  elseif result ~= OUT_OF_MEMORY then
    error(result, 0) -- Ctrl-C, for one
  end
  call.over = true
  return nil, { kind = "internal", outcome = call.is_under_way and "ambiguous" or "not_sent",
    message = "memory ran out" }
end

return attempt
