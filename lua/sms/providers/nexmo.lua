--- Nexmo (Vonage) as data: hosts, operations, what its answers mean. The order and the
--- texts follow the provider's documentation.

local applications = require "sms.providers.nexmo_applications"
local codes = require "sms.providers.nexmo_codes"
local measure = require "sms.core".measure
local voice = require "sms.providers.nexmo_voice"
local message = require "sms.providers.nexmo_message"

local MOST_BINARY = 140 -- octets of user data, header included

-- Where the credentials go, by the client option `auth` (nexmo.md 1.2).
local SMS_AUTH = { basic = "basic", params = "body", signature = "signature" }
local NUMBERS_AUTH = { basic = "basic", params = "query", signature = "basic" }

local IN_QUOTES = "must be a string: write it in quotes"

-- What goes with which `type` of send_sms (nexmo.md 3.1). A text is taken everywhere, as
-- the documentation marks it required, and sent where it means something.
local BY_TYPE = {
  text = { needs = { "text" } },
  unicode = { needs = { "text" } },
  binary = { needs = { "body", "udh" }, may = { "protocol-id" } },
  wappush = { needs = { "title", "url" }, may = { "validity" } },
  vcard = { needs = { "vcard" } },
  vcal = { needs = { "vcal" } },
}
local BOUND_TO_TYPE = { "vcard", "vcal", "udh", "protocol-id", "body", "title", "url",
  "validity" }

local function set_of(...)
  local set = {}
  for _, list in ipairs { ... } do
    for _, name in ipairs(list) do
      set[name] = true
    end
  end
  return set
end

local IS_BOUND = set_of(BOUND_TO_TYPE)

local function has_any(params, set)
  for name in next, params do
    if set[name] then
      return true
    end
  end
  return false
end

local function goes_with_type(params, problem, _, given)
  if given.type ~= nil and not params.type then
    return -- a type that is not one says nothing about the rest
  end
  local kind = params.type or "text"
  local rule = BY_TYPE[kind]
  for _, name in ipairs(rule.needs) do
    if params[name] == nil then
      problem(name, ("is required with type '%s'"):format(kind))
    end
  end
  if not has_any(params, IS_BOUND) then
    return
  end
  local allowed = set_of(rule.needs, rule.may or {})
  for _, name in ipairs(BOUND_TO_TYPE) do
    if params[name] ~= nil and not allowed[name] then
      problem(name, ("does not go with type '%s'"):format(kind))
    end
  end
end

