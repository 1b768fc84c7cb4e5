-- Every code that Nexmo documents, and how it ends a call.

local codes = {}

local refused, credentials = { "rejected", "rejected" }, { "auth", "rejected" }
local too_fast, unknown = { "rate_limited", "not_sent" }, { "server", "ambiguous" }

-- code, kind and outcome, what it is called where the provider says nothing; `own`: the reason
-- is Nexmo's own, another provider may be asked; `account`: the account is refused, not the text
codes.sms = {
  { "1", too_fast, "throttled", own = true },
  { "2", refused, "missing params", own = true },
  { "3", refused, "invalid params" },
  { "4", credentials, "invalid credentials", own = true, account = true },
  { "5", unknown, "internal error" },
  { "6", refused, "invalid message", own = true },
  { "7", refused, "number barred" },
  { "8", credentials, "partner account barred", own = true, account = true },
  { "9", refused, "partner quota violation", own = true, account = true },
  { "10", too_fast, "too many existing binds", own = true },
  { "11", credentials, "account not enabled for HTTP", own = true, account = true },
  { "12", refused, "message too long" },
  { "13", unknown, "communication failed" },
  { "14", credentials, "invalid signature", own = true, account = true },
  { "15", refused, "invalid sender address", own = true },
  { "16", refused, "invalid ttl", own = true },
  { "17", refused, "message blocked by provider (formerly: number unreachable)" },
  { "18", refused, "too many destinations", own = true },
  { "19", refused, "facility not allowed", own = true },
  { "20", refused, "invalid message class", own = true },
  { "22", refused, "invalid network code", own = true },
  { "23", refused, "invalid callback url", own = true },
  { "29", refused, "non-whitelisted destination", own = true },
  { "32", credentials, "signature and api secret disallowed", own = true, account = true },
  { "33", refused, "number de-activated" },
  { "34", refused, "invalid or missing msisdn" },
  { "101", refused, "invalid account for campaign", ending = "0981", own = true, account = true },
  { "102", refused, "opted-out or invalid short code", ending = "0982" },
  { "103", refused, "invalid msisdn", ending = "0983" },
  { "77", refused, "unknown code" },
}

codes.voice = {
  { "1", credentials, "invalid credentials", account = true },
  { "2", refused, "missing parameter" },
  { "3", refused, "invalid parameter" },
  { "4", refused, "invalid destination address" },
  { "5", refused, "cannot route the call" },
  { "6", refused, "number barred" },
  { "7", refused, "partner quota exceeded", account = true },
  { "99", unknown, "internal error" },
  { "42", refused, "unknown code" },
}

-- Throttling texts, and the seconds they ask for.
codes.throttled = {
  { "Throughput Rate Exceeded - please wait [ 702 ] and retry", 0.702 },
  { "Throughput Rate Exceeded - please wait [50] and retry", 0.05 },
  { "Throughput Rate Exceeded - please wait and retry", 1 },
  { "Exceeded maximum MT throughput[ MAX [ 30 ] INTERVAL [ 1000 ] COUNT [ 30 ] LAST INT-START "
    .. "[ 1617784922564 ] TIME_SINCE_LAST_INTERVAL_START [ 529 ]  ] ", 0.471 },
  { "Exceeded maximum MT throughput[ MAX [ 30 ] INTERVAL [ 1000 ] COUNT [ 30 ] LAST INT-START "
    .. "[ 1617784922564 ] TIME_SINCE_LAST_INTERVAL_START [ 1529 ]  ] ", 0 },
}

-- Parts that end differently: the statuses, the outcome, the code of the first refusal; whether
-- the account was refused.
codes.mixed = {
  { { "0", "7", "7" }, "accepted", "7" },
  { { "7", "0" }, "accepted", "7" },
  { { "0", "1" }, "accepted", "1" },
  { { "0", "5" }, "accepted", "5" },
  { { "0", "10", "9" }, "accepted", "10", account = true },
  { { "0", "4" }, "accepted", "4", account = true },
  { { "6", "7" }, "rejected", "6" },
  { { "1", "10" }, "not_sent", "1" },
  { { "1", "6" }, "rejected", "1" },
  { { "6", "5" }, "ambiguous", "6" },
}

local ACCOUNT = "https://developer.nexmo.com/api-errors"

