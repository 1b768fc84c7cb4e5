--- What a delivery receipt says, and a result of send_sms of its message. Pure.

local receipts = {}

--- The fields of a receipt that are kept, in the order in which two are compared; which of them
--- tell whom it is about; which is its time, and which tells why.
receipts.kept = { "message-timestamp", "status", "err-code", "scts", "price", "network-code",
  "msisdn", "to", "client-ref" }
receipts.private = { "msisdn", "to", "client-ref" }
receipts.time, receipts.code = "message-timestamp", "err-code"

--- In words: what a receipt must have, and whose result tells of a message.
receipts.needs, receipts.operation = "messageId and status", "send_sms"

local function is_text(value)
  return type(value) == "string" and value ~= ""
end

--- A number of the Messages API: a text, or an object that has it.
local function number_of(value)
  return type(value) == "table" and value.number or value
end

--- A status of the Messages API, by the names of a receipt.
local function of_status(fields)
  local problem, usage = fields.error, fields.usage
  problem = type(problem) == "table" and problem or {}
  local code = problem.title or problem.code
  return { messageId = fields.message_uuid, status = fields.status,
    msisdn = number_of(fields.to), to = number_of(fields.from),
    price = type(usage) == "table" and usage.price or nil,
    ["err-code"] = type(code) == "number" and ("%.0f"):format(code) or code,
    ["client-ref"] = fields.client_ref, ["message-timestamp"] = fields.timestamp }
end

--- What is kept of a receipt.
---@param fields table of read_webhook
---@return string? id of the message; nil where it is no receipt
---@return table receipt
function receipts.read(fields)
  if not is_text(fields.messageId) then
    fields = of_status(fields)
  end
  local receipt = {}
  for _, name in ipairs(receipts.kept) do
    receipt[name] = is_text(fields[name]) and fields[name] or nil
  end
  return is_text(fields.messageId) and receipt.status and fields.messageId or nil, receipt
end

--- The parts of a message that was sent: id, or the code with which one was refused.
---@param result table of send_sms, or the `result` of its error of kind `partial`
---@return { id: string?, code: string? }[] parts
function receipts.parts(result)
  local parts = {}
  for i, part in ipairs(type(result.messages) == "table" and result.messages or {}) do
    part = type(part) == "table" and part or {}
    local is_taken = part.status == "0" and is_text(part["message-id"])
    parts[i] = is_taken and { id = part["message-id"] } or { code = tostring(part.status) }
  end
  return parts
end

return receipts
