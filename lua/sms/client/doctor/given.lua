--- What a client would have that is given no options, without making one: its credentials are
--- looked at, and shown to nobody.

local environment = require "sms.client.environment"
local options = require "sms.client.options"
local plain = require "sms.base.plain"
local secrets = require "sms.client.secrets"

local given = {}

--- The variables that stand for credentials, in order.
local function variables_of(provider, used)
  local names = {}
  for _, option in pairs(provider.credentials) do
    names[#names + 1] = used[option]
  end
  table.sort(names, plain.is_before)
  return names
end

--- What a provider is given by the environment, or by the sandbox that takes its place.
---@param provider table its declaration
---@return table made `message`: why no client can be made of it; `variables` of its credentials;
---  `urls` by host; `half` of sms.client.secrets
function given.to(provider)
  local rest, used = environment.complete(provider, {})
  if not rest then
    return { message = used, variables = {} }
  end
  local made = { variables = variables_of(provider, used) }
  local found, half = secrets.take(provider, rest, used)
  if not found then
    made.message = half
    return made
  end
  made.half = half
  local settings, message = options.read(provider, rest, used)
  made.urls = settings and settings.urls
  made.message = message or secrets.missing(provider, found, settings)
  return made
end

return given
