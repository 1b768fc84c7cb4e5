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

local receipts = {}

local MOST = 16 -- different receipts of one part; a provider sends two or three

-- How much a status says. Words that are not documented say less than any other.
local LEVELS = { accepted = 1, buffered = 2, unknown = 3, delivered = 4, expired = 4, failed = 4,
  rejected = 4 }
local DOUBTFUL, FINAL = 3, 4

-- Of the same time: what is worse comes later, so that it is a conflict.
local RANKS = { delivered = 1, failed = 2, expired = 3, rejected = 4 }

-- What a message is, when its parts differ: the first of these that one of them is. `sent` is
-- a part without a receipt; words that are not documented stand beside it.
local WORST = { refused = 1, rejected = 2, failed = 3, expired = 4, sent = 5, accepted = 6,
  buffered = 7, unknown = 8, delivered = 9 }

-- What is kept of a receipt, in the order in which two are compared.
local KEPT = { "message-timestamp", "status", "err-code", "scts", "price", "network-code",
  "msisdn", "to", "client-ref" }

local LATEST = "9999" -- a receipt without its time comes after all that have one

local function level_of(receipt)
  return LEVELS[receipt.status] or 0
end

--- A total order: the receipt that holds comes first.
local function is_before(a, b)
  if level_of(a) ~= level_of(b) then
    return level_of(a) > level_of(b)
  end
  local time, other = a["message-timestamp"] or LATEST, b["message-timestamp"] or LATEST
  if time ~= other then
    return time < other
  end
  local rank, other_rank = RANKS[a.status] or 0, RANKS[b.status] or 0
  if rank ~= other_rank then
    return rank < other_rank
  end
  for _, name in ipairs(KEPT) do
    local one, two = a[name] or "", b[name] or ""
    if one ~= two then
      return one < two
    end
  end
  return false
end

--- The receipts of a part with another one among them.
local function with(list, receipt)
  local merged, is_new = {}, true
  for _, other in ipairs(list or {}) do
    if other.status == receipt.status and other["err-code"] == receipt["err-code"] then
      is_new = false
      other = is_before(receipt, other) and receipt or other
    end
    merged[#merged + 1] = other
  end
  if is_new then
    merged[#merged + 1] = receipt
  end
  table.sort(merged, is_before)
  merged[MOST + 1] = nil
  return merged
end

local function copy_of(receipt)
  local copy = {}
  for name, value in pairs(receipt) do
    copy[name] = value
  end
  return copy
end

--- The state of one part.
local function state_of(id, record)
  local list = record and record.receipts or {}
  local first = list[1]
  local level = first and level_of(first) or 0
  local state = { id = id, status = first and first.status or "sent", final = level >= DOUBTFUL,
    doubtful = level == DOUBTFUL, receipt = first and copy_of(first), conflicts = {} }
  for i = 2, #list do
    if level_of(list[i]) == FINAL and list[i].status ~= first.status then
      state.conflicts[#state.conflicts + 1] = copy_of(list[i])
    end
  end
  return state
end

--- The state of a message by those of its parts.
local function summary(parts)
  local message = { final = true, doubtful = false, conflict = false, parts = parts }
  local worst
  for _, part in ipairs(parts) do
    local rank = WORST[part.status] or WORST.sent
    if not worst or rank < worst then
      worst, message.status = rank, part.status
    end
    message.final = message.final and part.final
    message.doubtful = message.doubtful or part.doubtful
    message.conflict = message.conflict or #part.conflicts > 0
  end
  return message
end

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

--- Takes in a delivery receipt.
---@param fields table of read_webhook
---@return table? state of the message; `changed` tells whether this receipt changed its part
---@return string? message
function Receipts:add(fields)
  if type(fields) ~= "table" or not is_text(fields.messageId) or not is_text(fields.status) then
    return nil, "the fields of a delivery receipt were expected, with messageId and status"
  end
  local receipt, changed = {}, false
  for _, name in ipairs(KEPT) do
    receipt[name] = is_text(fields[name]) and fields[name] or nil
  end
  local id = fields.messageId
  local ok, why = update(self, id, function(old)
    local new = { parts = old and old.parts, receipts = with(old and old.receipts, receipt) }
    local before, now = state_of(id, old), state_of(id, new)
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
  local states = {}
  for i, part in ipairs(record.parts or { { id = id } }) do
    if part.id then
      local own = record
      if part.id ~= id then
        own, why = self.store:get(key_of(part.id))
      end
      if why then
        return nil, why
      end
      states[i] = state_of(part.id, own)
    else
      states[i] = { status = "refused", code = part.code, final = true, doubtful = false,
        conflicts = {} }
    end
  end
  return summary(states)
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
