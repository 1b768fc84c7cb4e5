-- What client:request is asked, and what becomes of it.

local raw_server = require "spec.support.servers.raw_server"
local wire = require "spec.support.wire"

local http = raw_server.http

local cases = {}

local FORM, JSON = "application/x-www-form-urlencoded", "application/json"
local PARAMS = "api_key=KEY&api_secret=secret"

cases.FORM = FORM

-- Options, what is asked; request line, Authorization, type, body.
cases.sent = {
  { {}, { method = "get", path = "/account/settings", query = { b = "1 &", a = 7, c = true } },
    "GET /account/settings?a=7&b=1%20%26&c=true", "Basic" },
  { { auth = "params" }, { method = "GET", path = "/account/x", query = { a = 1 } },
    "GET /account/x?a=1&" .. PARAMS },
  { { auth = "params" }, { method = "POST", path = "/account/settings",
    body = { a = 1.5, b = "é" } }, "POST /account/settings?" .. PARAMS, nil, FORM,
    "a=1.5&b=%C3%A9" },
  { {}, { method = "POST", path = "/number/x", json = { 1, { a = {} } } }, "POST /number/x",
    "Basic", JSON, '[1,{"a":{}}]' },
  { {}, { method = "POST", path = "/account/x" }, "POST /account/x", "Basic", nil, "" },
  { { auth = "params" }, { method = "POST", path = "/sms/x", body = { a = 1 } },
    "POST /sms/x", nil, FORM, "a=1&" .. PARAMS },
  { { auth = "params" }, { method = "POST", path = "/sms/x" }, "POST /sms/x", nil, FORM,
    PARAMS },
  { { auth = "params" }, { method = "GET", path = "/sms/x" }, "GET /sms/x?" .. PARAMS },
  { {}, { method = "POST", path = "/tts/x", query = { q = 1 }, form = { a = 1 } },
    "POST /tts/x?q=1", nil, FORM, "a=1&" .. PARAMS },
  { {}, { method = "PUT", path = "/v1/applications/x", body = { a = 1 } },
    "PUT /v1/applications/x?" .. PARAMS, nil, FORM, "a=1" },
  { {}, { method = "POST", path = "/v1/applications", body = { a = 1 } },
    "POST /v1/applications", nil, FORM, "a=1&" .. PARAMS },
  { {}, { method = "DELETE", path = "/v2/applications/x" }, "DELETE /v2/applications/x",
    "Basic" },
  { {}, { method = "PATCH", path = "/v1/users/%C3%A9", host = "api", query = {},
    body = { a = false, n = 1e15 } }, "PATCH /v1/users/%C3%A9", "Basic", JSON,
    '{"a":false,"n":1000000000000000}' },
  { {}, { method = "POST", path = "/verify/json", host = "api", form = {} },
    "POST /verify/json", "Basic", FORM, "" },
}

-- What is answered, and what that is to the caller.
cases.answers = {
  { '{"a":null,"b":[1,null,2.0],"c":12345678901234567890}',
    { b = { 1, 2 }, c = "12345678901234567890" } },
  { " [{},[]]", { {}, {} } }, { "[]", {} }, { "{}", {} },
  { "null", "null" }, { "7", "7" }, { "false", "false" }, { '"a"', '"a"' }, { "", "" },
  { "<html>It works!</html>", "<html>It works!</html>" }, { "{", "{" }, { "{}x", "{}x" },
  { '{"a":1,"a":2}', '{"a":1,"a":2}' }, { "\255\0", "\255\0" },
  { ("["):rep(5000), ("["):rep(5000) },
}

