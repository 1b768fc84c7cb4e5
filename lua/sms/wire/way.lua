--- What all calls of one operation of one client have in common, found out once. Pure.

local auth = require "sms.wire.auth"
local core = require "sms.core"

local way = {}

--- The way of an operation's calls.
---@param self table the client
---@param operation table
---@return { auth: string, limits: table, is_direct: boolean, heads: table }
function way.of(self, operation)
  local known = self.ways[operation]
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
  self.ways[operation] = known
  return known
end

--- The head of the requests to a host, for those with a body.
---@param self table the client
---@param operation table
---@param known table of way.of
---@param host string
---@return table head of core.request_head
function way.head(self, operation, known, host)
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

return way
