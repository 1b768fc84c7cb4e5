--- Types for LuaLS of sms.gateway.

local gateway_types = {}

local CLASSES = [[

---@class sms.gateway_message
---@field from string
---@field to string with country code
---@field text string
---@field ref? string|integer

---@class sms.gateway_sent
---@field provider string
---@field client %CLIENT
---@field id? string
---@field ids string[]
---@field parts integer
---@field ref? string
---@field result table
---@field attempts sms.error[]

---@class sms.gateway_error: sms.error
---@field attempts sms.error[]

---@class sms.gateway_options
---@field [integer] %CLIENT
---@field order? fun(message: sms.gateway_message): (%CLIENT)[]?
---@field deadline? number
%OWN

---@class sms.gateway
local gateway = {}

---@param message sms.gateway_message
---@param options? sms.call_options
---@return sms.gateway_sent? sent
---@return sms.gateway_error? err
function gateway:send(message, options) end
]]

--- The classes, for the clients of those providers that a gateway may ask.
---@param providers table[]
---@return string
function gateway_types.classes(providers)
  local clients, own = {}, {}
  for _, provider in ipairs(providers) do
    if provider.message then
      clients[#clients + 1] = ("sms.%s.client"):format(provider.name)
      own[#own + 1] = ("---@field %s? table"):format(provider.name)
    end
  end
  return (CLASSES:gsub("%%(%u+)",
    { CLIENT = table.concat(clients, "|"), OWN = table.concat(own, "\n") }))
end

return gateway_types
