--- Nexmo's numbers as data: those that can be bought, those owned, and the balance. Pure.

local codes = require "sms.providers.nexmo.codes"
local lists = require "sms.providers.nexmo.lists"

local numbers = {}

-- Where the credentials go, by the client option `auth`.
local AUTH = { basic = "basic", params = "query", signature = "basic" }

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

numbers.operations = {
  {
    "list_inbound_numbers",
    doc = "List inbound numbers that are available in a country.",
    method = "GET", path = "/number/search", hosts = { "rest" }, auth = AUTH,
    safe = true,
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
    method = "GET", path = "/account/numbers", hosts = { "rest" }, auth = AUTH,
    safe = true,
    fields = {
      search_pattern, index, size, pattern,
      { "country", type = "string", format = "country", doc = "Country, such as GB." },
      { "application_id", type = "string", min_length = 1, doc = "Numbers linked to it." },
      { "has_application", type = "boolean", doc = "Numbers linked to any, or to none." },
    },
    returns = shape, judge = codes.judge_numbers,
  },
}

for _, operation in ipairs(numbers.operations) do
  if operation.returns == shape then
    lists.of_pages(operation, pages)
  end
end

numbers.balance = {
  "check",
  method = "GET", path = "/account/get-balance", hosts = { "rest" }, auth = AUTH,
  safe = true, fields = {}, judge = codes.judge_numbers,
  returns = { type = "record", fields = { { "value", type = "number", required = true } } },
}

return numbers
