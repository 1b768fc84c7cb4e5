-- Webhooks as the provider documents them, and what they are read as. `fields` is left out
-- where they are the parameters themselves.

local cases = {}

local receipt = {
  msisdn = "447700900000", to = "Acme", ["network-code"] = "23410",
  messageId = "0B00000127FDBC63", price = "0.03330000", status = "delivered",
  scts = "1810251310", ["err-code"] = "0", ["api-key"] = "abcd1234", ["client-ref"] = "r-1",
  ["message-timestamp"] = "2018-10-25 12:10:29", timestamp = "1700000000",
  nonce = "929d6744-bd28-42c8-b6cf-31d5b4f43732",
}

local inbound = {
  msisdn = "447700900001", to = "447700900500", messageId = "0B00000042AC53BD", type = "text",
  text = "Test with & and = and 100 %", keyword = "TEST", ["api-key"] = "abcd1234",
  ["message-timestamp"] = "2017-04-04 22:57:47", timestamp = "1700000000",
  nonce = "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
}

local call = {
  ["call-id"] = "0123456789abcdef0123456789abcdef", to = "447700900000", status = "ok",
  ["call-direction"] = "out", ["call-price"] = "0.0120", ["call-rate"] = "0.0240",
  ["call-duration"] = "30", ["call-request"] = "2018-10-25 12:10:29",
  ["call-start"] = "2018/10/25 12:10:35", ["call-end"] = "2018/10/25 12:11:05",
  ["network-code"] = "23410", timestamp = "1700000000",
  nonce = "00000000-1a14-4c10-bfdf-3fbe8ce511b5",
}

cases.receipt, cases.inbound, cases.call = receipt, inbound, call

local function changed(params, changes, without)
  local copy = {}
  for name, value in pairs(params) do copy[name] = value end
  for name, value in pairs(changes) do copy[name] = value end
  for _, name in ipairs(without or {}) do copy[name] = nil end
  return copy
end

cases.changed = changed

cases.read = {
  { "a delivery receipt", "delivery_receipt", receipt },
  { "a receipt without what may be missing", "delivery_receipt",
    changed(receipt, {},
      { "network-code", "scts", "price", "client-ref", "api-key", "err-code" }) },
  { "a receipt with a field of later", "delivery_receipt", changed(receipt, { later = "1" }) },
  { "an inbound text", "inbound_sms", inbound },
  { "an inbound text in Unicode", "inbound_sms",
    changed(inbound,
      { type = "unicode", text = "Füße\n5 € \240\159\146\150", keyword = "FÜSSE" }) },
  { "an inbound text without a keyword", "inbound_sms", changed(inbound, {}, { "keyword" }) },
  { "an empty inbound text", "inbound_sms", changed(inbound, { text = "", keyword = "" }) },
  { "an inbound text that was left out", "inbound_sms",
    changed(inbound, {}, { "text", "keyword" }), changed(inbound, { text = "" }, { "keyword" }) },
  { "binary data", "inbound_sms", changed(inbound, { type = "binary", data = "0011aaff",
    udh = "06050415811581" }, { "text", "keyword" }) },
  { "a part of a text", "inbound_sms", changed(inbound, { concat = "true", ["concat-ref"] = "17",
    ["concat-total"] = "3", ["concat-part"] = "2" }) },
  { "an inbound text that has a price", "inbound_sms",
    changed(inbound, { price = "0", status = "x" }) },
  { "the end of a call", "voice", call },
  { "the end of a call that nobody took", "voice",
    changed(call, { status = "failed" }, { "call-start", "call-end" }) },
  { "the end of a call in other letters", "voice", {
    call_id = call["call-id"], to = call.to, status = "ok", call_direction = "out",
    call_price = "0.0120", call_rate = "0.0240", call_duration = "30",
    call_request = call["call-request"], ["call-start"] = call["call-start"],
    call_end = call["call-end"], network_code = "23410", timestamp = call.timestamp,
    nonce = call.nonce,
  }, call },
  { "an event of a call", "voice", { uuid = "63f61863-4a51-4f6b-86e1-46edebcf9356",
    conversation_uuid = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22", status = "completed",
    direction = "outbound", duration = "3", start_time = "2018-10-25 12:10:35",
    to = "447700900000", from = "447700900001", timestamp = "1700000000",
    nonce = "11111111-1a14-4c10-bfdf-3fbe8ce511b5" } },
  { "the same, with its call named otherwise", "voice", { status = "machine",
    call_uuid = "63f61863-4a51-4f6b-86e1-46edebcf9356", sub_state = "beep_start",
    conversation_uuid = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22", to = "447700900000",
    timestamp = "1700000000", nonce = "31111111-1a14-4c10-bfdf-3fbe8ce511b5" } },
  { "the same, without a conversation", "voice", { status = "human", timestamp = "1700000000",
    call_uuid = "63f61863-4a51-4f6b-86e1-46edebcf9356",
    nonce = "41111111-1a14-4c10-bfdf-3fbe8ce511b5" } },
  { "a transfer of a call", "voice", { type = "transfer", timestamp = "1700000000",
    conversation_uuid_from = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22",
    conversation_uuid_to = "CON-f972836a-550f-45fa-956c-12a2ab5b7d23",
    nonce = "51111111-1a14-4c10-bfdf-3fbe8ce511b5" } },
  { "a recording of a call", "voice", { start_time = "2030-01-01T12:00:00Z", size = "12222",
    recording_url = "https://api.nexmo.com/v1/files/aaaa", recording_uuid = "aaaa",
    end_time = "2030-01-01T12:00:09Z", timestamp = "1700000000",
    conversation_uuid = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22",
    nonce = "61111111-1a14-4c10-bfdf-3fbe8ce511b5" } },
  { "an error of an NCCO", "voice", { timestamp = "1700000000",
    reason = "Syntax error in NCCO. Invalid value type or action.",
    conversation_uuid = "CON-f972836a-550f-45fa-956c-12a2ab5b7d22",
    nonce = "71111111-1a14-4c10-bfdf-3fbe8ce511b5" } },
  { "an event of a call without status", "voice", { uuid = "1", direction = "outbound",
    timestamp = "1700000000", nonce = "81111111-1a14-4c10-bfdf-3fbe8ce511b5" } },
  { "a call whose id comes in both letters", "voice", changed(call, { call_id = "1" }) },
  { "an inbound text with a NUL", "inbound_sms", changed(inbound, { text = "a\0b" }) },
  { "a status of the Messages API", "delivery_receipt", { status = "delivered",
    message_uuid = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", timestamp = "1700000000",
    nonce = "22222222-1a14-4c10-bfdf-3fbe8ce511b5" } },
}

