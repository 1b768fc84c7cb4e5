--- Types for LuaLS of sms.gateway.

local gateway = {}

local CLASSES = [[

--- A text to one number.
---@class sms.gateway_message
---@field from string The sender, as all providers take it.
---@field to string A phone number with its country code.
---@field text string The text; characters outside GSM-7 arrive whole.
---@field ref? string|integer One's own reference, of at most 70 characters.

--- What became of it.
---@class sms.gateway_sent
---@field provider string The provider that took it.
---@field client %CLIENT Its client.
---@field id? string The first of `ids`.
---@field ids string[] What the provider calls the message: an id for each part, or that of the job.
---@field parts integer How many parts it has.
---@field ref? string That of the message.
---@field result table What the provider answered.
---@field attempts sms.error[] The errors of those that were asked before.

--- An error like all others; `provider` is `gateway`, and the rest that of the last one asked.
---@class sms.gateway_error: sms.error
---@field attempts sms.error[] The error of each provider that was asked, in order.

--- What a gateway is made of: clients, in the order in which they are asked, and options.
---@class sms.gateway_options
---@field [integer] %CLIENT
---@field order? fun(message: sms.gateway_message): (%CLIENT)[]? Those to ask for a message, in order; nil: all.
---@field deadline? number Seconds for all together, 120 if left out.
%OWN

---@class sms.gateway
local gateway = {}

--- Sends a text through the first provider that takes it. The next one is asked only where it is
--- certain that the one before did not take it, and where the reason is its own.
---@param message sms.gateway_message
---@param options? sms.gateway_call_options
---@return sms.gateway_sent? sent
---@return sms.gateway_error? err
function gateway:send(message, options) end

--- Options of one `gateway:send`, over those of the clients.
---@class sms.gateway_call_options
---@field timeout? number Seconds for one attempt.
---@field deadline? number Seconds for all providers together.
---@field max_wait? number Seconds each may wait for its rate limit; 0 asks the next one at once.
---@field retry? sms.retry|false When each may be repeated.
]]

--- The classes, for the clients of those providers that a gateway may ask.
---@param providers table[]
---@return string
function gateway.classes(providers)
  local clients, own = {}, {}
  for _, provider in ipairs(providers) do
    if provider.message then
      clients[#clients + 1] = ("sms.%s.client"):format(provider.name)
      own[#own + 1] = ("---@field %s? table Further parameters of `%s`%s, for each message.")
        :format(provider.name, provider.message.operation,
          provider.bulk.item and ": options of the job" or "")
    end
  end
  return (CLASSES:gsub("%%(%u+)",
    { CLIENT = table.concat(clients, "|"), OWN = table.concat(own, "\n") }))
end

return gateway
