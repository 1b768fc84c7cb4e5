--- One call from top to bottom: read this file first.
---
---   check -> build -> take a slot of every limit -> sign -> perform -> give the slots back
---   -> read -> repeat or return

local auth = require "sms.auth"
local core = require "sms.core"
local each = require "sms.each"
local errors = require "sms.errors"
local events = require "sms.events"
local limits = require "sms.limits"
local outcome = require "sms.outcome"
local request = require "sms.request"
local retry = require "sms.retry"
local runtime = require "sms.runtime"
local schema = require "sms.schema"

local client = {}

local LEASE_RESERVE = 1 -- seconds an attempt's slot outlives its time-out
local PLACES_AT_MOST = 10000 -- jobs whose data centre is remembered

local UNSTARTED = {
  ["no memory"] = "there is not enough memory for the request",
  ["too large"] = "the request is larger than allowed",
  invalid = "the request cannot be sent: a credential is missing, or a URL is wrong",
}

local function failure_of_rate(wait, which)
  return {
    kind = "rate_limited",
    outcome = "not_sent",
    retry_after = wait,
    message = ("the rate limit is used up for %.3g s, longer than %s allows"):format(wait, which),
  }
end

--- Waits for a slot of every limit.
local function acquire(call, lease)
  local self, place, waited = call.client.limits, nil, false
  while true do
    local now = core.now()
    local claims, wait, where = self:acquire(now, lease, call.params, place)
    if claims then
      return claims
    elseif not wait then
      return nil, { kind = "internal", outcome = "not_sent", message = where }
    end
    place = where
    if now + wait > call.wait_until then
      self:leave(call.params, place)
      call.over = true
      return nil, failure_of_rate(wait, call.wait_until < call.ends_at and "max_wait"
        or "the deadline")
    elseif not waited then
      waited = true
      events.emit(call, { name = "wait", seconds = wait })
    end
    call.runtime.sleep(math.min(wait, limits.LONGEST_NAP))
  end
end

local function failure_of_deadline(call)
  call.over = true
  return {
    kind = "timeout",
    outcome = "not_sent",
    message = ("the deadline of %g s was over before the request was sent"):format(call.deadline),
  }
end

--- Says which of the times was over, for a reply that timed out.
local function bound_of(call, reply, attempt_time)
  if attempt_time < call.timeout then
    return "deadline", call.deadline
  end
  local connecting = reply.phase == "lookup" or reply.phase == "connect" or reply.phase == "tls"
  if connecting and call.connect_timeout < call.timeout then
    return "connect_timeout", call.connect_timeout
  end
  return "timeout", call.timeout
end

local function signer_of(self)
  return { identity = self.identity, method = self.settings.signature_method, now = os.time() }
end

local function auth_of(self, operation)
  return auth.kind(operation, self.settings.auth) or self.provider.auth
end

--- Sends the request once; an expired slot means waiting for another one.
local function perform(call, host)
  local self = call.client
  local url = self.settings.urls[host]
  while true do
    local time = math.min(call.timeout, call.ends_at - core.now())
    if time <= 0 then
      return nil, failure_of_deadline(call)
    end
    local claims, failure = acquire(call, time + LEASE_RESERVE)
    if not claims then
      return nil, failure
    end
    local taken = core.now()
    time = math.min(call.timeout, call.ends_at - taken)
    local built = request.build(call.operation, call.params, url, call.extra)
    auth.apply(built, call.auth, signer_of(self))
    events.emit(call, { name = "request" })
    local reply, why = call.runtime.perform(self.transports[host], built, math.max(time, 0),
      call.connect_timeout, taken + time + LEASE_RESERVE)
    local now = core.now()
    if reply and reply.sent then
      limits.finish(claims, now)
    else
      limits.refund(claims, now)
    end
    if not reply then
      call.over = true
      return nil, { kind = "internal", outcome = "not_sent", message = UNSTARTED[why] or why }
    elseif reply.ending ~= "too_late" then
      reply.bound, reply.bound_seconds = bound_of(call, reply, time)
      return reply, claims, now - taken
    end
  end
end

--- One attempt at one host: its result, or how it failed.
local function exchange(call, host)
  local reply, claims, seconds = perform(call, host)
  if not reply then
    return nil, claims
  end
  local result, failure =
    outcome.read(call.client.provider, call.operation, reply, call.texts)
  events.emit(call, { name = "response", seconds = seconds,
    status = reply.status > 0 and reply.status or nil, message = failure and failure.message })
  if not failure then
    return result
  end
  failure.retry_after = retry.after(reply.retry_after, os.time()) or failure.retry_after
  if failure.kind == "rate_limited" then
    limits.hold(claims, core.now(), math.min(failure.retry_after or 1, 300))
  end
  return nil, failure
end