-- What is not what it seems, or nothing that is known: kept as it came.
for _, case in ipairs {
  { "nothing that is known", { event = "of later", at = "x" } },
  { "a status alone", { status = "delivered" } },
  { "a text alone", { text = "Hello" } },
  { "a verification", { request_id = "c11236f4", type = "summary", status = "completed",
    triggered_at = "2030-01-01T14:00:00.000Z", price = "0.10000000" } },
  { "a call without status", changed(call, {}, { "status" }) },
  { "a call without id", changed(call, { ["call-id"] = "" }) },
  { "a receipt without id", changed(receipt, {}, { "messageId" }) },
  { "a receipt with an empty id", changed(receipt, { messageId = "" }) },
  { "a receipt without status", changed(receipt, {}, { "status" }) },
  { "a receipt with an empty status", changed(receipt, { status = "" }) },
  { "an inbound text without id", changed(inbound, {}, { "messageId" }) },
  { "an inbound text without sender", changed(inbound, {}, { "msisdn" }) },
  { "an inbound text without recipient", changed(inbound, {}, { "to" }) },
} do
  local params = case[2]
  params.timestamp, params.nonce = "1700000000", "91111111-1a14-4c10-bfdf-3fbe8ce511b5"
  cases.read[#cases.read + 1] = { case[1], "other", params }
end
for _, name in ipairs { "msisdn", "to" } do -- which nobody needs to know
  cases.read[#cases.read + 1] = { "a receipt without " .. name, "delivery_receipt",
    changed(receipt, {}, { name }) }
  cases.read[#cases.read + 1] = { "a receipt with an empty " .. name, "delivery_receipt",
    changed(receipt, { [name] = "" }) }
end

local STATUSES = { "accepted", "buffered", "delivered", "expired", "failed", "rejected", "unknown" }
for _, status in ipairs(STATUSES) do
  cases.read[#cases.read + 1] = { "a receipt that says " .. status, "delivery_receipt",
    changed(receipt, { status = status }) }
end
local CODES = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14",
  "15", "50", "51", "52", "53", "54", "95", "99" }
for _, code in ipairs(CODES) do
  cases.read[#cases.read + 1] = { "a receipt with err-code " .. code, "delivery_receipt",
    changed(receipt, { ["err-code"] = code }) }
end
for _, status in ipairs { "ok", "failed", "error", "blocked", "machine" } do
  cases.read[#cases.read + 1] = { "a call that ended with " .. status, "voice",
    changed(call, { status = status }) }
