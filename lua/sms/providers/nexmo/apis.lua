--- Nexmo's APIs, as sms.wire.apis has them. Pure.

local codes = require "sms.providers.nexmo.codes"

-- Where the credentials go, by the client option `auth`.
local SMS_AUTH = { basic = "basic", params = "body", signature = "signature" }
local REST_AUTH = { basic = "basic", params = "query", signature = "basic" }

-- They stand in files and in Redis, and stay what they are.
local SMS, NUMBERS, APPLICATIONS, VOICE, REST, API = 1, 2, 3, 4, 5, 6

local function of_rest(path, auth, quota)
  return { host = "rest", path = path, auth = auth, quota = quota, body = "form",
    judge = codes.judge_numbers }
end

return {
  of_rest("/sms", SMS_AUTH, SMS),
  of_rest("/number", REST_AUTH, NUMBERS),
  of_rest("/account", REST_AUTH, NUMBERS),
  of_rest("", REST_AUTH, REST),
  { host = "api", path = "/tts", auth = "body", quota = VOICE, body = "form" },
  { host = "api", path = "/v1/calls", auth = "bearer", quota = VOICE },
  { host = "api", path = "/v1/applications", method = "POST", auth = "body",
    quota = APPLICATIONS, body = "form" },
  { host = "api", path = "/v1/applications", auth = "query", quota = APPLICATIONS,
    body = "form" },
  { host = "api", path = "/v2/applications", auth = "basic", quota = APPLICATIONS },
  { host = "api", path = "", auth = "basic", quota = API },
  -- Of the older ones a GET does what a POST does: it sends a text, or calls.
  acting = { "/json$", "/xml$" },
}
