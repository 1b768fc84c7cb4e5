--- The operations of one client: the versions that its options choose, and in place of those that
--- it has not the credentials for what says so. Pure.

local auth = require "sms.wire.auth"
local secrets = require "sms.client.secrets"

local operations = {}

local WITH_PASSWORD = { basic = true, query = true, body = true }

--- The credential that a client lacks for an operation, and what is said of it; nil: none.
local function lacking(client, operation, found, half)
  local provider = client.provider
  if not found.password and WITH_PASSWORD[auth.kind(client, operation)] then
    local name = provider.credentials.password
    return name, (secrets.says_missing(provider, "password"):gsub("^" .. name .. " ", ""))
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

--- An operation as a client has it.
---@param client { provider: table, settings: table }
---@param operation table
---@param found table<string, string> its credentials
---@param half { missing: string, variable: string }? of a pair in the environment
---@return table
function operations.usable(client, operation, found, half)
  local name, message = lacking(client, operation, found, half)
  return name and refusing(operation, name, message) or operation
end

--- All of a client, by name.
---@param client { provider: table, settings: table }
---@param found table<string, string> its credentials
---@param half { missing: string, variable: string }? of a pair in the environment
---@return table<string, table>
function operations.of(client, found, half)
  local provider, chosen = client.provider, {}
  for _, operation in ipairs(provider.operations) do
    local version = provider.select
      and provider.select(operation, client.settings, found.private_key ~= nil) or operation
    chosen[operation[1]] = operations.usable(client, version, found, half)
  end
  return chosen
end

return operations
