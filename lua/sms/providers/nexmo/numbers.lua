--- Nexmo's numbers as data: those that can be bought, those owned, what is done with them, and
--- the balance. Pure.

local codes = require "sms.providers.nexmo.codes"
local lists = require "sms.providers.nexmo.lists"

local numbers = {}

local SEARCH = {
  values = { starts = 0, contains = 1, ends = 2, [0] = 0, [1] = 1, [2] = 2,
    ["0"] = 0, ["1"] = 1, ["2"] = 2 },
  says = "0 or 'starts', 1 or 'contains', 2 or 'ends'",
}

local number = {
  { "country", type = "string", doc = "Two letters." },
  { "msisdn", type = "string", doc = "The number." },
  { "type", type = "string", doc = "Kind of number." },
  { "cost", type = "string", doc = "Price of a month." },
  { "initialPrice", type = "string", doc = "Price of setting it up." },
  { "features", type = "array", always = true, items = { type = "string" },
    doc = "What it can do." },
  { "moHttpUrl", type = "string", doc = "Webhook of its inbound texts." },
  { "voiceCallbackType", type = "string", doc = "Where calls to it go." },
  { "voiceCallbackValue", type = "string", doc = "The address, number or application of that." },
  { "voiceStatusCallback", type = "string", doc = "Webhook of its calls." },
  { "messagesCallbackType", type = "string", doc = "Such as app." },
  { "messagesCallbackValue", type = "string", doc = "The application of that." },
  { "app_id", type = "string", doc = "The application it is linked to." },
}

local shape = { type = "record", fields = {
  { "count", type = "integer", filled = true, doc = "How many there are on all pages." },
  { "numbers", type = "array", always = true, items = { type = "record", fields = number },
    doc = "Those of this page." },
} }

local search_pattern = { "search_pattern", alias = "Search Pattern", type = "choice",
  values = SEARCH.values, says = SEARCH.says, doc = "Where `pattern` is looked for." }
local pattern = { "pattern", type = "digits", format = "digits", doc = "Digits to look for." }
local index = { "index", type = "integer", min = 1, doc = "Page, from 1." }
local size = { "size", type = "integer", min = 1, max = 100,
  doc = "Numbers a page, 10 if left out." }

local pages = { items = { "numbers" }, by = "index", from = 1, size = "size", most = 100,
  total = "count", unique = "msisdn" }

local country = { "country", type = "string", required = true, format = "country",
  doc = "Country of the number, such as GB." }
local msisdn = { "msisdn", type = "string", required = true, format = "e164",
  says_number = "must be a string: write it in quotes", doc = "The number." }
local target_api_key = { "target_api_key", type = "string", min_length = 1,
  doc = "Key of the subaccount that has it, or is to have it." }

--- Both of two params, or neither.
local function together(one, other)
  return function(params, problem)
    local missing = params[one] == nil and one or params[other] == nil and other
    if missing and (params[one] or params[other]) ~= nil then
      problem(missing, ("is required with %s"):format(missing == one and other or one))
    end
  end
end

-- Of what changes numbers. Without its code an answer does not tell what became of the call.
local done = { type = "record", fields = {
  { "error-code", type = "string", required = true, not_blank = true,
    doc = "200, where it was done." },
  { "error-code-label", type = "string", doc = "The same in words." },
} }

numbers.operations = {
  {
    "list_inbound_numbers",
    doc = "List inbound numbers that are available in a country.",
    method = "GET", path = "/number/search", hosts = { "rest" }, safe = true,
    fields = {
      { "country", type = "string", required = true, format = "country",
        doc = "Country, such as GB." },
      search_pattern, pattern,
      { "features", type = "set",
        enum = { "SMS", "VOICE", "MMS", "SMS,VOICE", "SMS,MMS", "VOICE,MMS", "SMS,MMS,VOICE" },
        doc = "What the number must be able to do." },
      size, index,
      { "type", type = "string", enum = { "landline", "mobile-lvn", "landline-toll-free" },
        doc = "Kind of number." },
    },
    returns = shape, judge = codes.judge_numbers,
  },
  {
    "list_owned_numbers",
    doc = "List the account's own numbers.",
    method = "GET", path = "/account/numbers", hosts = { "rest" }, safe = true,
    fields = {
      search_pattern, index, size, pattern,
      { "country", type = "string", format = "country", doc = "Country, such as GB." },
      { "application_id", type = "string", min_length = 1, doc = "Numbers linked to it." },
      { "has_application", type = "boolean", doc = "Numbers linked to any, or to none." },
    },
    returns = shape, judge = codes.judge_numbers,
  },
  {
    "buy_number",
    doc = "Buy a number. It costs its price at once, and each month until it is cancelled.",
    method = "POST", path = "/number/buy", body = "form", hosts = { "rest" },
    fields = { country, msisdn, target_api_key },
    returns = done, judge = codes.judge_numbers,
  },
  {
    "cancel_number",
    doc = "Give up a number. It may be somebody else's then: this cannot be undone.",
    method = "POST", path = "/number/cancel", body = "form", hosts = { "rest" },
    fields = { country, msisdn, target_api_key },
    returns = done, judge = codes.judge_numbers,
  },
  {
    "update_number",
    doc = "Change what happens with texts and calls to an own number.",
    method = "POST", path = "/number/update", body = "form", hosts = { "rest" },
    fields = {
      country, msisdn,
      { "app_id", type = "string", min_length = 1, doc = "Application that has its traffic." },
      { "moHttpUrl", type = "string", format = "url", empty = true,
        doc = "Webhook of inbound texts: Nexmo asks it with GET, and wants 200. "
          .. "An empty text removes it." },
      { "moSmppSysType", type = "string", min_length = 1,
        doc = "System type for SMPP, such as inbound." },
      { "voiceCallbackType", type = "string", enum = { "sip", "tel", "app" },
        doc = "Where calls go; app is deprecated for app_id." },
      { "voiceCallbackValue", type = "string", min_length = 1,
        says_number = "must be a string: write it in quotes",
        doc = "SIP URI, number, or id of an application." },
      { "voiceStatusCallback", type = "string", format = "url",
        doc = "Webhook of the ends of calls." },
      { "messagesCallbackType", type = "string", enum = { "app" },
        doc = "Deprecated for app_id." },
      { "messagesCallbackValue", type = "string", min_length = 1,
        doc = "Id of an application; deprecated for app_id." },
    },
    rules = { together("voiceCallbackType", "voiceCallbackValue"),
      together("messagesCallbackType", "messagesCallbackValue") },
    returns = done, judge = codes.judge_numbers,
  },
  {
    "get_balance",
    doc = "Get the account's balance, in EUR.",
    method = "GET", path = "/account/get-balance", hosts = { "rest" }, safe = true,
    fields = {},
    returns = { type = "record", fields = {
      { "value", type = "number", required = true, doc = "What is left, in EUR." },
      { "autoReload", type = "boolean", doc = "Whether it is topped up by itself." },
    } },
    judge = codes.judge_numbers,
  },
}

for _, operation in ipairs(numbers.operations) do
  if operation.returns == shape then
    lists.of_pages(operation, pages)
  end
end

return numbers
