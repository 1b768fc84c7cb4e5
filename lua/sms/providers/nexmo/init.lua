--- Nexmo (Vonage) as data: hosts, operations, what its answers mean. The order and the
--- texts follow the provider's documentation.

local apis = require "sms.providers.nexmo.apis"
local applications = require "sms.providers.nexmo.applications"
local codes = require "sms.providers.nexmo.codes"
local credentials = require "sms.providers.nexmo.credentials"
local error_body = require "sms.providers.nexmo.error_body"
local message = require "sms.providers.nexmo.message"
local notes = require "sms.providers.nexmo.notes"
local numbers = require "sms.providers.nexmo.numbers"
local signature = require "sms.providers.nexmo.signature"
local types = require "sms.providers.nexmo.types"
local voice = require "sms.providers.nexmo.voice"
local webhooks = require "sms.providers.nexmo.webhooks"

local IN_QUOTES = "must be a string: write it in quotes"

local operations = {
  {
    "send_sms",
    doc = "Send an SMS.",
    method = "POST", path = "/sms/json", body = "form", hosts = { "rest" },
    fields = {
      { "from", type = "string", required = true, format = "e164_sender",
        says_number = IN_QUOTES, doc = "Sender: a number, or up to 11 characters." },
      { "to", type = "string", required = true, format = "e164", says_number = IN_QUOTES,
        doc = "Phone number of the recipient." },
      { "text", type = "string", min_length = 1, max_length = 3200, multiline = true,
        doc = "Text; required for type text and unicode." },
      { "type", type = "string",
        enum = { "text", "unicode", "binary", "wappush", "vcal", "vcard" },
        doc = "Kind of message; text or unicode, whichever fits, if left out." },
      { "status-report-req", type = "flag", doc = "1 asks for a delivery receipt." },
      { "client-ref", type = "string", reference = true, min_length = 1, max_length = 100,
        warn_length = 40,
        doc = "Own reference, returned in the answer and the receipt." },
      { "vcard", type = "string", min_length = 1, multiline = true, doc = "vCard text." },
      { "vcal", type = "string", min_length = 1, multiline = true, doc = "vCalendar text." },
      { "ttl", type = "integer", min = 20000, max = 604800000,
        doc = "Milliseconds in which delivery is tried." },
      { "callback", type = "string", format = "url", max_length = 100,
        doc = "Where the delivery receipt is sent." },
      { "message-class", type = "integer", min = 0, max = 3, doc = "0 is flash." },
      { "udh", type = "string", format = "udh", doc = "User data header in hex." },
      { "protocol-id", type = "digits", format = "octet", doc = "0 to 255." },
      { "body", type = "string", format = "hex", doc = "Binary data in hex." },
      { "title", type = "string", min_length = 1, doc = "Title of a WAP push." },
      { "url", type = "string", format = "url", doc = "URL of a WAP push." },
      { "validity", type = "digits", format = "digits",
        doc = "Milliseconds in which a WAP push is valid." },
      { "account-ref", type = "string", reference = true, min_length = 1,
        doc = "Billing reference." },
      { "entity-id", type = "digits", format = "digits", max_length = 20,
        doc = "Regulatory id of the sender." },
      { "content-id", type = "digits", format = "digits", max_length = 20,
        doc = "Regulatory id of the text." },
      { "trusted-number", type = "boolean", doc = "Skips fraud protection." },
      { "pool-id", type = "string", min_length = 1, doc = "Pool of numbers used as sender." },
      { "network-code", type = "digits", format = "digits", doc = "MCCMNC of the recipient." },
    },
    rules = types.rules, usual = types.usual,
    returns = { type = "record", fields = {
      { "message-count", type = "string", doc = "How many parts it was split into." },
      { "messages", type = "array", required = true, doc = "The parts.", items = { type = "record",
        fields = {
        { "status", type = "string", required = true,
          doc = "0 where the part was taken; else why not." },
        { "message-id", type = "string", doc = "Id of the part, by which receipts name it." },
        { "to", type = "string", doc = "The number." },
        { "client-ref", type = "string", doc = "That of the call." },
        { "remaining-balance", type = "string", doc = "What the account has left." },
        { "message-price", type = "string", doc = "What the part costs." },
        { "network", type = "string", doc = "MCCMNC of the recipient." },
        { "error-text", type = "string", doc = "Why the part was not taken." },
        { "account-ref", type = "string", doc = "That of the call." },
      } } },
    } },
    judge = codes.judge_sms,
  },
  voice.operation,
}

for _, list in ipairs { numbers.operations, applications.operations } do
  for _, operation in ipairs(list) do
    operations[#operations + 1] = operation
  end
end

return {
  name = "nexmo",
  hosts = { rest = "https://rest.nexmo.com", api = "https://api.nexmo.com" },
  shows_identity = true, -- the api_key is among what is signed
  credentials = credentials.names,
  auth_parameters = credentials.parameters,
  environment = credentials.environment,
  credentials_problem = credentials.problem,
  needs_password = credentials.needs_password,
  signature = signature,
  options = {
    { "api_key", type = "string", doc = "Key of the account, which is no secret." },
    { "api_secret", type = "string", doc = "Its secret." },
    { "signature_secret", type = "string", doc = "Signs texts with `auth`, and checks webhooks." },
    { "signature_method", type = "string", default = "md5hash",
      enum = { "md5hash", "md5", "sha1", "sha256", "sha512" } },
    { "auth", type = "string", default = "basic", enum = { "basic", "params", "signature" },
      doc = "How SMS and Numbers are authenticated: `params` puts key and secret among the "
        .. "parameters, `signature` signs texts, and Numbers have Basic then." },
    { "auto_unicode", type = "boolean", default = true,
      doc = "Sends a text that does not fit GSM-7 as unicode, where `type` is left out." },
    { "application_id", type = "string",
      doc = "Application whose calls `send_voice` makes, with its `private_key`." },
    { "private_key", type = "string",
      doc = "Its RSA key in PEM form, or the path of a file with it." },
    { "api_version", type = "choice", default = 2, values = { [1] = 1, [2] = 2 }, says = "1 or 2",
      doc = "Version of the Application API." },
  },
  limits = { { calls = 100, period = 60 }, { calls = 30, period = 1 } },
  apis = apis,
  statuses = {},
  read_error = error_body.read,
  operations = operations,
  notes = notes,
  message = message,
  webhooks = webhooks,
  bulk = { operation = "send_sms", most = 1, options = {} },
  --- What stands behind an operation for a client's options.
  select = function(operation, options, has_application)
    return operation == voice.operation and voice.select(has_application)
      or applications.select(operation, options)
  end,
  check = "get_balance",
}