--- The hosts of an operation, each URL once, the one that is known to have it first.
local function hosts_of(call)
  if call.host then
    return { call.host }
  end
  local urls, known = call.client.settings.urls, call.client.places[call.place]
  local hosts, seen = {}, {}
  local function add(host)
    if not seen[urls[host]] then
      seen[urls[host]] = true
      hosts[#hosts + 1] = host
    end
  end
  if known then
    add(known)
  end
  for _, host in ipairs(call.operation.hosts) do
    add(host)
  end
  return hosts
end

--- Keeps which host had something, so that it is asked first the next time.
local function remember(self, place, host)
  if not self.places[place] then
    self.place_count = self.place_count + 1
  end
  if self.place_count > PLACES_AT_MOST then
    self.places, self.place_count = {}, 1
  end
  self.places[place] = host
end

--- Asks whom the operation wants to be asked, once.
local function ask(call)
  local hosts = hosts_of(call)
  if not call.operation.ask then
    return exchange(call, hosts[1])
  end
  local result, failure, host = call.operation.ask(hosts, function(name)
    return exchange(call, name)
  end, call.operation)
  if host and call.place then
    remember(call.client, call.place, host)
  end
  return result, failure
end

--- Seconds to wait before the call may be repeated, or nil.
local function pause_before_retry(call, failure)
  if call.over or not failure.retryable then
    return nil
  end
  local delay = retry.delay(call.retry, call.attempt, failure, core.random())
  if not delay or core.now() + delay >= call.ends_at then
    return nil
  end
  return retry.spend(call.client.budget) and delay or nil
end

--- The call with its repeats.
local function run(call)
  local unclear = false
  retry.earn(call.client.budget)
  while true do
    call.attempt = call.attempt + 1
    local result, failure = ask(call)
    if not failure then
      return result
    elseif failure.kind == "not_found" and unclear and call.operation.method == "DELETE" then
      return {} -- an earlier attempt, whose answer was lost, has deleted it
    end
    unclear = unclear or failure.outcome == "ambiguous"
    failure.retryable = retry.is_retryable(call.operation, failure)
    local pause = pause_before_retry(call, failure)
    if not pause then
      failure.provider, failure.operation = call.client.provider.name, call.name
      failure.message = call.client.credentials:mask(failure.message)
      return nil, errors.new(failure)
    end
    events.emit(call, { name = "retry", seconds = pause, message = failure.message })
    call.runtime.sleep(pause)
  end
end

local function texts_of(params)
  local texts = { params.text }
  for _, message in ipairs(params.messages or {}) do
    texts[#texts + 1] = message.text
  end
  return texts
end

--- Checks what is sent beside the declared parameters: a form and a query take no tables.
local function check_extra(operation, extra, problems)
  for name, value in pairs(extra or {}) do
    if operation.body ~= "json" and type(value) == "table" then
      problems[#problems + 1] = { path = "extra." .. tostring(name), message = "must not be a table" }
    end
  end
end

--- Checks the parameters of an operation.
---@return table? sent
---@return table? err
---@return string[]? warnings
local function check(self, operation, params, extra)
  if params == nil then
    params = {}
  end
  local sent, problems, warnings = schema.check(operation, params, self.settings)
  check_extra(operation, extra, problems)
  if problems[1] then
    local err = errors.invalid(problems)
    err.provider, err.operation = self.provider.name, operation[1]
    return nil, err
  end
  return sent, nil, warnings
end

--- A call of one operation, its parameters checked.
local function new_call(self, operation, sent, chosen)
  local now = core.now()
  local ends_at = now + chosen.deadline
  return {
    client = self,
    operation = operation,
    name = operation[1],
    params = sent,
    extra = chosen.extra,
    texts = texts_of(sent),
    auth = auth_of(self, operation),
    place = operation.remember and sent[operation.remember],
    runtime = runtime.current(self.settings.runtime),
    attempt = 0,
    timeout = chosen.timeout,
    connect_timeout = chosen.connect_timeout,
    deadline = chosen.deadline,
    retry = chosen.retry,
    ends_at = ends_at,
    wait_until = chosen.max_wait and math.min(ends_at, now + chosen.max_wait) or ends_at,
  }
end

--- Calls an operation.
---@param self table the client
---@param operation table
---@param params table? with the documented keys
---@param chosen table of options.for_call
---@param host string? the only one to ask
---@return any result nil where it failed
---@return table? err
function client.call(self, operation, params, chosen, host)
  local sent, err, warnings = check(self, operation, params, chosen.extra)
  if not sent then
    return nil, err
  end
  local call = new_call(self, operation, sent, chosen)
  call.host = host
  for _, warning in ipairs(warnings) do
    events.emit(call, { name = "warning", message = warning })
  end
  local first = operation.reads_first and operation.reads_first(sent)
  if first then
    local read = new_call(self, self.operations[first], sent, chosen)
    sent.current, err = run(read)
    if not sent.current then
      err.operation = operation[1]
      return nil, err
    end
  end
  return run(call)
end

--- The items of all pages of a list (see sms.each).
---@param self table the client
---@param operation table
---@param params table?
---@param chosen table of options.for_call, for each page
---@return fun(): any, table?
function client.each(self, operation, params, chosen)
  local hosts = { false }
  if operation.paging.unit == "records" then -- pages are counted by each host for itself
    hosts = hosts_of { client = self, operation = operation }
  end
  return each.items(operation.paging, params, hosts, function(page, host)
    return client.call(self, operation, page, chosen, host or nil)
  end)
end

--- The request that a call would send, secrets masked; sends nothing.
---@param self table the client
---@param operation table
---@param params table?
---@return { method: string, url: string, headers: table<string, string>, body: string? }?
---@return table? err
function client.prepare(self, operation, params)
  local sent, err = check(self, operation, params)
  if not sent then
    return nil, err
  end
  local built = request.build(operation, sent, self.settings.urls[operation.hosts[1]])
  return auth.masked(auth.apply(built, auth_of(self, operation), signer_of(self)))
end

return client
