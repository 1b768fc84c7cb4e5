--- Nexmo's webhooks, as its declaration has them. Pure.

local inbound = require "sms.providers.nexmo.webhooks.inbound"
local kinds = require "sms.providers.nexmo.webhooks.kinds"
local proofs = require "sms.providers.nexmo.webhooks.proofs"
local receipts = require "sms.providers.nexmo.webhooks.receipts"

return {
  kinds = kinds.list,
  read = kinds.read,
  prove = proofs.of,
  verify = proofs.verify,
  tolerance = 300, -- seconds that a webhook may be old or ahead
  repeated_for = 72 * 3600, -- seconds for which one may be sent again
  receipt = receipts,
  inbound = inbound,
}
