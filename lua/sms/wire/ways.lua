--- Where a call was when it failed, in words; and what they say where a proxy is between, so that
--- nobody looks for a proxy's fault at the provider. Pure.

local ways = {}

local DIRECT = {
  queue = "waiting for a free connection",
  lookup = "looking up the host's name",
  connect = "connecting",
  tls = "agreeing on TLS",
  send = "sending the request",
  answer = "waiting for the answer",
  body = "reading the answer",
}

local BY_PROXY = {
  lookup = "looking up the proxy's name",
  connect = "connecting to the proxy",
  send = "sending the request through the proxy",
  answer = "waiting for the answer through the proxy",
  body = "reading the answer through the proxy",
}

-- The phase "tls" by what the proxy does: a tunnel that is not open yet, one that is, or none.
local OPENING = "waiting for the proxy to open a way to the provider"
local THROUGH = "agreeing on TLS through the proxy"
local WITH_PROXY = "agreeing on TLS with the proxy"

local NO_TUNNEL = { kind = "connection", message = "the proxy opened no way to the provider" }

-- What nobody but a proxy answers with (RFC 9110, 15.5.8; RFC 6585, 6). One that wants credentials
-- says so to each call.
local OWN_STATUSES = {
  [407] = { kind = "rejected", message = "the proxy wants other credentials", account = true },
  [511] = { kind = "connection", message = "a proxy wants a login to its network" },
}

--- What a call was doing.
---@param reply { phase: string, tunnelled: boolean? } the engine's
---@param way "tunnel"|"relay"|nil what a proxy does; nil: there is none
---@return string
function ways.phase(reply, way)
  if not way then
    return DIRECT[reply.phase]
  elseif reply.phase ~= "tls" then
    return BY_PROXY[reply.phase] or DIRECT[reply.phase]
  elseif way == "relay" then
    return WITH_PROXY
  end
  return reply.tunnelled and THROUGH or OPENING
end

--- What an answer says whose status only proxies have; nil: others have it, too.
---@param status integer
---@return string? message
function ways.proxy_answer(status)
  local own = OWN_STATUSES[status]
  return own and ("%s (HTTP status %d)"):format(own.message, status)
end

--- The failure of a proxy that opened no tunnel: nothing of the request left.
---@param status integer its answer's
---@return table
function ways.no_tunnel(status)
  local meaning = OWN_STATUSES[status] or NO_TUNNEL
  return {
    kind = meaning.kind,
    outcome = "not_sent",
    status = status,
    message = ("%s (HTTP status %d)"):format(meaning.message, status),
    account = meaning.account,
  }
end

--- Words of an answer that is not the provider's own, as far as can be told: a proxy that reads
--- what it passes on may have made it.
---@param message string
---@param way "tunnel"|"relay"|nil
---@return string
function ways.foreign(message, way)
  return way == "relay" and message .. " (from the proxy, or from behind it)" or message
end

return ways
