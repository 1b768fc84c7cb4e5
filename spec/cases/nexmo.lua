-- Sending and numbers as they go over the wire. A case is an operation's params, the
-- request as it arrives, and the result (a text that starts with `~` is a pattern).

local RECEIPTS = "https://example.com/receipts?a=1&b=2"
local RECEIPTS_SENT = "https%3A%2F%2Fexample.com%2Freceipts%3Fa%3D1%26b%3D2"
local ID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"

local function part(more)
  local all = {
    to = "447700900000", status = "0", ["message-id"] = "~^0A%x+$", network = "23410",
    ["message-price"] = "0.03330000", ["remaining-balance"] = "~^99999%.%d%d%d%d%d%d%d%d$",
  }
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

local function sent(...)
  return { ["message-count"] = tostring(select("#", ...)), messages = { ... } }
end

local function sms_arrival(body)
  return {
    method = "POST", path = "/sms/json", body = body, authorization = "Basic",
    content_type = "application/x-www-form-urlencoded",
  }
end

local function numbers_arrival(path, query)
  return { method = "GET", path = path, query = query, body = "", authorization = "Basic" }
end

local function call_arrival(body)
  return {
    method = "POST", path = "/tts/json", body = body .. "&api_key=abcd1234&api_secret=***",
    content_type = "application/x-www-form-urlencoded",
  }
end

local called = {
  call_id = "~^%x+$", to = "447700900000", status = "0", error_text = "Success",
}

