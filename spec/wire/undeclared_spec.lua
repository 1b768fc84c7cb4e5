-- `client:request`, for what is not declared: whose credentials go where, what comes back, and what
-- is refused before anything is sent.

local cases = require "spec.cases.requests"
local json = require "sms.base.json"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sms = require "sms"
local usual = require "spec.support.usual"
local wire = require "spec.support.wire"

local http = raw_server.http
local OK = http(200, '{"ok":true}')

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
    for i, case in ipairs(cases.sent) do
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
            assert.equal(operation.body == "form",
              shown.headers["Content-Type"] == cases.FORM, name)
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
    for _, case in ipairs(cases.answers) do
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

  describe("is refused, and nothing is sent:", function()
    local BASE = { method = "GET", path = "/account/x" }
    local POST = { method = "POST", path = "/account/x" }
    for _, case in ipairs(cases.refused) do
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

  it("shows no secret where its dry run is, wherever it was written", function()
    local SECRET = "Secret+12/456789"
    local client = client_of { api_secret = SECRET }
    local long = ("x"):rep(5000)
    for _, asked in ipairs {
      { method = "GET", path = "/account/get-balance/abcd1234/" .. SECRET },
      { method = "GET", path = "/account/get-balance/abcd1234/Secret%2B12%2F456789" },
      { method = "GET", path = "/account/x", query = { old = SECRET } },
      { method = "POST", path = "/account/x", query = { long = long, old = SECRET },
        body = { old = SECRET } },
      { method = "POST", path = "/v1/x", host = "api", json = { { [SECRET] = "my " .. SECRET } } },
      { method = "POST", path = "/v1/x", host = "api", json = { long, SECRET } },
    } do
      local shown = assert(client:prepare("request", asked))
      assert.is_nil((shown.url .. (shown.body or "")):find "Secret.*456789", shown.body)
      assert.equal(server.url .. asked.path:match "^/%w+/[%w-]+",
        shown.url:match "^.-//.-/%w+/[%w-]+")
    end
    assert.equal('[{"a":"b"}]', client:prepare("request", { method = "POST", path = "/v1/x",
      host = "api", json = { { a = "b" } } }).body)
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
