--- The slots of an attempt: one of every limit, waited for as long as the call may wait.

local core = require "sms.core"
local counters = require "sms.call.counters"
local counts = require "sms.base.counts"
local events = require "sms.call.events"
local limits = require "sms.limits"
local plain = require "sms.base.plain"
local state = require "sms.call.state"

local slots = {}

local function failure_of_rate(call, now, wait, which)
  local cold = call.endpoint.limits:cold(now, call.params)
  local what = cold and "no slot of the rate limit is free yet, since " .. cold .. ", for"
    or "the rate limit is used up for"
  return {
    kind = "rate_limited",
    outcome = "not_sent",
    retry_after = wait,
    message = ("%s %s s, longer than %s allows"):format(what, plain.number("%.3g", wait), which),
  }
end

--- "41 s: the container is new", or nil where the limit is simply used up.
local function reason(call, now, wait)
  local cold = call.endpoint.limits:cold(now, call.params)
  local seconds = wait < 1 and plain.number("%.2f", wait) or ("%.0f"):format(math.ceil(wait))
  return cold and seconds .. " s: " .. cold
end

--- A call that is over before it has its slots.
---@param call table
---@param ticket table? in the queue
---@return table failure
function slots.failure_of_end(call, ticket)
  limits.leave(ticket)
  call.over = true
  return { kind = "cancelled", outcome = "not_sent", message = ("%s before it was sent")
    :format(call.client.closed and "the client was closed" or "send_all ended") }
end

--- A call whose time is over before it has been sent.
---@param call table
---@param ticket table? in the queue
---@return table failure
function slots.failure_of_deadline(call, ticket)
  limits.leave(ticket)
  call.over = true
  return { kind = "timeout", outcome = "not_sent",
    message = ("the deadline of %s s was over before the request was sent")
      :format(plain.number("%g", call.chosen.deadline)) }
end

--- Slots that cannot be reached, or that were closed with the client meanwhile.
local function failure_of_store(call, why)
  return state.is_over(call) and slots.failure_of_end(call)
    or { kind = "internal", outcome = "not_sent", message = why }
end

--- Until when the call may wait for a slot, and what says so. The deadline of a call of
--- send_all stands still meanwhile.
local function wait_until(call, now)
  local latest, which = call.bulk and math.huge or call.ends_at, "the deadline"
  local trusted = state.trusted_until(call, now)
  if trusted and trusted < latest then
    latest, which = trusted, "duplicate detection"
  end
  local own = call.chosen.max_wait and now + call.chosen.max_wait - call.waited
  if own and own < latest then
    latest, which = own, "max_wait"
  end
  return latest, which
end

--- Where a light thread may be killed in its sleep, the queue is to know.
local function sleep(call, seconds, ticket)
  local here = call.runtime
  if ticket and here.sleep_in_line then
    here.sleep_in_line(seconds, ticket)
  else
    here.sleep(seconds)
  end
end

--- Waits until there is a slot of every limit.
---@param call table
---@param lease number seconds the attempt may take at most
---@param began number seconds of state.now: of the first try
---@param wait number? seconds that it told; nil: slots cannot be reached
---@param ticket table|string|nil in the queue, or why
---@return table? claims
---@return number|table taken the time of the claim, or the failure
function slots.wait(call, lease, began, wait, ticket)
  if not wait then
    return nil, failure_of_store(call, ticket)
  end
  local self, now, bulk = call.endpoint.limits, began, call.bulk
  local latest, which = wait_until(call, began)
  if now + wait <= latest then
    counters.note("sms_waits_total", call)
    events.emit(call, { name = "wait", seconds = wait, message = reason(call, began, wait) })
  end
  while now + wait <= latest do
    if counts.tick then
      counts.tick()
    end
    sleep(call, math.min(wait, call.client.clock.nap), ticket)
    now = state.now(call)
    if state.is_over(call) then
      return nil, slots.failure_of_end(call, ticket)
    elseif not bulk and now >= call.ends_at then -- its machine was paused, or its clock moved
      return nil, slots.failure_of_deadline(call, ticket)
    end
    local claims, delay, standing = self:acquire(now, lease, call.params, ticket,
      bulk and bulk.use, nil, call.endpoint.quota)
    if claims then
      call.waited = call.waited + now - began
      return claims, now
    elseif not delay then
      return nil, failure_of_store(call, standing)
    end
    wait, ticket = delay, standing
  end
  if state.is_over(call) then -- by a hook, told of the wait
    return nil, slots.failure_of_end(call, ticket)
  end
  limits.leave(ticket)
  call.over = true
  return nil, failure_of_rate(call, now, wait, which)
end

--- A call that has its slots and is not sent.
---@param call table
---@param claims table
---@param kind string
---@param message string
---@return table failure
function slots.give_up(call, claims, kind, message)
  claims:settle(false, state.now(call))
  call.over = true
  return { kind = kind, outcome = "not_sent", message = message }
end

--- A call of send_all has its slots: now its deadline begins, or goes on, and its journal
--- is told.
---@return table? failure
local function begin_bulk(call, claims, since)
  local now = state.now(call)
  if call.ends_at < math.huge then
    call.ends_at = call.ends_at + now - since
  else
    call.ends_at = now + call.chosen.deadline
    state.begin_trust(call, now)
  end
  local ok, why, kind = call.bulk.begin(call)
  return not ok and slots.give_up(call, claims, kind or "internal", why) or nil
end

--- Looks, with the slots at hand, at what calls of send_all and repeats wait for.
---@param call table
---@param claims table
---@param since number the time of the first try to get them
---@param taken number the time of the claim
---@param lease number seconds
---@return table? failure
---@return number? start_before no first byte may leave after it
function slots.begin(call, claims, since, taken, lease)
  local failure = call.bulk and begin_bulk(call, claims, since)
  local trusted = not failure and state.trusted_until(call, taken)
  if trusted and trusted <= taken then -- it would not be known as a repeat
    failure = slots.give_up(call, claims, "timeout",
      "duplicate detection may have forgotten the first attempt")
  end
  local bulk, ahead = call.bulk, call.client.clock.ahead
  local last = bulk and bulk.not_after
  return failure, math.min(taken + lease, trusted or math.huge,
    last and core.now() + last - core.wall() or math.huge,
    bulk and bulk.start_before and bulk.start_before + ahead or math.huge)
end

return slots
