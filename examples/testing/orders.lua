--- What a shop tells its customers by SMS: a program whose spec runs it against the sandbox.
---
---   cd examples/testing && busted

local sms = require "sms"

local orders = {}

local LIMIT = { calls = 10, period = 60 } -- as agreed with the provider

--- The client of the program; `given` are options beside its own, such as a sandbox's.
function orders.client(given)
  local options = { rate_limit = LIMIT }
  for name, value in pairs(given or {}) do
    options[name] = value
  end
  return sms.nexmo(options)
end

--- Confirms an order: "confirmed", "failed", or "unclear", after which it is not sent again.
function orders.confirm(client, order)
  local sent, err = client:send_sms {
    from = "Acme", to = order.phone, text = ("Order %d is on its way."):format(order.id),
    ["client-ref"] = ("order %d"):format(order.id),
  }
  if sent then
    return "confirmed"
  end
  return err.outcome == "ambiguous" and "unclear" or "failed"
end

--- Reads what the provider calls back: who wants no more texts, or which order has arrived or not.
function orders.read(client, request)
  local read, err = client:read_webhook(request)
  if not read then
    return nil, err
  elseif read.kind == "inbound_sms" then
    return read.fields.text:upper() == "STOP" and { stop = read.fields.msisdn } or {}
  elseif read.kind == "delivery_receipt" then
    return { order = read.fields["client-ref"], status = read.fields.status }
  end
  return {}
end

return orders
