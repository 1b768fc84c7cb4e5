--- What a delivery receipt says, and a result of send_sms of its message. Pure.

local receipts = {}

--- The fields of a receipt that are kept, in the order in which two are compared; which of them is
--- its time, and which tells why.
receipts.kept = { "message-timestamp", "status", "err-code", "scts", "price", "network-code",
  "msisdn", "to", "client-ref" }
receipts.time, receipts.code = "message-timestamp", "err-code"

--- In words: what a receipt must have, and whose result tells of a message.
receipts.needs, receipts.operation = "messageId and status", "send_sms"

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

--- What is kept of a receipt. Statuses of the Messages API have another name for both their id
--- and their time.
---@param fields table of read_webhook
---@return string? id of the message; nil where it is no receipt
---@return table receipt
function receipts.read(fields)
  local id = fields.messageId or fields.message_uuid
  local receipt = {}
  for _, name in ipairs(receipts.kept) do
    receipt[name] = is_text(fields[name]) and fields[name] or nil
  end
  if not fields.messageId and is_text(fields.timestamp) then
    receipt["message-timestamp"] = fields.timestamp
  end
  return is_text(id) and receipt.status and id or nil, receipt
end

--- The parts of a message that was sent: id, or the code with which one was refused.
---@param result table of send_sms, or the `result` of its error of kind `partial`
---@return { id: string?, code: string? }[] parts
function receipts.parts(result)
  local parts = {}
  for i, part in ipairs(type(result.messages) == "table" and result.messages or {}) do
    local is_taken = part.status == "0" and is_text(part["message-id"])
    parts[i] = is_taken and { id = part["message-id"] } or { code = tostring(part.status) }
  end
  return parts
end

return receipts
