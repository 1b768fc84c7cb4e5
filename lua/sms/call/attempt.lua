--- One attempt of a call at one host: claim its slots (sms.call.slots), write the request,
--- perform it, settle the slots, read the reply. The only way to the network.

local auth = require "sms.wire.auth"
local bearer = require "sms.call.bearer"
local core = require "sms.core"
local counters = require "sms.call.counters"
local endpoint = require "sms.call.endpoint"
local errors = require "sms.base.errors"
local events = require "sms.call.events"
local limits = require "sms.limits"
local outcome = require "sms.wire.outcome"
local request = require "sms.wire.request"
local retry = require "sms.wire.retry"
local slots = require "sms.call.slots"
local state = require "sms.call.state"

local attempt = {}

local acquire, now_of, read_end = limits.acquire, state.now, outcome.read
local ended_of = state.ended

local count_latency = core.count_latency
local LEASE_RESERVE = 1 -- seconds an attempt's slot outlives its time-out
local LONGEST_HOLD = 300 -- seconds a throttling answer may stop the calls of its quota

local UNSTARTED = {
  ["no memory"] = "there is not enough memory for the request",
  ["no files"] = "no more files may be opened (ulimit -n; fs.file-max)",
  failed = "libcurl or OpenSSL refuses the request",
  ["too large"] = "the request is larger than allowed",
  invalid = "the request cannot be sent: a credential is missing, or a URL is wrong",
}

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
  return auth.apply(built, kind, signed and auth.signer(self, state.date(self)))
end

--- Seconds that an attempt may take.
local function time_for(call, now)
  return math.max(0, math.min(call.ends_at - now, call.chosen.timeout))
end

--- What a throttling answer says of the calls of its quota after it.
local function note_throttling(call, failure, claims)
  failure.retry_after = failure.retry_after or retry.after_throttling(call.attempt)
  claims:hold(ended_of(call) + math.min(failure.retry_after, LONGEST_HOLD))
end

--- Adds to a failure what its answer told beside its body.
local function complete(call, failure, status, claims, retry_after, date)
  if status == 401 and call.endpoint.auth == "bearer" then
    bearer.note_refusal(call, failure, date, state.date(call.client))
  end
  failure.retry_after = retry.after(retry_after, date, state.date(call.client))
    or failure.retry_after
  if failure.kind == "rate_limited" then
    note_throttling(call, failure, claims)
  end
end

--- A request that could not be started; its slots are free again.
local function failure_of_start(call, claims, why)
  if why == "closed" then
    return slots.give_up(call, claims, "cancelled", "the client was closed before it was sent")
  end
  return slots.give_up(call, claims, "internal", UNSTARTED[why] or why)
end

--- Sees to an attempt that ended without a whole answer, and says more of how it did.
---@return boolean is_late its slots had expired: nothing was sent
local function note_ending(call, claims, in_core, ending)
  if not (in_core or ending.keeps_slots) then
    claims:settle(ending.sent, ended_of(call))
  end
  -- They serve again, but where some of the request may still arrive, or nobody knows.
  call.claims = in_core and not ending.keeps_slots and claims or nil
  if ending.ending == "timed_out" then
    ending.bound, ending.bound_seconds = bound_of(call, ending, time_for(call, call.taken))
    call.over = ending.bound == "deadline" -- though its timer may have been a moment early
  elseif ending.ending == "cancelled" and call.client.closed then
    ending.is_closed = true
  end
  return ending.ending == "too_late"
end

--- Reads what came.
local function conclude(call, claims, status, answer, retry_after, date)
  local self = call.client
  local seconds = count_latency(call.endpoint.tally, call.taken - self.clock.ahead)
  local result, failure = read_end(self.provider, call.operation, status, answer, call.params,
    self.credentials, call.way)
  if failure then
    complete(call, failure, status, claims, retry_after, date)
  end
  if self.settings.on_event then
    events.response(call, status or answer.status >= 200 and answer.status or nil, failure, seconds)
  end
  return result, failure
end