local function binary_fits(params, problem)
  if params.body and params.udh and (#params.body + #params.udh) / 2 > MOST_BINARY then
    problem("body", ("must have at most %d octets together with udh"):format(MOST_BINARY))
  end
end

--- Characters outside GSM 7-bit are lost under type `text`: choose `unicode`, or refuse.
local function choose_type(params, problem, client)
  if not params.text or (params.type and params.type ~= "text") then
    if params.type ~= "unicode" then
      params.text = nil
    end
    return
  end
  local encoding, _, _, position = measure(params.text)
  if encoding ~= "UCS-2" then
    return
  elseif not params.type and client.auto_unicode then
    params.type = "unicode"
    return
  end
  problem("text", ("the character at byte %d does not fit type 'text'"):format(position))
end

-- What these rules come to where none of the fields bound to a type is given: there must be a
-- text, which goes with type `unicode`, or without a type, where it fits GSM 7-bit; a misfit
-- gets its type where the client's auto_unicode says so. sms.direct knows that.
local USUAL = { text = "text", type = "type", misfit = "unicode", without = BOUND_TO_TYPE }

local SEARCH = {
  values = { starts = 0, contains = 1, ends = 2, [0] = 0, [1] = 1, [2] = 2,
    ["0"] = 0, ["1"] = 1, ["2"] = 2 },
  says = "0 or 'starts', 1 or 'contains', 2 or 'ends'",
}

local number = {
  { "country", type = "string" },
  { "msisdn", type = "string" },
  { "type", type = "string" },
  { "cost", type = "string" },
  { "initialPrice", type = "string" },
  { "features", type = "array", items = { type = "string" } },
  { "moHttpUrl", type = "string" },
  { "voiceCallbackType", type = "string" },
  { "voiceCallbackValue", type = "string" },
  { "voiceStatusCallback", type = "string" },
  { "messagesCallbackType", type = "string" },
  { "messagesCallbackValue", type = "string" },
  { "app_id", type = "string" },
}

local numbers = { type = "record", fields = {
  { "count", type = "integer" },
  { "numbers", type = "array", always = true, items = { type = "record", fields = number } },
} }

local search_pattern = { "search_pattern", alias = "Search Pattern", type = "choice",
  values = SEARCH.values, says = SEARCH.says, doc = "Where `pattern` is looked for." }
local pattern = { "pattern", type = "digits", format = "digits", doc = "Digits to look for." }
local index = { "index", type = "integer", min = 1, doc = "Page, from 1." }
local size = { "size", type = "integer", min = 1, max = 100,
  doc = "Numbers a page, 10 if left out." }

local pages = { items = { "numbers" }, by = "index", from = 1, size = "size", most = 100,
  total = "count", unique = "msisdn" }

local operations = {
  {
    "send_sms",
    doc = "Send an SMS.",
    method = "POST", path = "/sms/json", body = "form", hosts = { "rest" }, auth = SMS_AUTH,
    fields = {
      { "from", type = "string", required = true, format = "nexmo_sender",
        says_number = IN_QUOTES, doc = "Sender: a number, or up to 11 characters." },
      { "to", type = "string", required = true, format = "e164", says_number = IN_QUOTES,
        doc = "Phone number of the recipient." },
      { "text", type = "string", min_length = 1, max_length = 3200, multiline = true,
        doc = "Text; required for type text and unicode." },
      { "type", type = "string",
        enum = { "text", "unicode", "binary", "wappush", "vcal", "vcard" },
        doc = "Kind of message; text or unicode, whichever fits, if left out." },
      { "status-report-req", type = "flag", doc = "1 asks for a delivery receipt." },
      { "client-ref", type = "string", min_length = 1, max_length = 100, warn_length = 40,
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
      { "account-ref", type = "string", min_length = 1, doc = "Billing reference." },
      { "entity-id", type = "digits", format = "digits", max_length = 20,
        doc = "Regulatory id of the sender." },
      { "content-id", type = "digits", format = "digits", max_length = 20,
        doc = "Regulatory id of the text." },
      { "trusted-number", type = "boolean", doc = "Skips fraud protection." },
      { "pool-id", type = "string", min_length = 1, doc = "Pool of numbers used as sender." },
      { "network-code", type = "digits", format = "digits", doc = "MCCMNC of the recipient." },
    },
    rules = { goes_with_type, binary_fits, choose_type },
    usual = USUAL,
    returns = { type = "record", fields = {
      { "message-count", type = "string" },
      { "messages", type = "array", required = true, items = { type = "record", fields = {
        { "status", type = "string", required = true },
        { "message-id", type = "string" },
        { "to", type = "string" },
        { "client-ref", type = "string" },
        { "remaining-balance", type = "string" },
        { "message-price", type = "string" },
        { "network", type = "string" },
        { "error-text", type = "string" },
        { "account-ref", type = "string" },
      } } },
    } },
    judge = codes.judge_sms,
  },
  voice.operation,
  {
    "list_inbound_numbers",
    doc = "List inbound numbers that are available in a country.",
    method = "GET", path = "/number/search", hosts = { "rest" }, auth = NUMBERS_AUTH,
    safe = true,
    fields = {
      { "country", type = "string", required = true, format = "country",
        doc = "Country, such as GB." },
      search_pattern, pattern,
      { "features", type = "string",
        enum = { "SMS", "VOICE", "MMS", "SMS,VOICE", "SMS,MMS", "VOICE,MMS", "SMS,MMS,VOICE" },
        doc = "What the number must be able to do." },
      size, index,
      { "type", type = "string", enum = { "landline", "mobile-lvn", "landline-toll-free" },
        doc = "Kind of number." },
    },
    returns = numbers, judge = codes.judge_numbers, paging = pages,
  },
  {
    "list_owned_numbers",
    doc = "List the account's own numbers.",
    method = "GET", path = "/account/numbers", hosts = { "rest" }, auth = NUMBERS_AUTH,
    safe = true,
    fields = {
      search_pattern, index, size, pattern,
      { "country", type = "string", format = "country", doc = "Country, such as GB." },
      { "application_id", type = "string", min_length = 1, doc = "Numbers linked to it." },
      { "has_application", type = "boolean", doc = "Numbers linked to any, or to none." },
    },
    returns = numbers, judge = codes.judge_numbers, paging = pages,
  },
}

for _, operation in ipairs(applications.operations) do
  operations[#operations + 1] = operation
end

return {
  name = "nexmo",
  hosts = { rest = "https://rest.nexmo.com", api = "https://api.nexmo.com" },
  shows_identity = true, -- signed parameters have it (nexmo.md section 8)
  credentials = { identity = "api_key", password = "api_secret",
    signature = "signature_secret", application = "application_id",
    private_key = "private_key" },
  environment = {
    api_key = "NEXMO_API_KEY",
    api_secret = "NEXMO_API_SECRET",
    signature_secret = "NEXMO_SIGNATURE_SECRET",
    signature_method = "NEXMO_SIGNATURE_METHOD",
    application_id = "NEXMO_APPLICATION_ID",
    private_key = "NEXMO_PRIVATE_KEY",
  },
  options = {
    { "signature_secret", type = "string", min_length = 1 },
    { "signature_method", type = "string", default = "md5hash",
      enum = { "md5hash", "md5", "sha1", "sha256", "sha512" } },
    { "auth", type = "string", default = "basic", enum = { "basic", "params", "signature" } },
    { "auto_unicode", type = "boolean", default = true },
    { "api_version", type = "choice", default = 2, values = { [1] = 1, [2] = 2 }, says = "1 or 2" },
  },
  limits = { { calls = 100, period = 60 }, { calls = 30, period = 1 } },
  statuses = {},
  read_error = codes.read_error,
  operations = operations,
  message = message,
  bulk = { operation = "send_sms", most = 1, options = {} },
  --- What stands behind an operation for a client's options.
  select = function(operation, options, has_application)
    return operation == voice.operation and voice.select(has_application)
      or applications.select(operation, options)
  end,
  check = {
    "check",
    method = "GET", path = "/account/get-balance", hosts = { "rest" }, auth = NUMBERS_AUTH,
    safe = true, fields = {}, judge = codes.judge_numbers,
    returns = { type = "record", fields = { { "value", type = "number", required = true } } },
  },
}