-- What is answered: kind, outcome, code, how often a GET is made, and all else.
cases.ends = {
  { http(302, "", "Location: /elsewhere\r\n"), "protocol", "ambiguous", nil, 3, 1 },
  { http(400, '{"type":"x","title":"Bad","detail":"no"}'), "rejected", "rejected", "x", 1, 1 },
  { http(401, '{"error-code":"401"}'), "auth", "rejected", "401", 1, 1 },
  { http(404, "<html>"), "not_found", "rejected", nil, 1, 1 },
  { http(408, ""), "timeout", "ambiguous", nil, 3, 1 },
  { http(421, ""), "server", "not_sent", nil, 3, 3 },
  { http(429, "", "Retry-After: 0\r\n"), "rate_limited", "not_sent", nil, 3, 3 },
  { http(503, "<html>"), "server", "ambiguous", nil, 3, 1 },
  { http(200, ("x"):rep(200000)), "protocol", "ambiguous", nil, 3, 1 },
  { { { close = true } }, "connection", "ambiguous", nil, 3, 1 },
  { { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", { close = true } }, "connection",
    "ambiguous", nil, 3, 1 },
}

-- Client options, what is asked in place of a GET, where it is wrong and why.
cases.refused = {
  { {}, { method = wire.none }, "method", "^is required$" },
  { {}, { method = "HEAD" }, "method", "^must be one of: GET, POST, PUT, PATCH, DELETE$" },
  { {}, { method = "GET\r\n" }, "method", "control characters" },
  { {}, { path = wire.none }, "path", "^is required$" },
  { {}, { path = "account/x" }, "path", "^must begin with /" },
  { {}, { path = "https://rest.nexmo.com/account" }, "path", "^must begin with /" },
  { {}, { path = "//evil.example/x" }, "path", "^must not have //" },
  { {}, { path = "/account/x?a=1" }, "path", "^must have no %? and no #.*`query`" },
  { {}, { path = "/account/x#a" }, "path", "^must have no" },
  { {}, { path = "/account/x\r\nHost: evil" }, "path", "control characters" },
  { {}, { path = "/account/a b" }, "path", "percent%-encoded" },
  { {}, { path = "/account/é" }, "path", "percent%-encoded" },
  { {}, { path = "/account/%zz" }, "path", "percent%-encoded" },
  { {}, { path = "/account/{id}" }, "path", "percent%-encoded" },
  { {}, { path = "/account/\\x" }, "path", "percent%-encoded" },
  { {}, { path = "/sms/../account" }, "path", "must not have %. or %.%." },
  { {}, { path = "/sms/%2E%2e/account" }, "path", "must not have %. or %.%." },
  { {}, { path = "/account/." }, "path", "must not have %. or %.%." },
  { {}, { path = "/account/..;a/sms" }, "path", "must not have %. or %.%." },
  { {}, { path = "/account%2F..%2Fsms" }, "path", "must not have %. or %.%." },
  { {}, { path = 5 }, "path", "must be a string" },
  { {}, { path = "" }, "path", "must begin with /" },
  { {}, { host = "rest.nexmo.com" }, "host", "^must be one of: api, rest$" },
  { {}, { host = "" }, "host", "^must be one of: api, rest" },
  { {}, { path = "/other" }, "host", "^is required with this path: one of api, rest$" },
  { {}, { query = "a=1" }, "query", "must be a table" },
  { {}, { query = { "a" } }, "query", "must have names" },
  { {}, { query = { a = {} } }, "query.a", "^must not be a table$" },
  { {}, { query = { ["a\nb"] = {} } }, "query.a?b", "^must not be a table$" },
  { {}, { query = { a = 1 / 0 } }, "query.a", "must be a number" },
  { {}, { query = { a = print } }, "query.a", "must not be a function" },
  { {}, { query = { api_key = "x" } }, "query.api_key", "^is added by the client$" },
  { {}, { body = {} }, "body", "^does not go with GET: use query$" },
  { {}, { method = "DELETE", json = {} }, "json", "^does not go with DELETE: use query$" },
  { {}, { method = "POST", body = {}, form = {} }, "form", "^does not go with body: there" },
  { {}, { method = "POST", body = "a=1" }, "body", "must be a table" },
  { {}, { method = "POST", form = { a = { 1 } } }, "form.a", "^must not be a table$" },
  { {}, { method = "POST", body = { a = { 1 } } }, "body.a", "^must not be a table$" },
  { {}, { method = "POST", body = { 1 } }, "body", "^must have names for keys$" },
  { {}, { method = "POST", body = { api_secret = "x" } }, "body.api_secret", "is added" },
  { {}, { method = "POST", json = { a = "\255" } }, "json.a", "is not valid UTF%-8" },
  { {}, { metod = "GET" }, "metod", "did you mean 'method'" },
  { {}, { headers = {} }, "headers", "^is not known$" },
  { {}, { path = "/v1/calls" }, "private_key", "^is missing: give it, or set NEXMO_PRIVATE" },
  { { auth = "params" }, { method = "POST", path = "/sms/x", json = {} }, "json",
    "^does not go with the credentials" },
  { { auth = "signature", signature_secret = "SIGNATURE0123456" },
    { method = "POST", path = "/sms/x", form = {}, query = { a = 1 } }, "query",
    "^does not go with what is signed" },
  { { auth = "signature", signature_secret = "SIGNATURE0123456" }, { path = "/sms/x" },
    "method", "^does not go with what is signed" },
}

return cases