--- The end of a request for which nobody waits any more: a handler in nginx has been killed, or an
--- event loop has gone. Its slots are settled and the call is counted; it is not repeated.
---@param status integer? with the others as of script.perform; where none is given, it never began
---@param is_told boolean? the caller lives, and has been told that the end is not known
---@return any result
---@return table? failure
local function finish(call, claims, status, answer, retry_after, date, is_told)
  local in_core, result, failure = type(claims) ~= "table", nil, nil
  if answer and not status then
    note_ending(call, claims, in_core, answer)
  elseif not (answer and in_core) then
    claims:settle(answer ~= nil, ended_of(call))
  end
  if answer and not is_told then
    result, failure = conclude(call, claims, status, answer, retry_after, date)
  end
  if result then
    call.endpoint.tally.ok = call.endpoint.tally.ok + 1
  elseif not is_told then
    counters.fail(call, failure)
  end
  return result, failure
end

--- Sends the request, and reads what comes; an expired slot means waiting for another one.
---@param in_core boolean? claims are settled in C, as soon as the transfer has ended
local function send(call, host, time, claims, start_before, in_core)
  local self, known, body = call.client, call.endpoint, call.body
  local head, hook = body and known.heads[host], self.settings.on_event
  if not head then
    head, body = build(call, host)
    if not head then
      return nil, failure_of_start(call, claims, body)
    end
  end
  if hook then
    events.request(call, host)
  end
  call.may_be_sent, call.way = true, self.proxied[host]
  local status, answer, retry_after, date = call.runtime.perform(self.transports[host], head, time,
    call.chosen.connect_timeout, start_before - self.clock.ahead, body, claims, finish, call)
  if not status then
    if not answer then
      return nil, failure_of_start(call, claims, retry_after)
    elseif note_ending(call, claims, in_core, answer) then
      return attempt.perform(call, host)
    end
  elseif in_core then
    call.claims = claims -- they serve again
  else
    claims:settle(true, ended_of(call))
  end
  return conclude(call, claims, status, answer, retry_after, date)
end

--- Makes one attempt: sends the request once, as soon as there are slots.
---@param call table
---@param host string
---@return any result nil where it failed
---@return table? failure kind, outcome, message and what else is known
function attempt.perform(call, host)
  local known, bulk, time = call.endpoint, call.bulk, call.chosen.timeout
  local now = call.now or now_of(call)
  call.now = false
  call.may_be_sent = false
  if call.ends_at - now < time then
    time = call.ends_at - now
    if time <= 0 then
      return nil, slots.failure_of_deadline(call)
    end
  end
  local lease, taken = time + LEASE_RESERVE, now
  if call.client.closed or bulk and state.is_over(call) then
    return nil, slots.failure_of_end(call)
  end
  local claims, wait, ticket = acquire(known.limits, now, lease, call.params,
    bulk and bulk.use, call.claims, known.quota)
  if not claims then
    claims, taken = slots.wait(call, lease, now, wait, ticket)
    if not claims then
      return nil, taken
    end
    time = time_for(call, taken)
  end
  local in_core, start_before = known.limits.in_core, taken + lease
  call.taken = taken
  if bulk or call.unclear then
    local failure
    failure, start_before = slots.begin(call, claims, now, taken, lease)
    if failure then
      return nil, failure
    end
    time = time_for(call, taken) -- the deadline of send_all begins here
  end
  return send(call, host, time, claims, start_before, in_core)
end

--- Runs what makes the attempts of a call. Where memory runs out, in an attempt or between two, the
--- call ends, and is told by what may have been sent.
---@param run fun(call: table): any, table?
---@param call table
---@param fail fun(call: table, failure: table): nil, table takes no memory where a failure has
--- all fields
---@return any result
---@return table? err
function attempt.guard(run, call, fail)
  local ok, result, err = pcall(run, call)
  if ok then
    return result, err
  elseif result ~= errors.OUT_OF_MEMORY then
    error(result, 0) -- Ctrl-C, for one
  end
  local is_unclear = call.unclear or call.may_be_sent
  return fail(call, { kind = "internal", outcome = is_unclear and "ambiguous" or "not_sent",
    message = "memory ran out", retryable = false, provider = "", operation = "" })
end

return attempt
