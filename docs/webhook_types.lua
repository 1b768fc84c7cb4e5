--- Types for LuaLS of what comes back: webhooks, receipts, inbound texts, stores.

local webhook_types = {}

local CLASSES = [[

---@class sms.webhook
---@field kind %KINDS
---@field signed boolean
---@field fields table<string, any> by their documented names

---@class sms.webhook_request
---@field method string
---@field query? string
---@field headers? table<string, string|string[]>
---@field body? string

---@class sms.webhook_options
---@field tolerance? number|false
---@field nonce_store? { add: fun(self, key: string, seconds: integer): boolean?, string? }

---@class sms.store
---@field add fun(self, key: string, seconds: number): boolean?, string?
---@field get fun(self, key: string): any, string?
---@field update fun(self, key: string, change: fun(old: any): any): any, string?
---@field remove fun(self, key: string): boolean?, string?

---@class sms.stores
---@field table fun(options?: { seconds: number?, clock: (fun(): number)? }): sms.store
---@field shared fun(dictionary: table, options?: { seconds: number?, lease: number? }): sms.store

---@class sms.message_state
---@field status string
---@field final boolean
---@field doubtful boolean
---@field conflict boolean
---@field parts table[]
---@field changed? boolean

---@class sms.receipts
---@field new fun(store: sms.store): sms.receipts
---@field sent fun(self, result: table): sms.message_state?, sms.error?
---@field add fun(self, fields: table): sms.message_state?, sms.error?
---@field get fun(self, id: string): sms.message_state?, sms.error?

---@class sms.inbound_text
---@field fields table<string, string>
---@field complete boolean
---@field missing integer[]
---@field parts table[]

---@class sms.inbound
---@field new fun(store: sms.store, options?: { window: number? }): sms.inbound
---@field add fun(self, fields: table, now?: number): sms.inbound_text|false|nil, sms.error?
---@field expired fun(self, now?: number): sms.inbound_text[]?, sms.error?
---@field put_back fun(self, message: sms.inbound_text, now?: number): boolean?, sms.error?
]]

local READ = [[

---@param request sms.webhook_request
---@param options? sms.webhook_options
---@return sms.webhook? webhook
---@return sms.error? err
function %s:read_webhook(request, options) end
]]

local VERIFY = [[

---@param params table<string, any>
---@return boolean is_signed
function %s:verify_signature(params) end
]]

--- The classes, with the kinds of all webhooks of the providers.
---@param providers table[]
---@return string
function webhook_types.classes(providers)
  local kinds, seen = {}, {}
  for _, provider in ipairs(providers) do
    for _, kind in ipairs(provider.webhooks and provider.webhooks.kinds or {}) do
      kinds[#kinds + 1] = not seen[kind[1]] and ('"%s"'):format(kind[1]) or nil
      seen[kind[1]] = true
    end
  end
  return (CLASSES:gsub("%%KINDS", table.concat(kinds, "|")))
end

--- What a client of a provider has; %s is its name.
---@param provider table
---@return string
function webhook_types.methods(provider)
  local declared = provider.webhooks
  return (declared and READ or "") .. (declared and declared.verify and VERIFY or "")
end

return webhook_types
