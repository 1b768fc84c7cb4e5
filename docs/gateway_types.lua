--- Types for LuaLS of sms.gateway.

local gateway_types = {}

gateway_types.classes = [[

---@class sms.gateway_message
---@field from string
---@field to string with country code
---@field text string
---@field ref? string

---@class sms.gateway_sent
---@field provider string
---@field client sms.nexmo.client|sms.retarus.client
---@field id? string
---@field ids string[]
---@field parts integer
---@field ref? string
---@field result table
---@field attempts sms.error[]

---@class sms.gateway_error: sms.error
---@field attempts sms.error[]

---@class sms.gateway_options
---@field [integer] sms.nexmo.client|sms.retarus.client
---@field order? fun(message: sms.gateway_message): (sms.nexmo.client|sms.retarus.client)[]?
---@field deadline? number
---@field nexmo? table
---@field retarus? table

---@class sms.gateway
local gateway = {}

---@param message sms.gateway_message
---@param options? sms.call_options
---@return sms.gateway_sent? sent
---@return sms.gateway_error? err
function gateway:send(message, options) end
]]

return gateway_types