end

local FORM = "application/x-www-form-urlencoded"
local JSON = "application/json"

local function get(query)
  return { method = "GET", query = query }
end

local function post(content, body)
  return { method = "POST", headers = { ["Content-Type"] = content }, body = body }
end

local START = "messageId=0B1&status=failed&msisdn=447700900000&to=Acme&"
local MEMBERS = '"messageId":"0B1","status":"failed","msisdn":"447700900000"'
local OBJECT = "^its body is not a JSON object$"

--- What cannot be read, whoever sent it: the request, the error's kind, its message.
cases.unreadable = {
  { "nothing", nil, "invalid", "a table with the request was expected" },
  { "a text", "GET", "invalid", "a table with the request was expected" },
  { "no method", {}, "invalid", "^method: must be a string$" },
  { "nothing but numbers", { method = 1, query = 2, headers = 3, body = 4 }, "invalid",
    "^method: must be a string %(and 3 more%)$" },
  { "another method", { method = "PUT", query = START }, "protocol", "neither GET nor POST" },
  { "HEAD", { method = "HEAD", query = START }, "protocol", "neither GET nor POST" },
  { "no query", { method = "GET", body = START }, "protocol", "it has no parameters" },
  { "an empty query", get "", "protocol", "it has no parameters" },
  { "a query of nothing", get "&&&", "protocol", "it has no parameters" },
  { "no body", { method = "POST", query = START }, "protocol", "it has no parameters" },
  { "an empty object", post(JSON, " { } "), "protocol", "it has no parameters" },
  { "a list of everything", post(JSON, "[{" .. MEMBERS .. ',"to":"a"}]'), "protocol", OBJECT },
  { "a JSON text", post(JSON, '"text"'), "protocol", OBJECT },
  { "null", post(JSON, "null"), "protocol", OBJECT },
  { "half an object", post(JSON, "{" .. MEMBERS .. ',"to":"a"'), "protocol", OBJECT },
  { "more than an object", post(JSON, "{" .. MEMBERS .. ',"to":"a"}}'), "protocol", OBJECT },
  { "nested too deep", post(JSON, '{"a":' .. ("["):rep(60000) .. "1" .. ("]"):rep(60000) .. "}"),
    "protocol", OBJECT },
  { "NaN", post(JSON, "{" .. MEMBERS .. ',"to":NaN}'), "protocol", OBJECT },
  { "a form that says it is JSON", post(JSON, START), "protocol", OBJECT },
  { "another content type", post("multipart/form-data; boundary=x", START), "protocol",
    "neither that of a form nor of JSON" },
  { "two content types", { method = "POST", body = START,
    headers = { ["Content-Type"] = { FORM, JSON } } }, "protocol", "content%-type must come once" },
  { "a content type twice", { method = "POST", body = START,
    headers = { ["Content-Type"] = FORM, ["content-type"] = FORM } }, "protocol",
    "must come once" },
  { "a megabyte of garbage", get(("\1\254%"):rep(349526)), "protocol", "more than 131072 bytes" },
  { "a megabyte of form", post(FORM, ("a=1&"):rep(262144)), "protocol", "more than 131072 bytes" },
  { "a megabyte of JSON", post(JSON, '{"a":"' .. ("x"):rep(1048576) .. '"}'), "protocol",
    "more than 131072 bytes" },
  { "1,000 parameters", get((function()
    local list = {}
    for i = 1, 1000 do list[i] = "a" .. i .. "=1" end
    return table.concat(list, "&")
  end)()), "protocol", "more than 256 parameters" },
}

--- What could be read in two ways.
cases.twice = {
  { "a parameter twice", get(START .. "scts=1&scts=2") },
  { "a parameter twice with one text", get(START .. "scts=1&scts=1") },
  { "a parameter twice, spelt another way", get(START .. "scts=1&s%63ts=1") },
  { "a member twice", post(JSON, "{" .. MEMBERS .. ',"to":"a","to":"a"}') },
  { "a member twice, spelt another way",
    post(JSON, "{" .. MEMBERS .. ',"to":"a","t\\u006f":"b"}') },
  { "a member twice, the first a list", post(JSON, "{" .. MEMBERS .. ',"to":["}"],"to":"a"}') },
}

--- Names with which one signed text could be read as two webhooks.
cases.names = {
  { "no name", { [""] = "1" } }, { "a name with &", { ["a&b"] = "1" } },
  { "a name with =", { ["a=b"] = "1" } }, { "a name with a NUL", { ["a\0b"] = "1" } },
}

return cases
