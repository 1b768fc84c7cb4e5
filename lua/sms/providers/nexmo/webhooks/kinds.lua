--- Tells webhooks apart and gives their fields the documented names. Pure.

local kinds = {}

--- The kinds, each with the fields that are documented: strings, wherever they come from. Others
--- are kept as they are.
kinds.list = {
  { "delivery_receipt", doc = "How a message stands, in the SMS API and in the Messages API.",
    fields = { "msisdn", "to", "network-code", "messageId", "price", "status", "scts", "err-code",
      "api-key", "client-ref", "message-timestamp", "timestamp", "nonce", "message_uuid" } },
  { "inbound_sms", doc = "A text, or a part of one, that was sent to a number of the account.",
    fields = { "msisdn", "to", "messageId", "type", "text", "keyword", "data", "udh", "concat",
      "concat-ref", "concat-total", "concat-part", "api-key", "message-timestamp", "timestamp",
      "nonce" } },
  { "voice", doc = "How a call stands, or how it ended.",
    fields = { "call-id", "to", "status", "call-direction", "call-price", "call-rate",
      "call-duration", "call-request", "call-start", "call-end", "network-code", "uuid",
      "conversation_uuid", "direction", "timestamp", "nonce" } },
}

local DOCUMENTED = {} -- fields by kind
for _, kind in ipairs(kinds.list) do
  DOCUMENTED[kind[1]] = kind.fields
end

-- In the order in which they are asked; then what must not be missing.
local KINDS = {
  { "voice", { "call-id", "status" }, function(has)
    return has "call-id" or has "call_id"
  end },
  { "voice", { "uuid", "status" }, function(has) -- an event of the Voice API
    return has "uuid" and has "status" and (has "conversation_uuid" or has "direction")
  end },
  { "inbound_sms", { "messageId", "msisdn", "to" }, function(has)
    return has "type" and (has "text" or has "data")
  end },
  { "delivery_receipt", { "messageId", "status", "msisdn", "to" }, function(has)
    return has "status" and (has "err-code" or has "price" or has "scts" or has "messageId")
  end },
  { "delivery_receipt", { "message_uuid", "status" }, function(has) -- of the Messages API
    return has "status" and has "message_uuid"
  end },
  { "inbound_sms", { "messageId", "msisdn", "to" }, function(has)
    return has "type" and has "messageId" -- a text of blanks may be left out
  end },
}

local spellings = {} -- call_id and the like, as documented
for _, name in ipairs(DOCUMENTED.voice) do
  if name:find("-", 1, true) then
    spellings[name:gsub("-", "_")] = name
  end
end

local function with_documented_names(by_name)
  local fields = {}
  for name, value in pairs(by_name) do
    local documented = spellings[name] or name
    if fields[documented] ~= nil then
      return nil, documented .. " comes twice"
    end
    fields[documented] = value
  end
  return fields
end

local function find(by_name)
  local function has(name)
    return by_name[name] ~= nil
  end
  for _, kind in ipairs(KINDS) do
    if kind[3](has) then
      return kind
    end
  end
end

--- Reads what kind of webhook it is.
---@param list { [1]: string, [2]: string?, nested: table? }[] of params.read
---@return string? kind
---@return table|string fields by their documented names; or what is wrong
function kinds.read(list)
  local by_name = {}
  for _, pair in ipairs(list) do
    by_name[pair[1]] = pair[2] or pair.nested
  end
  by_name.sig = nil
  local kind = find(by_name)
  if not kind then
    return nil, "it is neither a delivery receipt, nor an inbound SMS, nor of a call"
  end
  local name, fields, message = kind[1], by_name, nil
  if name == "voice" then
    fields, message = with_documented_names(by_name)
  end
  if not fields then
    return nil, message
  end
  for _, key in ipairs(DOCUMENTED[name]) do
    if fields[key] ~= nil and type(fields[key]) ~= "string" then
      return nil, key .. " is no text"
    end
  end
  for _, key in ipairs(kind[2]) do
    if not fields[key] or fields[key] == "" then
      return nil, key .. " is missing"
    end
  end
  if name == "inbound_sms" and fields.type ~= "binary" and not fields.data then
    fields.text = fields.text or ""
  end
  return name, fields
end

return kinds
