--- How an attempt ended: from what was seen on the wire and what the provider
--- said to `kind` and `outcome`. Tables, and the order in which they are asked (docs/design.md
--- 2.2 and 3.2). Pure.

local json = require "sms.base.json"
local plain = require "sms.base.plain"
local response = require "sms.wire.response"
local shown = require "sms.wire.shown"
local ways = require "sms.wire.ways"

local outcome = {}

local read_reply = response.read

-- What the engine reports of an attempt without a whole reply. Whether a byte left
-- decides the outcome, never the way in which it failed.
local ENDINGS = {
  timed_out = "timeout",
  unreached = "connection",
  broken = "connection",
  too_large = "protocol",
  too_late = "timeout",
  cancelled = "cancelled",
  no_memory = "internal",
  no_files = "internal",
}

-- What an HTTP status means where the provider's table does not say otherwise. `account`: when it
-- is the account that was refused, not what was asked: "where own" is where the body is the
-- provider's own, since proxies and firewalls use that status, too.
local STATUSES = {
  [401] = { "auth", "rejected", account = "always" },
  [402] = { "rejected", "rejected", account = "always" },
  [403] = { "auth", "rejected", account = "where own" },
  [404] = { "not_found", "rejected" },
  [407] = { "rejected", "rejected", account = "always" },
  [408] = { "timeout", "ambiguous" },
  [421] = { "server", "not_sent" }, -- not by this server, not so early (RFC 9110, 8470): not done
  [425] = { "server", "not_sent" },
  [429] = { "rate_limited", "not_sent" },
}
-- The same by what the body says, if anything: whose it is, or that it refuses the account.
local OF_THE_ACCOUNT = {
  always = { anybody = true, own = true, account = true },
  ["where own"] = { own = true, account = true },
  never = { account = true },
}
local CLASSES = {
  [3] = { "protocol", "ambiguous" }, -- redirects are not followed
  [4] = { "rejected", "rejected" },
  [5] = { "server", "ambiguous" },
}
local UNREADABLE = { "protocol", "ambiguous" }

local function of_ending(reply, texts, secrets, way)
  if reply.proxy_status then
    return ways.no_tunnel(reply.proxy_status)
  end
  local message
  if reply.ending == "timed_out" then
    message = ("the %s of %s s is over"):format(reply.bound,
      plain.number("%g", reply.bound_seconds))
  elseif reply.is_closed then
    message = "the client was closed"
  else
    message = shown.text(reply.message, texts, secrets) -- libcurl quotes some headers
  end
  return {
    kind = ENDINGS[reply.ending],
    outcome = reply.sent and "ambiguous" or "not_sent",
    status = reply.status >= 200 and reply.status or nil, -- 1xx is no answer
    message = ("%s, while %s"):format(message, ways.phase(reply, way)),
  }
end

local function of_status(provider, status)
  local known = provider.statuses and provider.statuses[status]
  return known or STATUSES[status] or CLASSES[(status - status % 100) / 100] or UNREADABLE
end

--- The failure that an HTTP status tells of, in the provider's own words where it has any.
local function of_refusal(provider, status, body, texts, secrets, way)
  local meaning = of_status(provider, status)
  local decoded = json.decode(body, true)
  local code, text, whose, is_clear
  if type(decoded) == "table" then
    code, text, whose = provider.read_error(decoded)
  else
    text = ways.proxy_answer(status)
    is_clear = text ~= nil
    text = text or body:find "%S" and body
  end
  local message = text and shown.text(text, texts, secrets) or ("HTTP status %d"):format(status)
  return {
    kind = meaning[1],
    outcome = meaning[2],
    status = status,
    code = shown.code(code, texts, secrets),
    message = (whose or is_clear) and message or ways.foreign(message, way),
    result = type(decoded) == "table" and shown.answer(decoded, secrets) or nil,
    account = OF_THE_ACCOUNT[meaning.account or "never"][whose or "anybody"],
  }
end

--- Whether a status is one of those by which an operation tells that it went well.
local function is_success(operation, status)
  local all = operation.success
  if not all then
    return status == 200
  end
  for i = 1, #all do
    if status == all[i] then
      return true
    end
  end
  return false
end

--- The texts of messages, which no error may show.
local function texts_of(operation, params)
  if operation.texts and params then
    return operation.texts(params)
  end
  return params and params.text
end

local function unreadable(status, message, way)
  return { kind = UNREADABLE[1], outcome = UNREADABLE[2], status = status,
    message = ways.foreign(message, way) }
end

--- Reads an attempt's end: a whole answer, or how it ended without one.
---@param provider table its `statuses` and `read_error`
---@param operation table its `success`, `returns` and `judge`
---@param status integer? of the answer
---@param answer string|table its body; without a status the engine's reply: ending, sent,
--- status, body, phase, message; proxy_status where a proxy opened no tunnel, tunnelled where it
--- did; for a time-out bound and bound_seconds: which was over; is_closed where its client is
---@param params table? as they were sent
---@param secrets table? the credentials, whose `mask` takes secrets out of a text
---@param way "tunnel"|"relay"|nil what a proxy between does
---@return any result nil where it failed
---@return table? failure kind, outcome, message; status, code, result, account where there are any
function outcome.read(provider, operation, status, answer, params, secrets, way)
  if not status then
    return nil, of_ending(answer, texts_of(operation, params), secrets, way)
  elseif (status ~= 200 or operation.success) and not is_success(operation, status) then
    if status >= 200 and status < 300 then
      return nil, unreadable(status, ("HTTP status %d was not expected"):format(status),
        way)
    end
    return nil, of_refusal(provider, status, answer, texts_of(operation, params), secrets, way)
  end
  local result, message = read_reply(operation, status, answer)
  if message then
    return nil, unreadable(status, message, way)
  end
  local judge = operation.judge
  local failure = judge and judge(result)
  if not failure then
    return operation.adapt and operation.adapt(result, params, answer) or result
  end
  failure.status = status
  failure.result = shown.answer(result, secrets)
  local texts = texts_of(operation, params)
  failure.code = shown.code(failure.code, texts, secrets)
  failure.message = shown.text(failure.message, texts, secrets)
  return nil, failure
end

--- What a failed attempt makes of the call's outcome, where an earlier attempt may have been
--- taken: only an acceptance is known then, and what a read was told.
---@param operation table
---@param own string outcome of the attempt
---@param unclear boolean? an earlier attempt was ambiguous
---@return string outcome
function outcome.of_call(operation, own, unclear)
  local certain = own == "accepted" or own == "rejected" and operation.method == "GET"
  return unclear and not certain and "ambiguous" or own
end

return outcome
