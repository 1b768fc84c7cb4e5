--- What all calls of one operation of one client have in common, found out once.

local apis = require "sms.wire.apis"
local auth = require "sms.wire.auth"
local core = require "sms.core"
local counters = require "sms.call.counters"
local writer = require "sms.schema.writer"

local endpoint = {}

--- The endpoint of an operation's calls.
---@param self table the client
---@param operation table
---@return { auth: string, limits: table, write: function|false, may_misfit: boolean?,
--- heads: table, idle: table|false, tally: table }
function endpoint.of(self, operation)
  local known = self.endpoints[operation]
  if known then
    return known
  end
  local limits = self.limits_of[operation.limits_as or operation[1]] or self.limits
  local kind = auth.kind(self, operation)
  known = {
    auth = kind,
    limits = limits,
    -- nil: the whole account
    quota = apis.of(self.provider, operation.hosts[1], operation.path, operation.method).quota,
    write = false, -- where params are wanted for more than the body
    heads = {}, -- by host: what requests have beside their body
    tally = counters.tally(self, operation),
    idle = false, -- a call that serves again, and behind it others: sms.call.state
    place = nil, -- for the next long body, of core.long_text; false: none is left over
  }
  if not limits.by_param and kind ~= "signature" then
    known.write, known.may_misfit = writer.of(operation, self.settings)
    if operation.body == "json" then -- others are short
      known.place = false
    end
  end
  self.endpoints[operation] = known
  return known
end

--- The body of a call whose params are in order: the usual case, without tables made from them.
---@param known table of endpoint.of
---@param given table?
---@param chosen table options of the call
---@return string|false|nil body without one they must be checked
function endpoint.body(known, given, chosen)
  local write = not chosen.is_checked and known.write
  return write and write(given, known.may_misfit)
end

--- Makes the head of the requests to a host, for those with a body; it is kept in `heads`.
---@param self table the client
---@param operation table
---@param known table of endpoint.of
---@param host string
---@return table head of core.request_head
function endpoint.head(self, operation, known, host)
  local head = core.request_head {
    method = operation.method,
    url = self.settings.urls[host] .. operation.path,
    content = operation.body,
    auth = known.auth,
  }
  known.heads[host] = known.auth ~= "bearer" and head or nil -- it wants a token first
  return head
end

return endpoint
