-- How calls end that are not declared: what is made again, what holds them, what is told of them.

local cases = require "spec.cases.requests"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
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

describe("A call that is not declared", function()
  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(OK)
  end)

  describe("ends", function()
    local GET = { method = "GET", path = "/v1/x", host = "api" }
    local function changed(more) return wire.changed(GET, more) end
    for i, case in ipairs(cases.ends) do
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
        { method = "GET", path = "/sms/json/", query = TEXT },
        { method = "GET", path = "/%73ms/jso%6E", query = TEXT },
        { method = "GET", path = "/sms%2Fjson", host = "rest", query = TEXT },
        { method = "GET", path = "/sms/json;v=1/", query = TEXT },
        { method = "GET", path = "/SMS/JSON", query = TEXT },
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

    it("as it too where a GET sends", function()
      local client = client_of()
      local asked = { method = "GET", path = "/sms/json", query = TEXT }
      server:replies { http(200, '{"messages":[{"status":1,"error-text":"wait [ 10 ]"}]}'),
        http(200, '{"messages":[{"status":"4"}]}') }
      local _, err = client:request(asked)
      assert.same({ "auth", "rejected", "4" }, { err.kind, err.outcome, err.code })
      assert.equal(2, #server:requests())
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

  it("is counted by the limit of its path, however that is written and whatever came before",
    function()
      local key = process.output_of "openssl genrsa 2048 2>/dev/null"
      local client = client_of { rate_limit = { share = "process" }, max_wait = 0, retry = false,
        application_id = "78d335fa-323d-0114-9c3d-d6f0d48968cf", private_key = key }
      local function ask(path)
        return select(2, client:request { method = "POST", path = path, host = "api", body = {} })
      end
      for i = 1, 5 do assert.is_nil(ask("/v1/calls/" .. i)) end
      for _, path in ipairs { "/v1/calls", "/v1/calls/", "/v1/%63alls" } do
        assert.not_equal("rate_limited", ask(path).kind)
      end
      for _, path in ipairs { "/v1/calls", "/v1/calls/", "/v1/%63alls", "/V1/calls;a" } do
        assert.equal("rate_limited", (ask(path) or {}).kind, path)
      end
      assert.equal(8, #server:requests())
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
end)
