-- What an attempt comes to: kind, outcome, and who may repeat it.

local outcomes = {}

-- Who may repeat it: "all"; "safe": safe operations, and jobs where the caller trusts duplicate
-- detection; "none".
outcomes.endings = { -- ending, a first byte possible: kind, outcome, repeated by
  { "timed_out", false, "timeout", "not_sent", "all" },
  { "timed_out", true, "timeout", "ambiguous", "safe" },
  { "unreached", false, "connection", "not_sent", "all" },
  { "unreached", true, "connection", "ambiguous", "safe" },
  { "broken", false, "connection", "not_sent", "all" },
  { "broken", true, "connection", "ambiguous", "safe" },
  { "too_large", false, "protocol", "not_sent", "all" },
  { "too_large", true, "protocol", "ambiguous", "safe" },
  { "too_late", false, "timeout", "not_sent", "all" },
  { "too_late", true, "timeout", "ambiguous", "safe" },
  { "no_memory", false, "internal", "not_sent", "all" },
  { "no_memory", true, "internal", "ambiguous", "safe" },
  { "cancelled", false, "cancelled", "not_sent", "none" },
  { "cancelled", true, "cancelled", "ambiguous", "none" },
}

outcomes.statuses = { -- from, to: kind, outcome, repeated by; later lines win
  { 0, 999, "protocol", "ambiguous", "safe" },
  { 400, 499, "rejected", "rejected", "none" },
  { 401, 401, "auth", "rejected", "none" },
  { 403, 403, "auth", "rejected", "none" },
  { 404, 404, "not_found", "rejected", "none" },
  { 408, 408, "timeout", "ambiguous", "safe" },
  { 421, 421, "server", "not_sent", "all" },
  { 425, 425, "server", "not_sent", "all" },
  { 429, 429, "rate_limited", "not_sent", "all" },
  { 500, 599, "server", "ambiguous", "safe" },
}
outcomes.of_retarus = { [409] = { "duplicate", "rejected", "none" } }

local MADE, GONE = { [200] = true, [201] = true }, { [200] = true, [204] = true }
outcomes.success = { send_job = MADE, create_application = MADE, delete_application = GONE }

local REFUSED, AUTH = { "rejected", "rejected", "none" }, { "auth", "rejected", "none" }
local THROTTLED, UNCLEAR = { "rate_limited", "not_sent", "all" }, { "server", "ambiguous", "safe" }
outcomes.unreadable = { "protocol", "ambiguous", "safe" }

local sms = { ["0"] = false, ["1"] = THROTTLED, ["4"] = AUTH, ["5"] = UNCLEAR, ["8"] = AUTH,
  ["10"] = THROTTLED, ["11"] = AUTH, ["13"] = UNCLEAR, ["14"] = AUTH, ["32"] = AUTH }
for code in ("2 3 6 7 9 12 15 16 17 18 19 20 22 23 29 33 34 101 102 103 77"):gmatch "%S+" do
  sms[code] = REFUSED
end
local voice = { ["0"] = false, ["1"] = AUTH, ["99"] = UNCLEAR }
for code in ("2 3 4 5 6 7 8 10 98 100"):gmatch "%S+" do voice[code] = REFUSED end
-- No codes at all.
for _, code in ipairs { "-1", "x", "-0", "00", "01", " 0", "0 ", "", "inf", "nan", "true", "1.5",
  "0.0", "1e0", "0x1", "+1", "１" } do
  sms[code], voice[code] = outcomes.unreadable, outcomes.unreadable
end
outcomes.numbers = { ["200"] = false, ["401"] = AUTH, ["420"] = REFUSED, ["429"] = THROTTLED,
  ["500"] = UNCLEAR, ["503"] = UNCLEAR, ["599"] = UNCLEAR, ["5"] = REFUSED, ["5000"] = REFUSED,
  ["202"] = outcomes.unreadable, ["0"] = outcomes.unreadable, ["302"] = outcomes.unreadable,
  ["x"] = outcomes.unreadable, ["00"] = outcomes.unreadable, ["-1"] = outcomes.unreadable }

-- Answers that tell of a success, and those that are no answer to that operation.
outcomes.good = {
  send_job = '{"jobId":"J"}', get_job = '{"jobId":"J"}', list_jobs = '[{"jobId":"J"}]',
  list_recipients = '[{"smsId":"S","dst":"1"}]', get_version = "{}",
  send_sms = '{"messages":[{"status":"0"}]}', send_voice = '{"status":"0"}',
  list_inbound_numbers = "{}", list_owned_numbers = '{"count":0}',
  create_application = '{"id":"a"}', get_application = '{"id":"a"}',
  buy_number = '{"error-code":"200"}', cancel_number = '{"error-code":"200"}',
  update_number = '{"error-code":200,"error-code-label":"success"}',
  get_balance = '{"value":10.17127500,"autoReload":false}',
  list_applications = "{}", update_application = '{"id":"a"}', delete_application = "",
}
outcomes.bad = { "", " ", "null", "7", "<html>", "{", "[", '"x"', "[7]", '{"x":1}}',
  "{}\0", "{}{}" }
-- Answers that would be good, but for one thing.
outcomes.doubtful = {
  send_job = { '{"jobId":""}', '{"jobId":" \\n"}', '{"jobId":null}', '{"jobId":"J","jobId":"K"}',
    '{"jobId":"J"}{}', '{"jobId":"J"}\0', '{"jobId":"J"}x', '{"jobId":["J"]}' },
  send_sms = { '{"messages":[{"status":true}]}', '{"messages":[{"status":false}]}',
    '{"messages":[{"status":1e400}]}', '{"messages":[{"status":0.5}]}', '{"messages":[]}',
    '{"messages":[{"status":null}]}', '{"messages":[{"status":"0","status":"2"}]}',
    '{"messages":[{"status":"2","status":"0"}]}', '{"messages":[{"status":"2","status":2}]}',
    '{"message-count":"2","messages":[{"status":"0"}]}',
    '{"message-count":"0","messages":[{"status":"0"}]}',
    '{"message-count":1,"messages":[{"status":"0"},{"status":"0"}]}',
    '{"message-count":"2","messages":[{"status":"2"}]}',
    '{"message-count":"one","messages":[{"status":"0"}]}',
    '{"message-count":1,"message-count":2,"messages":[{"status":"0"}]}',
    '{"messages":[{"status":"0"}],"messages":[{"status":"2"}]}',
    '{"messages":[{"status":"0"}]}\0{"messages":[{"status":"2"}]}',
    '{"messages":[{"status":"2"}]}{"messages":[{"status":"0"}]}' },
  send_voice = { '{"status":true}', '{"status":1e400}', '{"status":"0","status":"2"}',
    '{"status":"2"}{"status":"0"}', '{"status":"0"}\0' },
  create_application = { '{"id":""}', '{"id":"a","id":"b"}', '{"id":"a"}{}' },
  buy_number = { "{}", '{"error-code":null}', '{"error-code":""}', '{"error-code":"0"}',
    '{"error-code":"202"}', '{"error-code":true}', '{"error-code":"200","error-code":"420"}' },
  update_application = { '{"id":" "}', '{"id":"a","id":"b"}' },
}

outcomes.sms, outcomes.voice = sms, voice

return outcomes
