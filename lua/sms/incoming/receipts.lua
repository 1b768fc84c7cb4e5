--- The state of messages by their delivery receipts (nexmo.md 9.2), which come late, twice, in
--- any order, and before their message is known here.
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

local states = require "sms.incoming.states"

local receipts = {}

local Receipts = {}

local function key_of(id)
  return "sms:message:" .. id
end

--- What store:update gives, told apart from a failure.
local function update(self, id, change)
  local _, why = self.store:update(key_of(id), change)
  return why == nil, why
end

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

--- The parts that were sent: id, or none where the provider refused one.
local function parts_of(result)
  local messages = type(result) == "table" and result.messages
  if type(messages) ~= "table" or not messages[1] then
    return nil
  end
  local parts, ids = {}, 0
  for i, part in ipairs(messages) do
    local is_taken = part.status == "0" and is_text(part["message-id"])
    parts[i] = is_taken and { id = part["message-id"] } or { code = tostring(part.status) }
    ids = ids + (is_taken and 1 or 0)
  end
  return parts, ids
end

--- Notes what was sent, so that the parts of a message are seen together; before its receipts
--- or after them, and as often as one likes.
---@param result table of send_sms, or the `result` of its error of kind `partial`
---@return table? state of the message
---@return string? message
function Receipts:sent(result)
  local parts, ids = parts_of(result)
  if not parts or ids == 0 then
    return nil, "a result of send_sms was expected, with the id of a message"
  end
  for _, part in ipairs(parts) do
    local ok, why = true, nil
    if part.id then
      ok, why = update(self, part.id, function(old)
        return { parts = parts, receipts = old and old.receipts or {} }
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

--- The id that a receipt is about, and what is kept of it. Statuses of the Messages API have
--- another name for both their id and their time.
local function read(fields)
  local id = fields.messageId or fields.message_uuid
  local receipt = {}
  for _, name in ipairs(states.KEPT) do
    receipt[name] = is_text(fields[name]) and fields[name] or nil
  end
  if not fields.messageId and is_text(fields.timestamp) then
    receipt["message-timestamp"] = fields.timestamp
  end
  return is_text(id) and receipt.status and id, receipt
end

--- Takes in a delivery receipt.
---@param fields table of read_webhook
---@return table? state of the message; `changed` tells whether this receipt changed its part
---@return string? message
function Receipts:add(fields)
  local id, receipt, changed = nil, nil, false
  if type(fields) == "table" then
    id, receipt = read(fields)
  end
  if not id then
    return nil, "the fields of a delivery receipt were expected, with messageId and status"
  end
  local ok, why = update(self, id, function(old)
    local new = { parts = old and old.parts, receipts = states.with(old and old.receipts, receipt) }
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
---@param id string message-id of any of its parts
---@return table? state nil where nothing is known of it
---@return string? message where the store failed
function Receipts:get(id)
  local record, why = self.store:get(key_of(id))
  if not record then
    return nil, why
  end
  local list = {}
  for i, part in ipairs(record.parts or { { id = id } }) do
    if part.id then
      local own = record
      if part.id ~= id then
        own, why = self.store:get(key_of(part.id))
      end
      if why then
        return nil, why
      end
      list[i] = states.of_part(part.id, own)
    else
      list[i] = { status = "refused", code = part.code, final = true, doubtful = false,
        conflicts = {} }
    end
  end
  return states.of_message(list)
end

--- Keeps receipts.
---@param store table any object with `get` and an atomic `update` (see sms.stores)
---@return table
function receipts.new(store)
  if type(store) ~= "table" and type(store) ~= "userdata" or not store.get or not store.update then
    error("sms.receipts: a store with get and update was expected", 2)
  end
  return setmetatable({ store = store }, { __name = "sms.receipts", __index = Receipts })
end

return receipts
