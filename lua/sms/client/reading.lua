--- What a client is given: options, the credentials among them, and what the environment has beside
--- these.

local environment = require "sms.client.environment"
local options = require "sms.client.options"
local secrets = require "sms.client.secrets"

local reading = {}

--- Reads it.
---@param provider table
---@param given table
---@return table? settings nil where something is wrong
---@return table<string, string>|string found the credentials, or what is wrong
---@return { missing: string, variable: string }? half of a pair in the environment
---@return table? rehearses the hosts that are a sandbox's
function reading.read(provider, given)
  local rest, used, rehearses = environment.complete(provider, given)
  if not rest then
    return nil, used
  end
  local found, half = secrets.take(provider, rest, used)
  if not found then
    return nil, half
  end
  local settings, message = options.read(provider, rest, used)
  message = message or secrets.missing(provider, found, settings)
  if message then
    return nil, message
  end
  return settings, found, half, rehearses
end

return reading