-- HTTP statuses and bodies in the order of docs/providers/nexmo.md 11: operation, status, body,
-- what the error has. `safe` operations may be repeated.
codes.http = {
  { "send_sms", 401, '{"error-code":"401","error-code-label":"authentication failed"}',
    { kind = "auth", outcome = "rejected", account = true, code = "401",
      message = "authentication failed" } },
  { "send_sms", 403, "", { kind = "auth", outcome = "rejected", message = "HTTP status 403" } },
  { "send_sms", 403, '{"type":"' .. ACCOUNT .. '#unprovisioned","title":"Forbidden"}',
    { kind = "auth", outcome = "rejected", account = true, message = "Forbidden" } },
  { "send_sms", 400, '{"messages":[{"status":"4","error-text":"Bad Credentials"}]}',
    { kind = "rejected", outcome = "rejected", account = true, code = "4" } },
  { "send_voice", 403, '{"status":2,"error_text":"No"}',
    { kind = "auth", outcome = "rejected", account = true, code = "2" } },
  { "send_sms", 400, '{"messages":[{"status":"3","error-text":"Invalid to param"}]}',
    { kind = "rejected", outcome = "rejected", code = "3", message = "Invalid to param" } },
  { "send_sms", 402, '{"type":"' .. ACCOUNT .. '#low-balance","title":"Low balance",'
    .. '"detail":"Not enough credit","instance":"x"}',
    { kind = "rejected", outcome = "rejected", account = true, code = ACCOUNT .. "#low-balance",
      message = "Low balance: Not enough credit" } },
  { "send_sms", 408, "", { kind = "timeout", outcome = "ambiguous" } },
  { "send_sms", 404, "<html>Not here\n</html>",
    { kind = "not_found", outcome = "rejected", message = "<html>Not here </html>" } },
  { "send_sms", 429, "too many concurrent requests",
    { kind = "rate_limited", outcome = "not_sent", retryable = true,
      message = "too many concurrent requests" } },
  { "send_sms", 500, '{"error-code":500,"error-code-label":"internal"}',
    { kind = "server", outcome = "ambiguous", code = "500", message = "internal" } },
  { "send_sms", 503, "<html>" .. ("x"):rep(400),
    { kind = "server", outcome = "ambiguous", message = "~^<html>x+…$" } },
  { "send_sms", 302, "", { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 202, "", { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 204, "", { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 200, "", { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 200, "null", { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 200, "[]", { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 200, "<html>", { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 200, '{"message-count":"0","messages":[]}',
    { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 200, '{"message-count":"1","messages":[null]}',
    { kind = "protocol", outcome = "ambiguous" } },
  { "send_sms", 200, '{"messages":[{"message-id":"0A00"}]}',
    { kind = "protocol", outcome = "ambiguous", message = "messages[1].status is missing" } },
  { "send_sms", 200, '{"messages":{"status":"0"}}', { kind = "protocol", outcome = "ambiguous" } },
  { "send_voice", 500, '{"description":"broken"}',
    { kind = "server", outcome = "ambiguous", message = "broken" } },
  { "send_voice", 400, '{"status":2,"error_text":"Missing to"}',
    { kind = "rejected", outcome = "rejected", code = "2", message = "Missing to" } },
  { "send_voice", 400, '{"message":"no"}',
    { kind = "rejected", outcome = "rejected", message = "no" } },
  { "send_voice", 200, '{"call_id":"a1"}', { kind = "protocol", outcome = "ambiguous" } },
  { "list_owned_numbers", 401, '{"error-code":"401","error-code-label":"authentication failed"}',
    { kind = "auth", outcome = "rejected", account = true, code = "401",
      message = "authentication failed" } },
  { "list_owned_numbers", 420, '{"error-code":"420","error-code-label":"method failed"}',
    { kind = "rejected", outcome = "rejected", code = "420", message = "method failed" } },
  { "list_owned_numbers", 429, '{"error-code":"429","error-code-label":"too many requests"}',
    { kind = "rate_limited", outcome = "not_sent", retryable = true, code = "429" } },
  { "list_owned_numbers", 502, "", { kind = "server", outcome = "ambiguous", retryable = true } },
  { "list_owned_numbers", 200, '{"error-code":"401","error-code-label":"authentication failed"}',
    { kind = "auth", outcome = "rejected", code = "401" } },
  { "list_owned_numbers", 200, '{"error-code":"420","error-code-label":"method failed"}',
    { kind = "rejected", outcome = "rejected", code = "420" } },
  { "list_owned_numbers", 200, "it works",
    { kind = "protocol", outcome = "ambiguous", retryable = true } },
}

-- The application actions: version, action, status, body, error.
codes.applications = {
  { 2, "create_application", 400, '{"type":"' .. ACCOUNT .. '/application#payload-validation",'
    .. '"title":"Bad Request","detail":"Wrong","invalid_parameters":[{"name":"name",'
    .. '"reason":"is required"},{"name":"keys","reason":"no"}]}',
    { kind = "rejected", outcome = "rejected", code = ACCOUNT .. "/application#payload-validation",
      message = "Bad Request: Wrong (keys: no; name: is required)" } },
  { 2, "get_application", 401, '{"title":"Invalid credentials supplied"}',
    { kind = "auth", outcome = "rejected", message = "Invalid credentials supplied" } },
  { 2, "get_application", 404, '{"title":"Not Found"}',
    { kind = "not_found", outcome = "rejected", message = "Not Found" } },
  { 2, "delete_application", 405, '{"title":"Method Not Allowed"}',
    { kind = "rejected", outcome = "rejected" } },
  { 2, "list_applications", 406, "", { kind = "rejected", outcome = "rejected" } },
  { 2, "create_application", 415, "", { kind = "rejected", outcome = "rejected" } },
  { 2, "list_applications", 429, '{"title":"Rate Limited"}',
    { kind = "rate_limited", outcome = "not_sent", retryable = true } },
  { 2, "create_application", 500, "", { kind = "server", outcome = "ambiguous" } },
  { 2, "get_application", 500, "", { kind = "server", outcome = "ambiguous", retryable = true } },
  { 2, "delete_application", 500, "",
    { kind = "server", outcome = "ambiguous", retryable = true } },
  { 2, "create_application", 201, "<html>", { kind = "protocol", outcome = "ambiguous" } },
  { 2, "create_application", 201, '{"name":"no id"}',
    { kind = "protocol", outcome = "ambiguous", message = "id is missing" } },
  { 1, "create_application", 400, '{"type":"BAD_REQUEST","error_title":"Bad Request",'
    .. '"invalid_parameters":{"name":"Is required.","type":"No."}}',
    { kind = "rejected", outcome = "rejected", code = "BAD_REQUEST",
      message = "Bad Request (name: Is required.; type: No.)" } },
  { 1, "get_application", 401, '{"type":"UNAUTHORIZED","error_title":"Unauthorized"}',
    { kind = "auth", outcome = "rejected", code = "UNAUTHORIZED", message = "Unauthorized" } },
}

return codes
