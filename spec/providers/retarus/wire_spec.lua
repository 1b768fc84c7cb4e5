-- Every Retarus operation, byte by byte: a server that keeps what it was sent.

local cases = require "spec.cases.retarus"
local provider = require "sms.providers.retarus"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"

local CREDENTIALS = { username = "user", password = "pass" }

describe("Retarus on the wire", function()
  local server, client

  setup(function()
    server = raw_server.start()
    client = retarus.client_of(server.url, CREDENTIALS)
  end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(raw_server.http(200, "{}"))
  end)

  local function expected(case)
    local method, target = case.request:match "^(%S+) (%S+)$"
    local lines = {
      ("%s %s HTTP/1.1"):format(method, target),
      "Host: 127.0.0.1:" .. server.port,
      "User-Agent: lua-sms/" .. require "sms".version,
      "Accept: application/json",
    }
    if case.body then lines[#lines + 1] = "Content-Type: application/json" end
    lines[#lines + 1] = "Authorization: Basic dXNlcjpwYXNz"
    if case.body then lines[#lines + 1] = "Content-Length: " .. #case.body end
    return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (case.body or "")
  end

  for _, case in ipairs(cases.operations) do
    it(case.name, function()
      server:reply(raw_server.http(case.status, case.reply))
      local result, err = client[case.operation](client, case.params)
      assert.is_nil(err)
      assert.same(case.result, result)
      local requests = server:requests()
      assert.equal(1, #requests)
      assert.equal(expected(case), requests[1].text)
    end)

    it(case.name .. " as prepared, secrets masked", function()
      local prepared, err = client:prepare(case.operation, case.params)
      assert.is_nil(err)
      local method, target = case.request:match "^(%S+) (%S+)$"
      assert.same({
        method = method,
        url = server.url .. target,
        body = case.body,
        headers = { Accept = "application/json", Authorization = "Basic ***",
          ["Content-Type"] = case.body and "application/json" or nil },
      }, prepared)
      assert.same({}, server:requests())
    end)
  end

  it("has a case for every operation, with every documented key", function()
    local missing = {}
    for _, operation in ipairs(provider.operations) do
      local seen = {}
      for _, case in ipairs(cases.operations) do
        for name in pairs(case.operation == operation[1] and case.params or {}) do
          seen[name] = true
        end
        seen[1] = seen[1] or case.operation == operation[1]
      end
      missing[#missing + 1] = not seen[1] and operation[1] or nil
      for _, field in ipairs(operation.fields or {}) do
        missing[#missing + 1] = not seen[field[1]] and operation[1] .. "." .. field[1] or nil
      end
    end
    assert.same({}, missing)
  end)

  it("sends what is given as extra, unchecked", function()
    server:reply(raw_server.http(200, '{"jobId":"J"}'))
    assert(client:send_job(retarus.job("+491760000001"), { extra = { newOption = { 1, "a" },
      flag = false } }))
    assert(client:get_version({}, { extra = { ["a b"] = "c+d", n = 1 } }))
    local requests = server:requests()
    assert.matches('{"messages":%[{"text":"Hello","recipients":%[{"dst":"%+491760000001"}%]}%],'
      .. '"flag":false,"newOption":%[1,"a"%]}$', requests[1].text)
    assert.matches("^GET /rest/v1/version%?a%%20b=c%%2Bd&n=1 ", requests[2].text)
  end)

  it("encodes credentials as UTF-8", function()
    local other = retarus.client_of(server.url, { username = "jürgen", password = "gehe:im €" })
    assert(other:get_version())
    assert.matches("\r\nAuthorization: Basic asO8cmdlbjpnZWhlOmltIOKCrA==\r\n",
      server:requests()[1].text)
  end)

  it("keeps the path of a base URL in front of the documented paths", function()
    local other = retarus.client_of(server.url .. "/prefix/sms/", CREDENTIALS)
    assert(other:get_version())
    assert.matches("^GET /prefix/sms/rest/v1/version HTTP", server:requests()[1].text)
  end)
end)
