--- A provider as users see it: called, it makes a client; its functions use a client made from
--- the environment.

local factory = require "sms.client.factory"
local misuse = require "sms.base.misuse"
local registry = require "sms.base.registry"

local facade = {}

--- Makes the table of a provider, which is one of the library's from then on: this is all that
--- makes a declaration a provider.
---@param provider table its declaration: what lua/sms/providers/<name>/init.lua returns
---@return table
function facade.of(provider)
  registry.add(provider)
  local make = factory.of(provider)
  local from_environment
  local made, names = {}, { "request" }
  for _, operation in ipairs(provider.operations) do
    names[#names + 1] = operation[1]
  end
  for _, name in ipairs(names) do
    local whole_name = ("sms.%s.%s"):format(provider.name, name)
    made[name] = function(params, given)
      misuse.check_dot(made, params, whole_name)
      if not from_environment then
        local client, message = make {}
        if not client then
          error(message, 2)
        end
        from_environment = client
      end
      return from_environment[name](from_environment, params, given)
    end
  end
  return setmetatable(made, {
    __name = "sms.provider",
    __call = function(_, given)
      if given ~= nil and type(given) ~= "table" then
        error("client options: a table was expected", 2)
      end
      misuse.check_dot(made, given and rawget(given, provider.name), "sms." .. provider.name)
      local client, message = make(given or {})
      if not client then
        error(message, 2)
      end
      return client
    end,
  })
end

return facade
