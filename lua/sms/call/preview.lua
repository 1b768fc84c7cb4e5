--- What a call would send, for `client:prepare`.

local auth = require "sms.wire.auth"
local params = require "sms.wire.params"
local request = require "sms.wire.request"

local preview = {}

--- The request that a call would send, secrets masked; sends nothing.
---@param self table the client
---@param operation table
---@param given table?
---@return { method: string, url: string, headers: table<string, string>, body: string? }?
---@return table? err
function preview.of(self, operation, given)
  local sent, err = params.check(self, operation, given)
  if not sent then
    return nil, err
  end
  local kind = auth.kind(self, operation)
  local url = self.settings.urls[operation.hosts[1]]
  local built = request.build(operation, sent, url, nil, kind == "signature")
  return auth.masked(auth.apply(built, kind, auth.signer(self, os.time())),
    self.provider.auth_parameters)
end

return preview
