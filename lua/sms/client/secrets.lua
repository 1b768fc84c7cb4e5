--- Reads the credentials of a client from its options and the environment, and says in words
--- what is wrong with them.

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

--- Fills in from the environment what is not given; the variables that were used, by option.
local function add_environment(provider, rest)
  local used = {}
  for name, variable in pairs(provider.environment) do
    if rest[name] == nil then
      local value = os.getenv(variable)
      rest[name] = value ~= "" and value or nil
      used[name] = rest[name] and variable
    end
  end
  return used
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

--- Takes the credentials out of the given options, from the environment where they are
--- missing.
---@param provider table
---@param given table
---@return table? rest the other options; nil where a credential is no good
---@return table<string, string>|string secrets or what is wrong
---@return { missing: string, variable: string }? half an option that is missing beside a variable
function secrets.read(provider, given)
  local rest, found = {}, {}
  for key, value in pairs(given) do
    rest[key] = value
  end
  local half = drop_halves(provider, rest, add_environment(provider, rest))
  for secret, name in pairs(provider.credentials) do
    local value = rest[name]
    rest[name] = nil
    local problem = value ~= nil and problem_of(secret, value)
    if problem then
      return nil, name .. ": " .. problem
    end
    found[secret] = secret == "private_key" and value and pem.restored(value) or value
  end
  return rest, found, half
end

--- That a credential is missing, and how to give it.
---@param provider table
---@param secret string
---@return string
function secrets.says_missing(provider, secret)
  local name = provider.credentials[secret]
  local variable = provider.environment[name]
  return ("%s is missing: give it, or set %s in the environment (in nginx with 'env %s;')")
    :format(name, variable, variable)
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

return secrets
