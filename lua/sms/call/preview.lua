--- What a call would send, for `client:prepare`.

local auth = require "sms.wire.auth"
local call = require "sms.call"
local params = require "sms.wire.params"
local request = require "sms.wire.request"
local runtime = require "sms.runtime"
local state = require "sms.call.state"

local preview = {}

--- Makes the reads without which nobody knows what would be sent.
local function complete(self, operation, sent, chosen)
  local here = self.settings.runtime or runtime.here()
  local why = here.cannot_wait and here.cannot_wait()
  if why then
    return params.invalid(self, operation, { { path = "", message = why } })
  end
  return call.complete(state.new(self, operation, sent, chosen, here))
end

--- The request that a call would send, secrets masked. Sends nothing, but for the reads of an
--- operation that has `complete`.
---@param self table the client
---@param operation table
---@param given table?
---@param chosen table options of the call
---@return { method: string, url: string, headers: table<string, string>, body: string? }?
---@return table? err
function preview.of(self, operation, given, chosen)
  local sent, err, _, settled = params.settled(self, operation, given)
  err = err or operation.complete and complete(self, operation, sent, chosen)
  if err then
    return nil, err
  end
  operation = settled
  local kind = auth.kind(self, operation)
  local url = self.settings.urls[operation.hosts[1]]
  local built = request.build(operation, sent, url, nil, kind == "signature")
  return auth.masked(auth.apply(built, kind, auth.signer(self, os.time())),
    self.provider.auth_parameters)
end

return preview
