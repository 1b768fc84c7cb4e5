--- Takes the credentials of a client out of its options, and says in words what is wrong with them.

local core = require "sms.core"
local environment = require "sms.client.environment"
local pem = require "sms.base.pem"

local secrets = {}

--- What is wrong with the text of a credential, or nil.
local function problem_of(secret, value)
  if type(value) ~= "string" then
    return "must be a string"
  elseif secret == "private_key" and value:find("-----BEGIN", 1, true) then
    return nil -- PEM has several lines
  elseif secret == "application" and not (value:find "^[A-Za-z0-9_-]+$" and #value <= 100) then
    return "must be an application's id: letters, digits and hyphens"
  elseif value == "" or value:find "[%z\1-\31\127]" then
    return "must not be empty or have control characters"
  end
end

-- What serves together alone.
local PARTNERS = { application = "private_key", private_key = "application" }

--- An environment may serve several programs: half of a pair that stands there alone is left out.
local function drop_halves(provider, rest, used)
  local half
  for secret, partner in pairs(PARTNERS) do
    local name, other = provider.credentials[secret], provider.credentials[partner]
    if name and used[name] and rest[other] == nil then
      rest[name], half = nil, { missing = other, variable = used[name] }
    end
  end
  return half
end

--- Takes the credentials out of the options.
---@param provider table
---@param rest table all options, of which it leaves the others
---@param used table<string, string> variables that stand for some of them, by option
---@return table<string, string>? secrets nil where one is no good
---@return { missing: string, variable: string }|string|nil half an option that is missing beside a
--- variable; or what is wrong
function secrets.take(provider, rest, used)
  local found, half = {}, drop_halves(provider, rest, used)
  for secret, name in pairs(provider.credentials) do
    local value = rest[name]
    rest[name] = nil
    local problem = value ~= nil and problem_of(secret, value)
    if problem then
      return nil, (used[name] or name) .. ": " .. problem
    end
    found[secret] = secret == "private_key" and value and pem.restored(value) or value
  end
  return found, half
end

--- That a credential is missing, and how to give it.
---@param provider table
---@param secret string
---@return string
function secrets.says_missing(provider, secret)
  local name = provider.credentials[secret]
  return name .. " is missing: " .. environment.remedy(provider.environment[name])
end

--- What is wrong with the credentials as a whole, in words; nil where nothing is.
---@param provider table
---@param found table<string, string>
---@param settings table
---@return string? message
function secrets.missing(provider, found, settings)
  for _, secret in ipairs { "identity", "password" } do
    local is_needed = secret ~= "password" or not provider.needs_password
      or provider.needs_password(settings)
    if is_needed and not found[secret] then
      return secrets.says_missing(provider, secret)
    end
  end
  if found.identity:find(":", 1, true) then
    return provider.credentials.identity .. ": must not have a colon (RFC 7617)"
  end
  return provider.credentials_problem and provider.credentials_problem(found, settings)
end

--- Has C hold the credentials, and nobody else.
---@param provider table
---@param found table<string, string>
---@return userdata? credentials
---@return string name what tells their account from others, or why they cannot be held
---@return string? identity only where the provider shows it itself may it be read back
function secrets.hold(provider, found)
  local credentials, why = core.credentials(found, provider.auth_parameters)
  if not credentials then
    return nil, why
  end
  local identity, name = provider.shows_identity and found.identity or nil, nil
  if not identity then
    name, why = credentials:fingerprint()
  end
  return (identity or name) and credentials, identity or name or why, identity
end

return secrets
