-- Calls of a third provider (spec/support/toy): what it declares is all that there is to it.

local cjson = require "cjson"
local declaration = require "spec.support.toy.init"
local facade = require "sms.client.facade"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local usual = require "spec.support.usual"

local http = raw_server.http
local toy = facade.of(declaration)

local HELLO = { to = "+44 7700 900000", content = "Hello", reference = "r-1" }
local TAKEN = http(202, '{"id":"T1","state":"QUEUED"}')

local server

local function client_of(more)
  local options = { user = "u", password = "p", base_url = server.url, rate_limit = false,
    retry = { base = 0.01 } }
  for name, value in pairs(more or {}) do options[name] = value end
  return toy(options)
end

--- The bodies that came.
local function bodies()
  local list = {}
  for i, request in ipairs(server:requests()) do
    list[i] = request.text:match "\r\n\r\n(.*)$"
  end
  return list
end

local function refused(status, code)
  return http(status, ('{"code":"%s","reason":"not Hello to +447700900000"}'):format(code))
end

describe("A third provider", function()
  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:forget()
    server:reply(TAKEN)
  end)

  describe("in a script", function()
    it("sends what is in order", function()
      assert.same({ id = "T1", state = "QUEUED" }, client_of():send_text(HELLO))
      local text = server:requests()[1].text
      assert.matches("^POST /v1/texts HTTP/1.1\r\n", text)
      assert.matches("\r\nAuthorization: Basic dTpw\r\n", text, 1, true)
      assert.same({ to = "447700900000", content = "Hello", reference = "r-1" },
        cjson.decode(bodies()[1]))
    end)

    it("refuses what is not, by its own formats too", function()
      local _, err = client_of():send_text { to = "1", contents = "Hello", sender = "0" }
      assert.same({ "to", "content", "sender", "contents" }, { err.problems[1].path,
        err.problems[2].path, err.problems[3].path, err.problems[4].path })
      assert.equal("must be 5 or 6 digits", err.problems[3].message)
      assert.equal("is not known; did you mean 'content'?", err.problems[4].message)
      assert(client_of():send_text { to = HELLO.to, content = "Hello", sender = "12345" })
      assert.equal(1, #server:requests())
    end)

    it("tells what a refusal means, without texts and numbers", function()
      for body, expected in pairs {
        [refused(422, "BAD")] = { "rejected", "rejected", "BAD", 422 },
        [refused(402, "BROKE")] = { "rejected", "rejected", "BROKE", 402 },
        [refused(401, "WHO")] = { "auth", "rejected", "WHO", 401 },
        [refused(500, "OUCH")] = { "server", "ambiguous", "OUCH", 500 },
        [http(200, '{"id":"T2","state":"REFUSED"}')] = { "rejected", "rejected", "REFUSED", 200 },
      } do
        server:reply(body)
        local result, err = client_of():send_text(HELLO)
        assert.is_nil(result)
        assert.same(expected, { err.kind, err.outcome, err.code, err.status })
        assert.same({ "toy", "send_text" }, { err.provider, err.operation })
        assert.is_nil(err.message:find "Hello" or err.message:find "447700900000", err.message)
      end
      assert.equal(5, #server:requests())
    end)

    it("sends again what was throttled, and reads again what failed", function()
      server:replies { http(429, "{}", "Retry-After: 0\r\n"), TAKEN }
      assert(client_of():send_text(HELLO))
      server:replies { refused(500, "OUCH"), http(200, '[{"phone":"1","state":"QUEUED"}]') }
      assert.same({ { phone = "1", state = "QUEUED" } }, client_of():list_states { id = "a/b" })
      assert.equal(4, #server:requests())
      assert.matches("^GET /v1/texts/a%%2Fb/states ", server:requests()[4].text)
    end)

    it("shows a request, and tells whether credentials work", function()
      local client = client_of()
      assert.equal("Basic ***", client:prepare("send_text", HELLO).headers.Authorization)
      server:reply(http(200, '{"user":"u"}'))
      assert.is_true(client:check())
      server:reply(refused(403, "WHO"))
      assert.equal("auth", select(2, client:check()).kind)
    end)

    it("has its credentials among the parameters, by its own names", function()
      local declared = { auth = "query", auth_parameters = { identity = "usr", password = "pwd" } }
      local named = facade.of(setmetatable(declared, { __index = declaration }))
      local client = named { user = "u&", password = "p", base_url = server.url }
      assert.equal(server.url .. "/v1/texts?usr=***&pwd=***",
        client:prepare("send_text", HELLO).url)
      assert(client:send_text(HELLO))
      assert.matches("^POST /v1/texts%?usr=u%%26&pwd=p HTTP", server:requests()[1].text)
    end)

    it("reads its options, credentials and their variables", function()
      assert.has_error(function() toy { user = "u", password = "p", polit = true } end,
        "polit: is not known; did you mean 'polite'?")
      assert.has_error(function() toy { password = "p" } end, "user is missing: give it, or set "
        .. "TOY_USER in the environment (in nginx with 'env TOY_USER;')")
    end)
  end)

  describe("in send_all", function()
    it("sends every item once, whatever becomes of the runs", function()
      local path, source = os.tmpname(), {}
      os.remove(path)
      for i = 1, 20 do
        source[i] = { to = ("4477009%05d"):format(i), content = "Hello", reference = "r" .. i }
      end
      local client, told = client_of(), 0
      for run = 1, 3 do
        local items = client:send_all(source, { journal = path, in_flight = 4 })
        for item, result, err in items do
          assert(item and result, err)
          told = told + 1
          if run == 1 and told == 5 then items:close() end
        end
      end
      os.remove(path)
      assert.equal(20, told)
      local seen = {}
      for _, body in ipairs(bodies()) do seen[cjson.decode(body).reference] = true end
      assert.equal(20, #bodies())
      for i = 1, 20 do assert.is_true(seen["r" .. i]) end
    end)
  end)

  describe("in a gateway", function()
    local MESSAGE = { from = "Acme", to = "+447700900000", text = "Hello", ref = "r-1" }
    local other, nexmo

    setup(function() other = raw_server.start() end)
    teardown(function() other:stop() end)
    before_each(function()
      other:forget()
      other:reply(usual.taken())
      nexmo = usual.client_of(other)
    end)

    it("is asked first or last", function()
      local sent = assert(sms.gateway { client_of(), nexmo, toy = { sender = "12345" } }
        :send(MESSAGE))
      assert.same({ "toy", "T1", 1, "r-1" }, { sent.provider, sent.id, sent.parts, sent.ref })
      assert.same({ to = "447700900000", content = "Hello", reference = "r-1", sender = "12345" },
        cjson.decode(bodies()[1]))
      other:reply(http(401, "{}"))
      sent = assert(sms.gateway { nexmo, client_of() }:send(MESSAGE))
      assert.same({ "toy", "nexmo" }, { sent.provider, sent.attempts[1].provider })
    end)

    it("hands on what it refused for its own reasons, and nothing else", function()
      local gateway = sms.gateway { client_of { retry = false }, nexmo }
      server:reply(refused(422, "NO_ROUTE"))
      local sent = assert(gateway:send(MESSAGE))
      assert.same({ "nexmo", "0A", "NO_ROUTE" }, { sent.provider, sent.id, sent.attempts[1].code })
      local shared = { refused(422, "BARRED"), refused(500, "OUCH"), { { close = true } } }
      for _, reply in ipairs(shared) do
        server:reply(reply)
        local _, err = gateway:send(MESSAGE)
        assert.equal(1, #err.attempts)
      end
      assert.equal(1, #other:requests())
    end)

    it("is named where something else is given", function()
      assert.has_error(function() sms.gateway { 1 } end,
        "sms.gateway: entry 1 is no client of sms.nexmo or sms.retarus or sms.toy")
      assert.has_error(function() sms.gateway { client_of(), toy = { content = "x" } } end,
        "sms.gateway: toy.content: is chosen by the message")
    end)
  end)

  it("is followed to the end", function()
    local function states(one, two)
      return http(200, cjson.encode { { phone = "1", state = one }, { phone = "2", state = two } })
    end
    server:replies { states("QUEUED", "QUEUED"), states("DELIVERED", "QUEUED"),
      states("DELIVERED", "LOST") }
    local list = {}
    for entry, err in client_of():follow("T1", { interval = { first = 0.01 } }) do
      assert(entry, err)
      list[#list + 1] = ("%s %s %s"):format(entry.phone, entry.state, tostring(entry.success))
    end
    assert.same({ "1 QUEUED nil", "2 QUEUED nil", "1 DELIVERED true", "2 LOST false" }, list)
  end)
end)
