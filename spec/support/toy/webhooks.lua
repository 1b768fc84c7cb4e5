-- The toy's webhooks: one kind, a receipt as JSON, whose body is signed in a header.

local params = require "sms.wire.webhook_params"

local webhooks = {}

webhooks.kinds = {
  { "delivery_receipt", doc = "How a text stands.",
    fields = { "id", "phone", "state", "reason", "at", "once" } },
}

webhooks.tolerance = 60 -- seconds for which a signature counts
webhooks.repeated_for = 3600 -- seconds for which one may be sent again

--- What kind it is, and its fields; nil, and what is wrong with it.
function webhooks.read(list)
  local fields = {}
  for _, pair in ipairs(list) do
    fields[pair[1]] = pair[2] or pair.nested
  end
  if not fields.id or not fields.state then
    return nil, "it is no receipt"
  end
  return "delivery_receipt", fields
end

local function find(list, name)
  for _, pair in ipairs(list) do
    if pair[1] == name then return pair[2] end
  end
end

--- What proves that it comes from the provider: { list, at, nonce }; { } where no secret is known;
--- nil, the kind of an error and what it says.
function webhooks.prove(client, request, list)
  local given, message = params.header(request.headers, "x-toy-signature")
  if not client.signs then
    return {}
  elseif not given then
    return nil, "auth", message or "it is not signed"
  end
  local is_same, failure = client.credentials:verify("sha256", request.body, given)
  if failure then
    return nil, "internal", failure
  elseif not is_same then
    return nil, "auth", "the signature is wrong"
  end
  return { list = list, at = tonumber(find(list, "at")), nonce = find(list, "once") }
end

-- The words of sms.receipts for the toy's own.
local WORDS = { QUEUED = "buffered", DELIVERED = "delivered", LOST = "failed" }

--- What sms.receipts keeps; left out: the provider has no receipts.
webhooks.receipt = {
  kept = { "at", "status", "reason", "phone" }, private = { "phone" }, time = "at", code = "reason",
  needs = "id and state", operation = "send_text",
  read = function(fields)
    return fields.id and fields.state and fields.id, { at = fields.at, reason = fields.reason,
      phone = fields.phone, status = WORDS[fields.state] or fields.state }
  end,
  parts = function(result)
    return result.id and { { id = result.id } } or {}
  end,
}

return webhooks
