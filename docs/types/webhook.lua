--- Types for LuaLS of what comes back: webhooks, receipts, inbound texts, stores.

local webhook = {}

local CLASSES = [[

--- What `read_webhook` returns.
---@class sms.webhook
---@field kind %KINDS What it is.
---@field signed boolean Whether it was signed, and the signature is right.
---@field fields table<string, any> What it says, by documented names; all texts but nested tables.

--- A request as it came.
---@class sms.webhook_request
---@field method string `GET` or `POST`.
---@field query? string Behind the `?`, as it came.
---@field headers? table<string, string|string[]> By names in any case.
---@field body? string As it came.

--- Options of `read_webhook`.
---@class sms.webhook_options
---@field tolerance? number|false Seconds that a signature may be old or ahead, 300 if left out; false: any.
---@field nonce_store? sms.store Refuses what was here before; it needs `add` alone.

--- Where records are kept: tables of strings, numbers, booleans and such tables. One of your own
--- needs what is used of it: `add` for nonces, `get` and `update` for receipts and inbound texts.
--- Each answers `nil, message` where it fails.
---@class sms.store
local store = {}

--- Whether a key is new; it is kept for so long.
---@param key string
---@param seconds number
---@return boolean? is_new
---@return string? why
function store:add(key, seconds) end

--- The record of a key; it must not be changed.
---@param key string
---@return any record Nil where there is none.
---@return string? why
function store:get(key) end

--- Changes a record, while nobody else does.
---@param key string
---@param change fun(old: any): any Gives the new record, or nil to remove it. It has no effects, as it may be called again.
---@return any record The new one.
---@return string? why
function store:update(key, change) end

--- Forgets a key.
---@param key string
---@return boolean? ok
---@return string? why
function store:remove(key) end

---@class sms.stores
local stores = {}

--- A store in a table of this process.
---@param options? { seconds: number?, clock: (fun(): number)? } `seconds`: for how long records are kept after their last change, 4 days if left out; `clock`: what tells the time, `os.time` if left out.
---@return sms.store store
function stores.table(options) end

--- A store that all workers of an nginx share.
---@param dictionary table A `lua_shared_dict`, such as `ngx.shared.sms`.
---@param options? { seconds: number?, lease: number? } `seconds`: as above; `lease`: after so many seconds the lock of a worker that died is free, 5 if left out.
---@return sms.store store
function stores.shared(dictionary, options) end

---@class sms.receipts_module
local receipts_module = {}

--- Keeps the state of messages by their receipts, which come late, twice and in any order.
---@param store sms.store Needs `get` and `update`.
---@return sms.receipts receipts
function receipts_module.new(store) end

---@class sms.receipts
local receipts = {}

--- Notes what was sent, so that the parts of a message are seen together: before its receipts or
--- after them, and as often as you like.
---@param result table What `send_sms` returned, or the `result` of its error of kind `partial`.
---@return sms.message_state? state
---@return sms.error? err
function receipts:sent(result) end

--- Takes in a receipt.
---@param fields table Those of the webhook.
---@return sms.message_state? state That of its message, with `changed`.
---@return sms.error? err
function receipts:add(fields) end

--- How a message stands.
---@param id string That of any of its parts.
---@return sms.message_state? state Nil where nothing is known of it.
---@return sms.error? err Where the store failed.
function receipts:get(id) end

--- How a message stands, by all receipts of its parts.
---@class sms.message_state
---@field status string The worst of its parts; `sent` where a part has no receipt yet.
---@field final boolean Whether nothing more is to come.
---@field doubtful boolean Whether its end says nothing: `unknown`.
---@field conflict boolean Whether a part has two different ends; the first by the provider's time holds.
---@field parts table[] Each with its own `status`, `final`, `doubtful`, `receipt` and `conflicts`.
---@field changed? boolean Whether this receipt changed its part.

---@class sms.inbound_module
local inbound_module = {}

--- Joins the parts of long inbound texts, which come in any order, repeated, or not at all.
---@param store sms.store Needs `get` and `update`, and keeps records for longer than the window.
---@param options? { window: number? } `window`: seconds to wait for the parts of a text, 3600 if left out.
---@return sms.inbound inbound
function inbound_module.new(store, options) end

---@class sms.inbound
local inbound = {}

--- Takes in a text or a part of one.
---@param fields table Those of the webhook.
---@param now? number Seconds since 1970; now if left out.
---@return sms.inbound_text|false|nil message The whole text, once; false while parts are missing, and where it came before.
---@return sms.error? err
function inbound:add(fields, now) end

--- Texts that will not get whole, as their window is over; to be called now and then.
---@param now? number Seconds since 1970; now if left out.
---@return sms.inbound_text[]? messages
---@return sms.error? err
function inbound:expired(now) end

--- Takes back a text that could not be dealt with: a repeat of one of its parts gives it again, or
--- else `expired` does.
---@param message sms.inbound_text
---@param now? number Seconds since 1970; now if left out.
---@return boolean? ok
---@return sms.error? err
function inbound:put_back(message, now) end

--- A text that came.
---@class sms.inbound_text
---@field fields table<string, string> Those of a webhook, with the whole text.
---@field complete boolean Whether all parts are there.
---@field missing integer[] The numbers of those that are not.
---@field parts table[] The fields of each part.
]]

local READ = [[

--- Reads a delivery receipt, an inbound text or the event of a call, once its signature is checked.
--- What is wrong is `nil, err` with `outcome` `rejected`: kind `auth` for a signature, `protocol` for
--- what cannot be read, `invalid` for a `request` that is none, `internal` where a store fails.
---@param request sms.webhook_request
---@param options? sms.webhook_options
---@return sms.webhook? webhook
---@return sms.error? err
function %s:read_webhook(request, options) end
]]

local VERIFY = [[

--- Looks at the signature of decoded parameters, and at nothing else: neither age nor replay.
---@param params table<string, any>
---@return boolean is_signed
function %s:verify_signature(params) end
]]

--- The classes, with the kinds of all webhooks of the providers.
---@param providers table[]
---@return string
function webhook.classes(providers)
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
function webhook.methods(provider)
  local declared = provider.webhooks
  return (declared and READ or "") .. (declared and declared.verify and VERIFY or "")
end

return webhook
