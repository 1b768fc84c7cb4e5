-- What Nexmo's operations refuse before anything is sent, field by field: a value and what
-- is said about it (a pattern).

local refused = {}

local function joined(...)
  local all = {}
  for _, list in ipairs { ... } do
    for _, entry in ipairs(list) do
      all[#all + 1] = entry
    end
  end
  return all
end

local CONTROL, UTF8 = "must not have control characters", "is not valid UTF%-8 at byte 2"

--- What no text may be.
local function text(...)
  return joined({
    { 5, "string" }, { true, "must be a string" }, { {}, "must be a string" },
    { "a\0b", CONTROL }, { "a\255b", UTF8 }, { "a\237\160\128", UTF8 },
  }, { ... })
end

--- A text of one line, as in headers, paths and queries.
local function line(...)
  return text({ "a\nb", CONTROL }, { "a\rb", CONTROL }, { "a\127", CONTROL }, { "\27[0m", CONTROL },
    ...)
end

local EMPTY, BLANK = { "", "^must not be empty" }, { " \194\160", "^must not be blank" }
local LEAVE_OUT = "; leave it out where there is none$"
local OPTIONAL = { "", "^must not be empty" .. LEAVE_OUT }

--- A reference, which takes whole numbers.
local function reference(...)
  local list = line({ 0.5, "must be a string" }, { 2 ^ 53, "must be a string" },
    { 0 / 0, "must be a string" }, ...)
  table.remove(list, 1) -- the generic number
  return list
end

local NUMBER = "must be a phone number with its country code"
local QUOTES = "must be a string: write it in quotes"

local phone = line({ 447700900000, QUOTES }, { 4477009000.5, QUOTES }, { "", NUMBER },
  { "123456", NUMBER }, { "4477009000001234", NUMBER }, { "0447700900000", NUMBER },
  { "+", NUMBER }, { "++447700900000", NUMBER }, { "+00447700900000", NUMBER },
  { "000447700900000", NUMBER }, { "44770090000O", NUMBER }, { "44,7700900000", NUMBER },
  { "447700900000,447700900001", NUMBER }, { "447700900000 447700900001", NUMBER },
  { "４４7700900000", NUMBER }, { "447700900000x", "; leave out the letters$" },
  { "+44 (0)7700 900000", "; leave out the %(0%)$" },
  { "447700900000.0", "; leave out the fraction behind the dot$" },
  { "447700900000/1", "; leave out what stands at its end behind / or in brackets$" },
  { "447700900000\n447700900001", CONTROL })

local function whole(least, most)
  local range = ("^must be %d to %d$"):format(least, most)
  return {
    { least - 1, range }, { most + 1, range }, { -1, range }, { least + 0.5, "whole number" },
    { 1 / 0, "whole number" }, { -1 / 0, "whole number" }, { 0 / 0, "whole number" },
    { 2 ^ 60, "whole number" }, { least .. "ms", "whole number" }, { true, "whole number" },
    { {}, "whole number" }, { "", "whole number" }, { most + 1 .. "", range },
  }
end

local function choice(...)
  return text({ "", "^must be one of: .*" .. LEAVE_OUT }, { (...):upper() .. " ",
    "^must be one of: " },
    { "other", "^must be one of: .*" .. (...):gsub("%-", "%%-") })
end

local DIGITS = "must be digits"
local digits = line({ "", DIGITS }, { "12a", DIGITS }, { "-1", DIGITS }, { " 1", DIGITS },
  { "1.5", DIGITS }, { -1, "must be a string" }, { 1.5, "must be a string" },
  { 1e16, "must be a string" }, { 0 / 0, "must be a string" })

--- The same without the generic number, which digits take.
local function digits_and(...)
  local list = joined(digits, { ... })
  table.remove(list, 1)
  return list
end

local URL = "must be a URL with http:// or https://"
local url = line({ "", URL }, { "example.com/a", URL }, { "ftp://example.com", URL },
  { "https://", URL }, { "https:///a", URL }, { "https://exa mple.com", URL },
  { "https://example.com/a b", URL })
local callback = joined(url, {
  { "https://example.com/" .. ("a"):rep(81), "must have at most 100 characters" } })

local HEX = "must be hexadecimal: two digits an octet"
local hex = line({ "", HEX }, { "0", HEX }, { "0g", HEX }, { "00 11", HEX })
local UDH = "must be a user data header"

local flags = {}
for _, value in ipairs { 2, -1, 0.5, "2", "yes", "", {} } do
  flags[#flags + 1] = { value, "must be 1 or 0, or true or false" }
end
local boolean = {}
for _, value in ipairs { 2, 0.5, "yes", "", {} } do
  boolean[#boolean + 1] = { value, "must be true or false" }
end

local TOO_LONG_NAME = "must have at most 11 characters"

refused.send_sms = {
  base = { from = "Acme", to = "447700900000", text = "Hello" },
  missing = { "from", "to", "text" },
  from = line({ 447700900001, QUOTES }, { "", "must be a number or 1 to 11" },
    { "   ", "must be a number or 1 to 11" }, { "Größe", "must be a number or 1 to 11" },
    { "ABCDEFGHIJKL", TOO_LONG_NAME }, { "ABC DEF GHI JKL", TOO_LONG_NAME },
    { "1234567890123456", "must have at most 15 digits" },
    { "+1234567890123456", "must have at most 15 digits" },
    { "447700900001.0", "^must be a number or .*leave out the fraction behind the dot$" },
    { "+44 (0)7700 900001", "^must be a number or .*leave out the %(0%)$" },
    { "447700900001 (1)", "^must be a number or .*leave out what stands at its end" },
    { "+00447700900001", "^must be a number or .*no 0 follows a %+$" }),
  to = phone,
  text = text(EMPTY, { "   ", "must not be blank" }, BLANK, { "\n", "must not be blank" },
    { ("a"):rep(3201), "must have at most 3200 characters" },
    { ("é"):rep(3201), "must have at most 3200 characters" }),
  type = choice("text", { "sms", "must be one of: text, unicode, binary, wappush, vcal, vcard" }),
  ["status-report-req"] = flags,
  ["client-ref"] = reference(OPTIONAL, { " ", "^must not be blank" .. LEAVE_OUT },
    { ("x"):rep(101), "must have at most 100 characters" },
    { ("é"):rep(101), "must have at most 100 characters" }),
  ttl = whole(20000, 604800000),
  callback = callback,
  ["message-class"] = whole(0, 3),
  ["account-ref"] = reference(OPTIONAL),
  ["entity-id"] = digits_and({ ("1"):rep(21), "must have at most 20 characters" }),
  ["content-id"] = digits_and({ ("1"):rep(21), "must have at most 20 characters" }),
  ["trusted-number"] = boolean,
  ["pool-id"] = line(EMPTY),
  ["network-code"] = digits_and(),
}

refused["send_sms, binary"] = {
  base = { from = "Acme", to = "447700900000", type = "binary", udh = "0605040B8423F0",
    body = "00" },
  missing = { "udh", "body" },
  udh = joined(hex, { { "0505040B8423F0", UDH }, { "0705040B8423F0", UDH },
    { "0605050B8423F0", UDH }, { "0605030B8423F0", UDH },
    { "01", UDH }, { "0005", UDH }, { "FF", UDH } }),
  body = joined(hex, { { ("00"):rep(134), "must have at most 140 octets together with udh" } }),
  ["protocol-id"] = { { -1, "string" }, { 256, "must be 0 to 255" }, { "256", "must be 0 to 255" },
    { "", "must be 0 to 255" }, { "0x1", "must be 0 to 255" }, { "1\n", CONTROL },
    { 1.5, "string" }, { true, "string" }, { {}, "string" }, { "\255", "UTF%-8 at byte 1" } },
}

refused["send_sms, wappush"] = {
  base = { from = "Acme", to = "447700900000", type = "wappush", title = "Offer",
    url = "https://example.com" },
  missing = { "title", "url" },
  title = line(EMPTY), url = url, validity = digits_and(),
}

refused["send_sms, vcard"] = {
  base = { from = "Acme", to = "447700900000", type = "vcard", vcard = "BEGIN:VCARD" },
  missing = { "vcard" }, vcard = text(EMPTY),
}

refused["send_sms, vcal"] = {
  base = { from = "Acme", to = "447700900000", type = "vcal", vcal = "BEGIN:VCALENDAR" },
  missing = { "vcal" }, vcal = text(EMPTY),
}

local MODERN = "^needs the Voice API"

refused.send_voice = {
  base = { to = "447700900000", text = "Hello" },
  missing = { "to", "text" },
  to = phone, from = phone,
  text = text(EMPTY, { " \n", "must not be blank" }, { ("a"):rep(1501),
    "must have at most 1500 characters" }),
  lg = line({ "", "must be a language" }, { "english", "must be a language" },
    { "en_us", "must be a language" }, { "e-us", "must be a language" },
    { "engl-us", "must be a language" }, { "en-usag", "must be a language" },
    { "en-gb-wls-x", "must be a language" }, { "en-", "must be a language" }),
  voice = choice "female",
  ["repeat"] = whole(1, 10),
  machine_detection = { { "continue", "'true' or 'hangup'" }, { "", "'true' or 'hangup'" },
    { 1, "'true' or 'hangup'" }, { {}, "'true' or 'hangup'" } },
  machine_timeout = whole(400, 10000),
  callback = callback,
  callback_method = choice("GET", { "get ", "must be one of: GET, POST" }),
  style = { { 1, MODERN }, { -1, "must be 0 or more" }, { "1.5", "whole number" } },
  advanced_machine_detection = { { {}, MODERN }, { { beep_timeout = 30 }, MODERN },
    { true, "must be a table" } },
  length_timer = { { 60, MODERN }, { 0, "must be 1 to 86400" } },
  ringing_timer = { { 60, MODERN }, { 121, "must be 1 to 120" } },
}

local COUNTRY = "must be two letters"
local country = line({ "", COUNTRY }, { " gb", COUNTRY }, { "GBR", COUNTRY }, { "G1", COUNTRY })
local search = {}
for _, value in ipairs { 3, -1, 0.5, "3", "start", "", true, {}, 0 / 0 } do
  search[#search + 1] = { value, "must be one of: 0 or 'starts', 1 or 'contains', 2 or 'ends'" }
end
local index = { { 0, "must be 1 or more" }, { -1, "must be 1 or more" }, { 1.5, "whole number" },
  { "one", "whole number" }, { 2 ^ 53, "whole number" }, { 1 / 0, "whole number" } }

refused.list_inbound_numbers = {
  base = { country = "GB" }, missing = { "country" },
  country = country, search_pattern = search, pattern = digits_and(), index = index,
  size = whole(1, 100),
  features = { { "", "^must be one of: .*" .. LEAVE_OUT }, { {}, "must be one of: SMS, VOICE" },
    { "FAX", "must be one of: SMS, VOICE" }, { "SMS VOICE", "must be one of" },
    { { "SMS", "FAX" }, "must be one of" }, { { "SMS", 5 }, "must be one of" },
    { { sms = true }, "must be one of" }, { 5, "must be one of" }, { true, "must be one of" } },
  type = choice("landline", { "mobile", "must be one of" }),
}

refused.list_owned_numbers = {
  base = {}, missing = {},
  search_pattern = search, index = index, size = whole(1, 100), pattern = digits_and(),
  country = country, application_id = line(EMPTY), has_application = boolean,
}

local owner = line(EMPTY)
for _, name in ipairs { "buy_number", "cancel_number" } do
  refused[name] = { base = { country = "GB", msisdn = "447700900100" },
    missing = { "country", "msisdn" }, country = country, msisdn = phone, target_api_key = owner }
end
refused.update_number = {
  base = { country = "GB", msisdn = "447700900500" }, missing = { "country", "msisdn" },
  country = country, msisdn = phone, app_id = owner, moSmppSysType = owner,
  moHttpUrl = line({ " ", URL }, { "example.com", URL }, { "ftp://example.com", URL }),
  voiceStatusCallback = url,
}
for one, other in pairs { voiceCallbackType = "voiceCallbackValue",
  messagesCallbackType = "messagesCallbackValue" } do
  refused.update_number[one] = { { "app", "^is required with " .. one .. "$", other } }
  refused.update_number[other] = { { "a", "^is required with " .. other .. "$", one } }
end

refused["update_number, callbacks"] = {
  base = { country = "GB", msisdn = "447700900500", voiceCallbackType = "tel",
    voiceCallbackValue = "447700900001", messagesCallbackType = "app",
    messagesCallbackValue = "a" },
  missing = {},
  voiceCallbackType = choice("tel", { "vxml", "must be one of: sip, tel, app" }),
  voiceCallbackValue = line({ 447700900001, QUOTES }, EMPTY),
  messagesCallbackType = choice("app", { "sip", "must be one of: app" }),
  messagesCallbackValue = owner,
}

return refused