return {
  {
    "a text with every key", "send_sms",
    params = {
      from = "Acme", to = "+44 (7700) 900-000", text = "1 + 1 & 2 = 100 % ~ é\n", type = "text",
      ["status-report-req"] = true, ["client-ref"] = "r-1", ttl = 20000, callback = RECEIPTS,
      ["message-class"] = 0, ["account-ref"] = "a-1", ["entity-id"] = "01101456324675322134",
      ["content-id"] = "1107457532145798", ["trusted-number"] = false, ["pool-id"] = "p-1",
      ["network-code"] = "23410",
    },
    arrival = sms_arrival("from=Acme&to=447700900000"
      .. "&text=1%20%2B%201%20%26%202%20%3D%20100%20%25%20~%20%C3%A9%0A&type=text"
      .. "&status-report-req=1&client-ref=r-1&ttl=20000&callback=" .. RECEIPTS_SENT
      .. "&message-class=0&account-ref=a-1&entity-id=01101456324675322134"
      .. "&content-id=1107457532145798&trusted-number=false&pool-id=p-1&network-code=23410"),
    result = sent(part { ["client-ref"] = "r-1", ["account-ref"] = "a-1" }),
  },
  {
    "the least text", "send_sms",
    params = { from = "447700900001", to = "447700900000", text = "Hello" },
    arrival = sms_arrival "from=447700900001&to=447700900000&text=Hello",
    result = sent(part()),
  },
  {
    "a text that needs unicode", "send_sms",
    params = { from = "Acme", to = "00447700900000", text = "Привет" },
    arrival = sms_arrival("from=Acme&to=447700900000"
      .. "&text=%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82&type=unicode"),
    result = sent(part()),
  },
  {
    "three parts, and figures at their ends", "send_sms",
    params = { from = "Acme", to = "447700900000", text = ("a"):rep(161), type = "unicode",
      ["status-report-req"] = 0, ["message-class"] = 3, ttl = 604800000.0,
      ["trusted-number"] = true },
    arrival = sms_arrival("from=Acme&to=447700900000&text=" .. ("a"):rep(161)
      .. "&type=unicode&status-report-req=0&ttl=604800000&message-class=3&trusted-number=true"),
    result = sent(part(), part(), part()),
  },
  {
    "octets with every key; the text is left out", "send_sms",
    params = { from = "Acme", to = "447700900000", type = "binary", text = "not sent",
      udh = "06050415811581", body = "0011223344556677", ["protocol-id"] = 0 },
    arrival = sms_arrival("from=Acme&to=447700900000&type=binary&udh=06050415811581"
      .. "&protocol-id=0&body=0011223344556677"),
    result = sent(part()),
  },
  {
    "the most octets", "send_sms",
    params = { from = "Acme", to = "447700900000", type = "binary", udh = "06050415811581",
      body = ("00"):rep(133), ["protocol-id"] = "255" },
    arrival = sms_arrival("from=Acme&to=447700900000&type=binary&udh=06050415811581"
      .. "&protocol-id=255&body=" .. ("00"):rep(133)),
    result = sent(part()),
  },
  {
    "a WAP push with every key", "send_sms",
    params = { from = "Acme", to = "447700900000", type = "wappush", title = "Offer",
      url = "https://example.com/x", validity = 86400000, text = "not sent" },
    arrival = sms_arrival("from=Acme&to=447700900000&type=wappush&title=Offer"
      .. "&url=https%3A%2F%2Fexample.com%2Fx&validity=86400000"),
    result = sent(part()),
  },
  {
    "a vCard", "send_sms",
    params = { from = "Acme", to = "447700900000", type = "vcard", text = "not sent",
      vcard = "BEGIN:VCARD\r\nFN:Ann\r\nEND:VCARD" },
    arrival = sms_arrival("from=Acme&to=447700900000&type=vcard"
      .. "&vcard=BEGIN%3AVCARD%0D%0AFN%3AAnn%0D%0AEND%3AVCARD"),
    result = sent(part()),
  },
  {
    "a vCalendar", "send_sms",
    params = { from = "Acme", to = "447700900000", type = "vcal", text = "not sent",
      vcal = "BEGIN:VCALENDAR\tEND:VCALENDAR" },
    arrival = sms_arrival("from=Acme&to=447700900000&type=vcal"
      .. "&vcal=BEGIN%3AVCALENDAR%09END%3AVCALENDAR"),
    result = sent(part()),
  },
  {
    "a call with every key", "send_voice",
    params = { to = "+447700900000", from = "00447700900001", lg = "en-GB", voice = "male",
      text = 'Hello, <break time="1s"/> & good-bye', ["repeat"] = 10,
      machine_detection = "hangup", machine_timeout = 400, callback = RECEIPTS,
      callback_method = "POST" },
    arrival = call_arrival("to=447700900000&from=447700900001"
      .. "&text=Hello%2C%20%3Cbreak%20time%3D%221s%22%2F%3E%20%26%20good-bye&lg=en-GB"
      .. "&voice=male&repeat=10&machine_detection=hangup&machine_timeout=400"
      .. "&callback=" .. RECEIPTS_SENT .. "&callback_method=POST"),
    result = called,
  },
  {
    "the least call", "send_voice",
    params = { to = "447700900000", text = "Hello" },
    arrival = call_arrival "to=447700900000&text=Hello",
    result = called,
  },
  {
    "a call that waits for the beep", "send_voice",
    params = { to = "447700900000", text = "Hello", machine_detection = true },
    arrival = call_arrival "to=447700900000&text=Hello&machine_detection=true",
    result = called,
  },
  {
    "a call without detection", "send_voice",
    params = { to = "447700900000", text = "Hello", machine_detection = false },
    arrival = call_arrival "to=447700900000&text=Hello",
    result = called,
  },
  {
    "numbers for sale, every key", "list_inbound_numbers",
    params = { country = "GB", search_pattern = "contains", pattern = 7009001,
      features = "SMS,VOICE", size = 1, index = 2, type = "mobile-lvn" },
    arrival = numbers_arrival("/number/search", "country=GB&search_pattern=1&pattern=7009001"
      .. "&features=SMS%2CVOICE&size=1&index=2&type=mobile-lvn"),
    result = {
      count = 27,
      numbers = { { country = "GB", msisdn = "447700900110", type = "mobile-lvn", cost = "1.25",
        initialPrice = "0.00", features = { "SMS", "VOICE" } } },
    },
  },
  {
    "no numbers for sale", "list_inbound_numbers",
    params = { country = "FR" },
    arrival = numbers_arrival("/number/search", "country=FR"),
    result = { count = 0, numbers = {} },
  },
  {
    "owned numbers, every key", "list_owned_numbers",
    params = { search_pattern = "ends", index = 1, size = 100, pattern = "0515", country = "GB",
      application_id = ID, has_application = true },
    arrival = numbers_arrival("/account/numbers", "search_pattern=2&index=1&size=100"
      .. "&pattern=0515&country=GB&application_id=" .. ID .. "&has_application=true"),
    result = {
      count = 1,
      numbers = { { country = "GB", msisdn = "447700900515", type = "mobile-lvn",
        features = { "VOICE", "SMS", "MMS" }, moHttpUrl = "https://example.com/inbound",
        app_id = ID, messagesCallbackType = "app", messagesCallbackValue = ID } },
    },
  },
  {
    "owned numbers linked to nothing", "list_owned_numbers",
    params = { ["Search Pattern"] = "0", pattern = "447700900501", has_application = false },
    arrival = numbers_arrival("/account/numbers",
      "search_pattern=0&pattern=447700900501&has_application=false"),
    result = {
      count = 1,
      numbers = { { country = "GB", msisdn = "447700900501", type = "~.", features = { "VOICE" },
        moHttpUrl = "https://example.com/inbound" } },
    },
  },
  {
    "owned numbers, nothing said", "list_owned_numbers",
    arrival = numbers_arrival "/account/numbers",
    result = "a page of ten",
  },
}
