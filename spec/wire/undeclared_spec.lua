-- `client:request`, for what is not declared: whose credentials go where, what comes back, what is
-- made again, and what is refused before anything is sent.

local json = require "sms.base.json"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"
local usual = require "spec.support.usual"
local wire = require "spec.support.wire"

local http = raw_server.http
local OK = http(200, '{"ok":true}')
local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }

local server

local function client_of(more)
  local options = { rate_limit = false, retry = { base = 0.01 }, max_response_bytes = 100000 }
  for name, value in pairs(more or {}) do options[name] = value end
  return usual.client_of(server, options)
end

--- The head and the body of the only request.
local function sent()
  assert.equal(1, #server:requests())
  return server:requests()[1].text:match "^(.-\r\n)\r\n(.*)$"
end

describe("A request", function()
  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(OK)
  end)

  describe("goes out", function()
    -- Options, what is asked; request line, Authorization, type, body.
    local FORM, JSON = "application/x-www-form-urlencoded", "application/json"
    local PARAMS = "api_key=KEY&api_secret=secret"
    local cases = {
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

    for i, case in ipairs(cases) do
      it(("with its credentials: %d, %s"):format(i, case[3]), function()
        local client = client_of(case[1])
        local function filled(text)
          return (text:gsub("KEY", client.identity))
        end
        local result = assert(client:request(case[2]))
        assert.same({ ok = true }, result)
        local head, body = sent()
        assert.equal(filled(case[3]) .. " HTTP/1.1", head:match "^[^\r]*")
        assert.equal(case[4], head:match "\r\nAuthorization: (%a+)")
        assert.equal(case[5], head:match "\r\nContent%-Type: ([^\r]*)")
        assert.equal(filled(case[6] or ""), body)
        local shown = assert(client:prepare("request", case[2]))
        assert.equal(filled(case[3]):gsub("=key%d+&", "=***&"):gsub("=secret", "=***"),
          shown.method .. " " .. shown.url:sub(#server.url + 1))
        assert.equal(filled(case[6] or ""):gsub("=key%d+&", "=***&"):gsub("=secret", "=***"),
          shown.body or "")
        client:close()
      end)
    end

    it("as declared operations do, to the same host, path and method", function()
      for _, options in ipairs { {}, { auth = "params" }, { api_version = 1 },
        { auth = "signature", signature_secret = "SIGNATURE0123456" } } do
        local client = client_of(options)
        for name, operation in pairs(client.operations) do
          if name ~= "request" and not operation.path:find("{", 1, true) then
            local content = operation.body and { a = "1" } or nil
            local declared = client.endpoints[operation]
              or require("sms.call.endpoint").of(client, operation)
            local shown, err = client:prepare("request", { method = operation.method,
              path = operation.path, host = operation.hosts[1], body = content })
            assert(shown, tostring(err))
            local scheme = declared.auth == "basic" and "Basic ***" or nil
            assert.equal(scheme, shown.headers.Authorization, name)
            assert.equal(declared.auth == "query", shown.url:find("api_secret", 1, true) ~= nil)
            assert.equal(declared.auth == "body",
              (shown.body or ""):find("api_secret", 1, true) ~= nil)
            assert.equal(declared.auth == "signature", (shown.body or ""):find "sig=" ~= nil)
            assert.equal(operation.body == "form", shown.headers["Content-Type"] == FORM, name)
          end
        end
        client:close()
      end
    end)

    it("signed", function()
      local client = client_of { auth = "signature", signature_secret = "SIGNATURE0123456" }
      assert(client:request { method = "POST", path = "/sms/x", body = { b = "x&y", a = 1 } })
      local head, body = sent()
      assert.is_nil(head:find("Authorization", 1, true))
      assert.matches("^a=1&b=x%%26y&api_key=key%d+&timestamp=%d+&sig=%x+$", body)
      client:close()
    end)

    it("to the hosts of Retarus", function()
      local client = retarus.client_of(server.url)
      assert(client:request { method = "GET", path = "/rest/v1/version" })
      assert.matches("^GET /rest/v1/version HTTP/1.1\r\n", (sent()))
      local _, err = client:request { method = "GET", path = "/rest/v1/jobs" }
      assert.equal("host: is required with this path: one of de1, de2, send", err.message)
      server:reply(http(200, "[]"))
      assert.same({}, client:request { method = "GET", path = "/rest/v1/other", host = "de1" })
      client:close()
    end)

    it("once for each call, whatever was asked before", function()
      local client, kinds = client_of(), 0
      for i = 1, 50 do
        assert(client:request { method = "GET", path = "/account/" .. i, query = { i = i } })
      end
      for _ in pairs(client.endpoints) do kinds = kinds + 1 end
      assert.equal(2, kinds)
      assert.equal(50, #server:requests())
      assert.matches("^GET /account/50%?i=50 ", server:requests()[50].text)
      client:close()
    end)
  end)

  describe("gives", function()
    for _, case in ipairs {
      { '{"a":null,"b":[1,null,2.0],"c":12345678901234567890}',
        { b = { 1, 2 }, c = "12345678901234567890" } },
      { " [{},[]]", { {}, {} } }, { "[]", {} }, { "{}", {} },
      { "null", "null" }, { "7", "7" }, { "false", "false" }, { '"a"', '"a"' }, { "", "" },
      { "<html>It works!</html>", "<html>It works!</html>" }, { "{", "{" }, { "{}x", "{}x" },
      { '{"a":1,"a":2}', '{"a":1,"a":2}' }, { "\255\0", "\255\0" },
      { ("["):rep(5000), ("["):rep(5000) },
    } do
      it("what is answered: " .. case[1]:sub(1, 30), function()
        local client = client_of()
        for _, status in ipairs { 200, 201, 202, 207 } do
          server:reply(http(status, case[1]))
          local result, err = client:request { method = "POST", path = "/v1/x", host = "api" }
          assert.is_nil(err)
          assert.same({}, wire.differences(case[2], result))
        end
        assert.equal(4, #server:requests())
        client:close()
      end)
    end

    it("an empty table for 204", function()
      local client = client_of()
      server:reply("HTTP/1.1 204 No Content\r\n\r\n")
      assert.same({}, client:request { method = "DELETE", path = "/v2/applications/x" })
      client:close()
    end)
  end)

  describe("ends", function()
    local GET = { method = "GET", path = "/v1/x", host = "api" }
    local function changed(more) return wire.changed(GET, more) end
    -- What is answered: kind, outcome, code, how often a GET is made, and all else.
    local cases = {
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

    for i, case in ipairs(cases) do
      for _, method in ipairs { "GET", "POST", "PUT", "PATCH", "DELETE" } do
        it(("as it must, %s, %d: %s"):format(method, i, case[2]), function()
          local client = client_of()
          server:reply(case[1])
          local result, err = client:request(changed { method = method })
          assert.is_nil(result)
          local is_read = method == "GET"
          assert.same({ case[2], case[3], "request" }, { err.kind, err.outcome, err.operation })
          assert.equal(case[4], err.code)
          assert.equal(is_read and case[5] or case[6], #server:requests())
          assert.equal(case[is_read and 5 or 6] == 3, err.retryable)
          client:close()
        end)
      end
    end

    it("without a repeat where a GET sends", function()
      local client = client_of()
      for _, asked in ipairs { { method = "GET", path = "/sms/json", query = TEXT },
        { method = "GET", path = "/tts/xml", query = TEXT },
        { method = "GET", path = "/verify/json", host = "api" } } do
        server:forget()
        server:reply { { close = true } }
        local _, err = client:request(asked)
        assert.same({ "ambiguous", false, 1 }, { err.outcome, err.retryable, #server:requests() })
      end
      client:close()
    end)

    it("as the declared operation of its path", function()
      local client = client_of()
      local asked = { method = "POST", path = "/sms/json", body = TEXT }
      local throttled = http(200, '{"messages":[{"status":1,"error-text":"wait [ 10 ]"}]}')
      server:replies { throttled, usual.taken() }
      assert.equal("0", assert(client:request(asked)).messages[1].status)
      for body, expected in pairs {
        ['{"messages":[{"status":"5"}]}'] = { "server", "ambiguous", "5" },
        ['{"messages":[{"status":"4"}]}'] = { "auth", "rejected", "4" },
        ["{}"] = { "protocol", "ambiguous" }, ["<html>"] = { "protocol", "ambiguous" },
      } do
        server:reply(http(200, body))
        local _, err = client:request(asked)
        assert.same(expected, { err.kind, err.outcome, err.code })
      end
      server:reply("HTTP/1.1 204 No Content\r\n\r\n")
      assert.equal("ambiguous", select(2, client:request(asked)).outcome)
      server:reply(http(200, '{"error-code":"420","error-code-label":"no"}'))
      local _, err = client:request { method = "POST", path = "/number/other", body = {} }
      assert.same({ "rejected", "rejected", "420" }, { err.kind, err.outcome, err.code })
      client:close()
    end)

    it("without texts, numbers and secrets in its words", function()
      local client = client_of()
      server:reply(http(400, '{"title":"no \'Hello there\', secret=secretx to +44 7700 900123"}'))
      local _, err = client:request { method = "POST", path = "/v1/messages", host = "api",
        body = { message = { deep = { "Hello there" } }, text = "secretx" } }
      assert.equal("no '***', ***=*** to …0123", err.message)
      server:reply(http(400, "bad: Hello, hex, x12345678901"))
      _, err = client:request { method = "POST", path = "/v1/messages", host = "api",
        form = { body = "Hello", query = "x y", path = "x", json = "hex" } }
      assert.equal("bad: ***, hex, x…8901", err.message)
      client:close()
    end)
  end)

  describe("is refused, and nothing is sent:", function()
    local BASE = { method = "GET", path = "/account/x" }
    local POST = { method = "POST", path = "/account/x" }
    for _, case in ipairs {
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
    } do
      it(("%s %s"):format(case[3], case[4]:gsub("[%^%%$]", "")), function()
        local client = client_of(case[1])
        local params = wire.changed(BASE, case[2])
        for _, result in ipairs { { client:request(params) },
          { client:prepare("request", params) } } do
          local err = result[2]
          assert.is_nil(result[1])
          assert.same({ "invalid", "not_sent", "request", case[3], 1 }, { err.kind, err.outcome,
            err.operation, err.problems[1].path, #err.problems })
          assert.matches(case[4], err.problems[1].message)
        end
        assert.equal(0, #server:requests())
        client:close()
      end)
    end

    it("a client without what its path needs", function()
      local client = sms.nexmo { api_key = "abcd1234", signature_secret = "SIGNATURE0123456",
        auth = "signature", base_url = server.url }
      local _, err = client:request(BASE)
      assert.matches("^api_secret: is missing: give it, or set NEXMO_API_SECRET", err.message)
      assert(client:request { method = "POST", path = "/sms/x", body = { a = 1 } })
      client:close()
    end)

    it("params that are no table, options that nobody knows, a dot for a colon", function()
      local client = client_of()
      assert.equal("must be a table", select(2, client:request("GET")).message)
      assert.equal("method: is required (and 1 more)", select(2, client:request()).message)
      assert.has_error(function() client:request(BASE, { timeot = 1 }) end,
        "timeot: is not known; did you mean 'timeout'?")
      assert.has_error(function() client.request(BASE) end,
        "request is a method: call it with a colon, nexmo:request(…)")
      local _, err = client:request(POST, { extra = { a = 1 } })
      assert.same({ { path = "extra.a", message = "goes into query or body here" } },
        err.problems)
      assert.equal(0, #server:requests())
      client:close()
      assert.has_error(function() client:request(BASE) end, "this client is closed")
    end)

    it("an answer that takes too long, or a slot that does", function()
      local client = client_of { rate_limit = { calls = 1, period = 3600 }, max_wait = 0 }
      assert(client:request(BASE))
      local _, err = client:request(BASE)
      assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
      client:close()
      client = client_of()
      server:reply { { sleep = 5 } }
      _, err = client:request(POST, { timeout = 0.1 })
      assert.same({ "timeout", "ambiguous" }, { err.kind, err.outcome })
      client:close()
    end)
  end)

  it("is held by what throttles its own quota alone", function()
    local SLOW_DOWN = http(429, "", "Retry-After: 3\r\n")
    local client = client_of { max_wait = 0, retry = false,
      rate_limit = { calls = 50, period = 3600 } }
    server:replies { SLOW_DOWN, OK }
    local list = { method = "GET", path = "/account/x" }
    assert.equal("rate_limited", select(2, client:request(list)).kind)
    assert.equal("rate_limited", select(2, client:list_owned_numbers()).kind)
    assert.equal("rate_limited", select(2, client:request(list)).kind)
    assert(client:request { method = "GET", path = "/v2/applications/x" })
    assert(client:request { method = "GET", path = "/v1/messages", host = "api" })
    server:reply(usual.taken())
    assert(client:send_sms(usual.TEXT))
    client:close()
  end)

  it("is counted for who sends where the limit is of a sender", function()
    local client = client_of { max_wait = 0,
      rate_limit = { calls = 1, period = 3600, per = "from" } }
    server:reply(usual.taken())
    local asked = { method = "POST", path = "/sms/json", body = TEXT }
    assert(client:request(asked))
    assert.equal("rate_limited", select(2, client:send_sms(usual.TEXT)).kind)
    assert(client:request { method = "POST", path = "/sms/json",
      json = wire.changed(TEXT, { from = "Other" }) })
    client:close()
  end)

  it("is made side by side, and tells its events", function()
    local told = {}
    local client = client_of { on_event = function(event)
      told[#told + 1] = event.name .. " " .. event.operation
    end }
    local results = sms.all {
      function() return client:request { method = "GET", path = "/account/a" } end,
      function()
        tasks.sleep(0)
        return client:request { method = "GET", path = "/account/b" }
      end,
    }
    assert.same({ { { ok = true } }, { { ok = true } } }, results)
    table.sort(told)
    assert.same({ "request request", "request request", "response request", "response request" },
      told)
    client:close()
  end)

  it("has what it was given left as it was", function()
    local client = client_of()
    local given = { method = "post", path = "/account/x", body = { a = 1, b = true } }
    local before = json.encode_any(given)
    assert(client:request(given))
    assert.equal(before, json.encode_any(given))
    client:close()
  end)
end)
