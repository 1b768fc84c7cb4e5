--- The params of `client:request`, for the reference and the types.

local undeclared = require "sms.wire.undeclared"

local requests = {}

--- They, with the hosts of all providers in words.
---@param providers table[]
---@return table[] fields
function requests.fields(providers)
  local fields, hosts = undeclared.fields(providers[1]), {}
  for i, provider in ipairs(providers) do
    hosts[i] = ("%s: %s"):format(provider.name, undeclared.hosts(provider))
  end
  for _, field in ipairs(fields) do
    if field[1] == "host" then
      field.enum = nil
      field.doc = ("%s (%s)"):format(field.doc:gsub("%.$", ""), table.concat(hosts, "; ")) .. "."
    end
  end
  return fields
end

return requests
