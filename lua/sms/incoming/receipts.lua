--- The state of messages by their delivery receipts, which come late, twice, in any order, and
--- before their message is known here.
---
---   local receipts = sms.receipts.new(sms.stores.shared(ngx.shared.sms))
---   receipts:sent(result)            -- of send_sms
---   receipts:add(webhook.fields)     -- each receipt
---   receipts:get(message_id).status
---
--- Of each part all different receipts are kept, and its state is a function of their set:
--- nothing depends on the order in which they come, and none counts twice. A final status beats
--- others; `unknown`, which is final but says nothing, yields to one that does; of two final
--- ones the first holds, by the provider's own time, and the other is kept as a conflict.
---
--- A provider declares `webhooks.receipt = { read, kept, private, time, code, needs, parts,
--- operation }`: what makes an id and what is kept of the fields of a receipt, or nothing where
--- they are none of its; which fields are kept, which of these are not where the store tells
--- `change` so by a second argument that is true, which is the time, which tells why; what makes
--- parts of a result. Statuses are in the words of sms.incoming.states.

local errors = require "sms.base.errors"
local messages = require "sms.incoming.messages"
local misuse = require "sms.base.misuse"
local registry = require "sms.base.registry"
local states = require "sms.incoming.states"

local receipts = {}

local Receipts = {}

--- What store:update gives, told apart from a failure.
local function update(self, id, change)
  local _, why = self.store:update(messages.key(id), change)
  return why == nil, why and errors.of_store("receipts", why)
end

--- What the providers declare, in words: what of it is wanted.
local function words_of(name)
  local words = {}
  for i, declared in ipairs(registry.collect("webhooks", "receipt")) do
    words[i] = declared[name]
  end
  return table.concat(words, ", or ")
end

--- Notes what was sent, so that the parts of a message are seen together; before its receipts
--- or after them, and as often as one likes.
---@param result table of the operation that sends, or the `result` of its error of kind `partial`
---@return table? state of the message
---@return table? err
function Receipts:sent(result)
  local parts = messages.parts(result)
  if not parts then
    return nil, errors.here("invalid", "receipts",
      ("a result of %s was expected, with the id of a message"):format(words_of "operation"))
  end
  for _, part in ipairs(parts) do
    local ok, why = true, nil
    if part.id then
      ok, why = update(self, part.id, function(old)
        return { parts = parts, receipts = old and old.receipts or {}, bare = old and old.bare }
      end)
    end
    if not ok then
      return nil, why
    end
  end
  for _, part in ipairs(parts) do
    if part.id then
      return self:get(part.id)
    end
  end
end

--- The id that a receipt is about, what is kept of it, and whose it is.
local function read(fields)
  for _, declared in ipairs(registry.collect("webhooks", "receipt")) do
    local id, receipt = declared.read(fields)
    if id then
      return id, receipt, declared
    end
  end
end

--- Takes in a delivery receipt.
---@param fields table of read_webhook
---@return table? state of the message; `changed` tells whether this receipt changed its part
---@return table? err
function Receipts:add(fields)
  local id, receipt, declared
  if type(fields) == "table" then
    id, receipt, declared = read(fields)
  end
  if not id then
    return nil, errors.here("invalid", "receipts",
      "the fields of a delivery receipt were expected, with " .. words_of "needs")
  end
  local changed = false
  local ok, why = update(self, id, function(old, is_bare)
    if is_bare or old and old.bare then
      receipt = messages.bare(receipt)
    end
    local new = { parts = old and old.parts, bare = old and old.bare,
      receipts = states.with(old and old.receipts, receipt, declared) }
    local before, now = states.of_part(id, old), states.of_part(id, new)
    changed = before.receipt == nil or before.status ~= now.status
      or #before.conflicts ~= #now.conflicts
    return new
  end)
  if not ok then
    return nil, why
  end
  local state, failure = self:get(id)
  if state then
    state.changed = changed
  end
  return state, failure
end

--- The state of the message that a part belongs to: its `status` (the worst of its parts),
--- whether it is `final`, whether that is `doubtful`, whether there is a `conflict`, its `parts`.
---@param id string of any of its parts
---@return table? state nil where nothing is known of it
---@return table? err where the store failed
function Receipts:get(id)
  if type(id) ~= "string" then
    error("receipts:get: the id of a message was expected, a string", 2)
  end
  local record, why = self.store:get(messages.key(id))
  if not record then
    return nil, why and errors.of_store("receipts", why)
  end
  local state
  state, why = messages.state(self.store, record.parts or { { id = id } }, { [id] = record })
  return state, why and errors.of_store("receipts", why)
end

misuse.guard(Receipts, "receipts")

--- Keeps receipts.
---@param store table any object with `get` and an atomic `update` (see sms.stores)
---@param options nil there are none
---@return table
function receipts.new(store, options)
  misuse.check_dot(receipts, store, "sms.receipts.new")
  local is_object = type(store) == "table" or type(store) == "userdata"
  if not (is_object and store.get and store.update) then
    error("sms.receipts: a store with get and update was expected", 2)
  end
  local problem = misuse.of_options(options, {})
  if problem then
    error("sms.receipts: " .. problem, 2)
  end
  return setmetatable({ store = store }, { __name = "sms.receipts", __index = Receipts })
end

return receipts
