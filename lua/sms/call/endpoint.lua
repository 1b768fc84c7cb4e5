--- What all calls of one operation of one client have in common, found out once.

local auth = require "sms.wire.auth"
local core = require "sms.core"
local writer = require "sms.schema.writer"

local endpoint = {}

--- The endpoint of an operation's calls.
---@param self table the client
---@param operation table
---@return { auth: string, limits: table, is_direct: boolean, heads: table }
function endpoint.of(self, operation)
  local known = self.endpoints[operation]
  if known then
    return known
  end
  local limits = self.limits_of[operation[1]] or self.limits
  local kind = auth.kind(self, operation)
  known = {
    auth = kind,
    limits = limits,
    -- Whether the params are wanted for nothing but the body.
    is_direct = not limits.by_param and kind ~= "signature",
    heads = {}, -- by host: what requests have beside their body
  }
  self.endpoints[operation] = known
  return known
end

--- The body of a call whose params are in order and wanted for nothing else: the usual
--- case, without tables made from them.
---@param self table the client
---@param operation table
---@param given table?
---@param chosen table options of the call
---@return string? body nil: they must be checked
function endpoint.body(self, operation, given, chosen)
  local known = self.endpoints[operation] or endpoint.of(self, operation)
  if chosen.is_checked or not known.is_direct then
    return nil
  end
  return writer.body(operation, given, self.settings)
end

--- The head of the requests to a host, for those with a body.
---@param self table the client
---@param operation table
---@param known table of endpoint.of
---@param host string
---@return table head of core.request_head
function endpoint.head(self, operation, known, host)
  local head = known.heads[host]
  if not head then
    head = core.request_head {
      method = operation.method,
      url = self.settings.urls[host] .. operation.path,
      content = operation.body,
      auth = known.auth,
    }
    known.heads[host] = head
  end
  return head
end

return endpoint
