-- Numbers bought, given up and changed, and the balance, as spec.cases.nexmo has its cases; with
-- `failure` the call ends with that code.

local ID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"

local function change_arrival(path, body)
  return { method = "POST", path = path, body = body, authorization = "Basic",
    content_type = "application/x-www-form-urlencoded" }
end

local changed = { ["error-code"] = "200", ["error-code-label"] = "success" }

return {
  {
    "a number, for a subaccount", "buy_number",
    params = { country = "gb", msisdn = "+44 7700 900100", target_api_key = "abcd5678" },
    arrival = change_arrival("/number/buy",
      "country=GB&msisdn=447700900100&target_api_key=abcd5678"),
    result = changed,
  },
  {
    "a number", "buy_number",
    params = { country = "GB", msisdn = "447700900100" },
    arrival = change_arrival("/number/buy", "country=GB&msisdn=447700900100"),
    result = changed,
  },
  {
    "a number and its subaccount", "cancel_number",
    params = { country = "GB", msisdn = "447700900500", target_api_key = "abcd5678" },
    arrival = change_arrival("/number/cancel",
      "country=GB&msisdn=447700900500&target_api_key=abcd5678"),
    failure = "420",
  },
  {
    "a number", "cancel_number",
    params = { country = "GB", msisdn = "0044 7700 900500" },
    arrival = change_arrival("/number/cancel", "country=GB&msisdn=447700900500"),
    result = changed,
  },
  {
    "every key", "update_number",
    params = { country = "GB", msisdn = "447700900500", app_id = ID,
      moHttpUrl = "https://example.com/in?a=b&c", moSmppSysType = "inbound",
      voiceCallbackType = "SIP", voiceCallbackValue = "sip:ann@example.com",
      voiceStatusCallback = "https://example.com/ends", messagesCallbackType = "app",
      messagesCallbackValue = ID },
    arrival = change_arrival("/number/update", "country=GB&msisdn=447700900500&app_id=" .. ID
      .. "&moHttpUrl=https%3A%2F%2Fexample.com%2Fin%3Fa%3Db%26c&moSmppSysType=inbound"
      .. "&voiceCallbackType=sip&voiceCallbackValue=sip%3Aann%40example.com"
      .. "&voiceStatusCallback=https%3A%2F%2Fexample.com%2Fends&messagesCallbackType=app"
      .. "&messagesCallbackValue=" .. ID),
    result = changed,
  },
  {
    "an empty webhook", "update_number",
    params = { country = "GB", msisdn = "447700900500", moHttpUrl = "" },
    arrival = change_arrival("/number/update", "country=GB&msisdn=447700900500&moHttpUrl="),
    result = changed,
  },
  {
    "nothing, for the balance", "get_balance",
    arrival = { method = "GET", path = "/account/get-balance", body = "",
      authorization = "Basic" },
    result = { value = 100000, autoReload = false },
  },
}
