--- The providers that there are, in the order in which they were made. What is done for all of
--- them asks here, so that nothing but a provider's own folder need name it.

local registry = {}

local providers = {}

--- Makes a provider known; one of the same name is replaced.
---@param provider table its declaration
function registry.add(provider)
  for i, other in ipairs(providers) do
    if other.name == provider.name then
      providers[i] = provider
      return
    end
  end
  providers[#providers + 1] = provider
end

--- All, or those that declare something.
---@param key string? its name in their declarations
---@return table[] declarations
function registry.list(key)
  local list = {}
  for _, provider in ipairs(providers) do
    list[#list + 1] = (not key or provider[key]) and provider or nil
  end
  return list
end

--- What they declare in a table that they declare.
---@param key string
---@param name string
---@return any[] declared by those that do, in order
function registry.collect(key, name)
  local list = {}
  for _, provider in ipairs(registry.list(key)) do
    list[#list + 1] = provider[key][name]
  end
  return list
end

--- Those that declare something, in words: "sms.one or sms.other".
---@param key string
---@return string
function registry.names(key)
  local names = {}
  for i, provider in ipairs(registry.list(key)) do
    names[i] = "sms." .. provider.name
  end
  return table.concat(names, " or ")
end

return registry
