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

local MASKED_AT_ONCE = 4096 -- bytes: what is behind them would not be shown

--- What the caller has written himself, without secrets: he may have put them into it.
local function without_secrets(self, text, part)
  local function mask(piece)
    return self.credentials:mask(piece)
  end
  return #text <= MASKED_AT_ONCE and mask(text) or (text:gsub(part, mask))
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
  local kind = auth.kind(self, settled)
  local url = self.settings.urls[settled.hosts[1]]
  local built = request.build(settled, sent, url, nil, kind == "signature")
  built = auth.apply(built, kind, auth.signer(self, state.date(self)))
  if operation.settle then
    built.url = url .. without_secrets(self, built.url:sub(#url + 1), "[^/?&=]+")
    built.body = built.body
      and without_secrets(self, built.body, settled.body == "json" and '[^"]+' or "[^&=]+")
  end
  return auth.masked(built, self.provider.auth_parameters)
end

return preview
