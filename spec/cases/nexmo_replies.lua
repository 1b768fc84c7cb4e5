-- Replies of Nexmo in other shapes than the usual, and what becomes of them: operation,
-- body, result.

local ID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"

local V1_LIST = '{"count":2,"page_size":10,"page_index":0,"_embedded":{"applications":[{"id":"a1",'
  .. '"name":"A","voice":{"webhooks":[]},"keys":{"public_key":"p"}},null]},"_links":{}}'

return {
  { "numbers where texts are documented", "send_sms",
    '{"message-count":2,"messages":[{"status":0,"message-id":12345678901234567,"to":447700900000,'
    .. '"remaining-balance":3.14159265,"message-price":0.0333,"network":23410},{"status":"0"}]}',
    { ["message-count"] = "2", messages = {
      { status = "0", ["message-id"] = "12345678901234567", to = "447700900000",
        ["remaining-balance"] = "3.14159265", ["message-price"] = "0.0333", network = "23410" },
      { status = "0" },
    } } },
  { "nulls, and fields that are not documented", "send_sms",
    '{"message-count":null,"later":[1,null,2.5,{"a":null,"b":1.0}],"messages":[{"status":"0",'
    .. '"message-id":null,"client-ref":null,"shiny":true}]}',
    { later = { 1, 2.5, { b = 1 } }, messages = { { status = "0", shiny = true } } } },
  { "a message id in the form of a UUID", "send_sms",
    '{"messages":[{"status":"0","message-id":"' .. ID .. '","account-ref":"x"}]}',
    { messages = { { status = "0", ["message-id"] = ID, ["account-ref"] = "x" } } } },
  { "hyphens and a number", "send_voice",
    '{"call-id":"a1","to":"447700900000","status":0,"error-text":"Success"}',
    { call_id = "a1", to = "447700900000", status = "0", error_text = "Success" } },
  { "a call id that is a number, and more", "send_voice",
    '{"call_id":17,"status":"0","rate":0.5}', { call_id = "17", status = "0", rate = 0.5 } },
  { "nothing at all", "list_owned_numbers", "{}", { count = 0, numbers = {} } },
  { "numbers without a count, and without what they can do", "list_inbound_numbers",
    '{"numbers":[{"msisdn":"447700900000"}]}',
    { count = 0, numbers = { { msisdn = "447700900000", features = {} } } } },
  { "a count alone", "list_inbound_numbers", '{"count":0}', { count = 0, numbers = {} } },
  { "numbers that are null", "list_inbound_numbers", '{"count":0,"numbers":null}',
    { count = 0, numbers = {} } },
  { "a success with an error code", "list_owned_numbers",
    '{"error-code":"200","error-code-label":"success"}',
    { count = 0, numbers = {}, ["error-code"] = "200", ["error-code-label"] = "success" } },
  { "a count beyond 32 bits, and as text", "list_owned_numbers", '{"count":4294967296}',
    { count = 4294967296, numbers = {} } },
  { "a count as text", "list_owned_numbers", '{"count":"12"}', { count = 12, numbers = {} } },
  { "all that a number can have", "list_owned_numbers",
    '{"count":1.0,"numbers":[{"country":"GB","msisdn":447700900000,"type":"mobile-shortcode",'
    .. '"cost":1.25,"initialPrice":0,"features":[null,"VOICE",null,"SMS"],"limitations":[{"feature"'
    .. ':"SMS","type":"INBOUND","reach":"DOMESTIC"}],"moHttpUrl":"","voiceCallbackType":"tel",'
    .. '"voiceCallbackValue":447700900001,"voiceStatusCallback":"https://example.com",'
    .. '"messagesCallbackType":"app","messagesCallbackValue":"x","app_id":"y"}]}',
    { count = 1, numbers = { { country = "GB", msisdn = "447700900000", type = "mobile-shortcode",
      cost = "1.25", initialPrice = "0", features = { "VOICE", "SMS" },
      limitations = { { feature = "SMS", type = "INBOUND", reach = "DOMESTIC" } }, moHttpUrl = "",
      voiceCallbackType = "tel", voiceCallbackValue = "447700900001",
      voiceStatusCallback = "https://example.com", messagesCallbackType = "app",
      messagesCallbackValue = "x", app_id = "y" } } } },
  { "the shape of version 1", "list_applications", V1_LIST,
    { count = 2, page_size = 10, page_index = 0, _links = {}, _embedded = { applications = {
      { id = "a1", name = "A", voice = { webhooks = {} }, keys = { public_key = "p" } } } } } },
  { "no list", "list_applications", '{"total_items":0,"page":1}',
    { count = 0, total_items = 0, page = 1, page_index = 0, _embedded = { applications = {} } } },
  { "a null list", "list_applications", '{"_embedded":null}',
    { count = 0, _embedded = { applications = {} } } },
  { "an application with nulls", "get_application",
    '{"id":"a1","name":null,"keys":{"public_key":null,"old":[]},"capabilities":{"vbc":{}}}',
    { id = "a1", keys = { old = {} }, capabilities = { vbc = {} } } },

  -- What does not fit.
  { "a text where a list belongs", "list_owned_numbers", '{"numbers":"none"}', nil,
    "numbers is not a list" },
  { "an object where a list belongs", "list_owned_numbers", '{"numbers":{"a":1}}', nil,
    "numbers is not a list" },
  { "a list of texts", "list_owned_numbers", '{"numbers":["447700900000"]}', nil,
    "numbers[1] is not an object" },
  { "a list of lists", "list_owned_numbers", '{"numbers":[[1]]}', nil,
    "numbers[1] is not an object" },
  { "an object where a text belongs", "list_owned_numbers", '{"numbers":[{"msisdn":{}}]}', nil,
    "numbers[1].msisdn is not a string" },
  { "a text where a number belongs", "list_owned_numbers", '{"count":"many"}', nil,
    "count is not a number" },
  { "a boolean where a number belongs", "list_owned_numbers", '{"count":true}', nil,
    "count is not a number" },
  { "a list where an object belongs", "list_owned_numbers", '[{"count":1}]', nil,
    "the reply is not an object" },
  { "an empty list where an object belongs", "list_owned_numbers", "[]", nil,
    "the reply is not an object" },
  { "a null", "list_owned_numbers", "null", nil, "the reply is not an object" },
  { "a text", "list_owned_numbers", '"{}"', nil, "the reply is not an object" },
  { "a cut object", "list_owned_numbers", '{"count":1,"numbers":[', nil, "the reply is not JSON" },
  { "two objects", "list_owned_numbers", "{}{}", nil, "the reply is not JSON" },
  { "a number that is none", "list_owned_numbers", '{"count":NaN}', nil, "the reply is not JSON" },
  { "nesting without end", "list_owned_numbers", '{"a":' .. ("["):rep(5000) .. ("]"):rep(5000)
    .. "}", nil, "the reply is not JSON" },
  { "no id", "get_application", '{"name":"A"}', nil, "id is missing" },
  { "no id in a list", "list_applications", '{"_embedded":{"applications":[{"name":"A"}]}}', nil,
    "_embedded.applications[1].id is missing" },
}
