--- Tells webhooks apart and gives their fields the documented names (docs/providers/nexmo.md
--- 9.1 and 9.2). Pure.

local halves = require "sms.wire.halves"
local inbound = require "sms.providers.nexmo.webhooks.inbound"

local kinds = {}

--- The kinds, each with the fields that are documented: strings, wherever they come from. Others
--- are kept as they are, tables where they are nested.
kinds.list = {
  { "delivery_receipt", doc = "How a message stands, in the SMS API and in the Messages API.",
    fields = { "msisdn", "to", "network-code", "messageId", "price", "status", "scts", "err-code",
      "api-key", "client-ref", "message-timestamp", "timestamp", "nonce", "message_uuid" } },
  { "inbound_sms", doc = "A text, or a part of one, that was sent to a number of the account.",
    fields = { "msisdn", "to", "messageId", "type", "text", "keyword", "data", "udh", "concat",
      "concat-ref", "concat-total", "concat-part", "api-key", "message-timestamp", "timestamp",
      "nonce" } },
  { "voice", doc = "How a call stands, how it ended, or what else happened in it: a transfer, a "
      .. "recording, an error of its NCCO. Some events have `call_uuid` instead of `uuid`.",
    fields = { "call-id", "to", "status", "call-direction", "call-price", "call-rate",
      "call-duration", "call-request", "call-start", "call-end", "network-code", "uuid",
      "call_uuid", "conversation_uuid", "direction", "from", "reason", "recording_url",
      "recording_uuid", "conversation_uuid_from", "conversation_uuid_to", "timestamp",
      "nonce" } },
  { "other", doc = "Anything else that is authentic, as it came: kinds of later, and what is not "
      .. "documented.", fields = {} },
}

local fields_of = {} -- by kind
for _, kind in ipairs(kinds.list) do
  fields_of[kind[1]] = kind.fields
end

-- In the order in which they are asked: what must be there, all of it, as a text that is not
-- empty; then what of several, one of which must be there. `texts`: no field may be nested.
local KINDS = {
  { "voice", { "call-id", "status" } },
  { "voice", { "call_id", "status" } },
  -- Events of the Voice API.
  { "voice", {}, { "conversation_uuid", "conversation_uuid_from", "conversation_uuid_to",
    "recording_uuid", "recording_url" } },
  { "voice", { "uuid" }, { "status", "direction" } },
  { "voice", { "call_uuid" }, { "status", "direction" } },
  -- Of the SMS API; a text of blanks may be left out.
  { "inbound_sms", { "messageId", "msisdn", "to", "type" }, { "text", "data" }, texts = true },
  { "delivery_receipt", { "messageId", "status" } },
  { "delivery_receipt", { "message_uuid", "status" } }, -- of the Messages API
  { "inbound_sms", { "messageId", "msisdn", "to", "type" }, texts = true },
}

local spellings = {} -- call_id and the like, as documented
for _, name in ipairs(fields_of.voice) do
  if name:find("-", 1, true) then
    spellings[name:gsub("-", "_")] = name
  end
end

--- Those of which both spellings came stay as they are.
local function with_documented_names(by_name)
  local fields = {}
  for name, value in pairs(by_name) do
    local documented = spellings[name]
    fields[documented and by_name[documented] == nil and documented or name] = value
  end
  return fields
end

local function is_filled(value)
  return type(value) == "string" and value ~= ""
end

local function has_all(fields, names)
  for _, name in ipairs(names) do
    if not is_filled(fields[name]) then
      return false
    end
  end
  return true
end

local function has_one(fields, names)
  for _, name in ipairs(names) do
    if type(fields[name]) == "string" then
      return true
    end
  end
  return false
end

local function has_nested(fields, names)
  for _, name in ipairs(names) do
    if type(fields[name]) == "table" then
      return true
    end
  end
  return false
end

local function find(fields)
  for _, kind in ipairs(KINDS) do
    if has_all(fields, kind[2]) and (not kind[3] or has_one(fields, kind[3]))
      and not (kind.texts and has_nested(fields, fields_of[kind[1]])) then
      return kind[1]
    end
  end
  return "other"
end

--- Only the text of a part may end in half a character: the next part has its other half.
local function without_halves(kind, fields)
  local part = kind == "inbound_sms" and inbound.read(fields)
  for name, value in pairs(fields) do
    if type(value) == "string" and not (part and part.number and name == "text") then
      fields[name] = halves.replaced(value)
    end
  end
end

--- Reads what kind of webhook it is.
---@param list { [1]: string, [2]: string?, nested: table? }[] of params.read
---@return string kind
---@return table fields by their documented names
function kinds.read(list)
  local fields = {}
  for _, pair in ipairs(list) do
    fields[pair[1]] = pair[2] or pair.nested
  end
  fields.sig = nil
  local kind = find(fields)
  if kind == "voice" then
    fields = with_documented_names(fields)
  elseif kind == "inbound_sms" and fields.type ~= "binary" and not fields.data then
    fields.text = fields.text or ""
  end
  without_halves(kind, fields)
  return kind, fields
end

return kinds
