--- The operations of one client: the versions that its options choose, and in place of those that
--- it has not the credentials for what says so. Pure.

local auth = require "sms.wire.auth"
local secrets = require "sms.client.secrets"
local undeclared = require "sms.wire.undeclared"

local operations = {}

local WITH_PASSWORD = { "basic", "query", "body" }

--- What a client lacks for each kind of authentication: the credential, and what is said of it.
---@param provider table
---@param found table<string, string> its credentials
---@return table<string, { [1]: string, [2]: string }>
function operations.lacking(provider, found)
  local lacking = {}
  local function add(kind, secret)
    local name = not found[secret] and provider.credentials[secret]
    lacking[kind] = name and { name, (secrets.says_missing(provider, secret)
      :gsub("^" .. name .. " ", "")) } or nil
  end
  for _, kind in ipairs(WITH_PASSWORD) do
    add(kind, "password")
  end
  add("bearer", "private_key")
  return lacking
end

--- The credential that a client lacks for an operation, and what is said of it; nil: none.
local function lacking_for(client, operation, half)
  local lacking = client.lacking[auth.kind(client, operation)]
  if lacking then
    return lacking[1], lacking[2]
  elseif half and operation.has_other_with_key then
    return half.missing, ("is missing: %s is set, and %s needs both"):format(half.variable,
      operation.has_other_with_key)
  end
end

--- The same operation, which refuses all params.
local function refusing(operation, name, message)
  local paging = operation.paging
  return setmetatable({
    writer = false, -- it would see no rules
    paging = paging and setmetatable({ operation = false }, { __index = paging }),
    rules = { function(_, problem)
      problem(name, message)
    end },
  }, { __index = operation })
end

--- All of a client, by name, with what is declared nowhere.
---@param client { provider: table, settings: table, lacking: table }
---@param has_key boolean whether it has an application's key
---@param half { missing: string, variable: string }? of a pair in the environment
---@return table<string, table>
function operations.of(client, has_key, half)
  local provider = client.provider
  local chosen = { request = undeclared.operation(provider) }
  for _, operation in ipairs(provider.operations) do
    local version = provider.select and provider.select(operation, client.settings, has_key)
      or operation
    local name, message = lacking_for(client, version, half)
    chosen[operation[1]] = name and refusing(version, name, message) or version
  end
  return chosen
end

return operations
