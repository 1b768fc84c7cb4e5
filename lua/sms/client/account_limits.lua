--- The limits of a client: its own, and those of operations that have some beside them.

local limits = require "sms.limits"

local account_limits = {}

--- The limits of operations that have some beside the provider's, by name; a rate_limit of
--- the client's own stands alone.
local function of_operations(self, given, warn)
  local own = {}
  for name, operation in pairs(given.rate_limit == nil and self.operations or {}) do
    if operation.limits then
      local settings = setmetatable({ limits = {} }, { __index = self.settings })
      for _, list in ipairs { self.settings.limits, operation.limits } do
        for _, limit in ipairs(list) do
          settings.limits[#settings.limits + 1] = limit
        end
      end
      own[name] = limits.new(self.key, settings, warn)
    end
  end
  return own
end

--- Makes the limits of a client, which are opened at the first call.
---@param self table the client; gets `limits` and `limits_of`
---@param given table its options as they were given
---@param warn fun(message: string)
function account_limits.open(self, given, warn)
  self.limits = limits.new(self.key, self.settings, warn)
  self.limits_of = of_operations(self, given, warn)
end

--- Lets go of them.
---@param self table the client
function account_limits.close(self)
  self.limits:close()
  for _, own in pairs(self.limits_of) do
    own:close()
  end
end

return account_limits
