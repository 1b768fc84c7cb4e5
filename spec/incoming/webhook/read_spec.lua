-- Webhooks are read from raw requests: every kind, field and code, in all three forms.

local cases = require "spec.cases.webhooks"
local dictionary = require "spec.support.dictionary"
local errors = require "sms.base.errors"
local sms = require "sms"
local webhooks = require "spec.support.servers.webhooks"

local ANY_TIME = { tolerance = false }

describe("read_webhook", function()
  local knowing, unknowing = {}, webhooks.client()
  for _, method in ipairs(webhooks.methods) do
    knowing[method] = webhooks.client(method)
  end
  local knows_all = knowing.sha256

  for i, case in ipairs(cases.read) do
    local name, kind, params, fields = case[1], case[2], case[3], case[4] or case[3]

    it(("reads %s in every form"):format(name), function()
      for j, form in ipairs(webhooks.forms) do
        local method = webhooks.methods[(i + j) % #webhooks.methods + 1]
        local request = webhooks.request(form, webhooks.signed(params, method))
        local read, err = knowing[method]:read_webhook(request, ANY_TIME)
        assert.is_nil(err, tostring(err))
        assert.same({ kind = kind, signed = true, fields = fields }, read)
      end
    end)

    it(("reads %s unsigned where no secret is known"):format(name), function()
      for _, form in ipairs(webhooks.forms) do
        local read, err = unknowing:read_webhook(webhooks.request(form, params))
        assert.is_nil(err, tostring(err))
        assert.same({ kind = kind, signed = false, fields = fields }, read)
      end
    end)

    it(("refuses %s unsigned where a secret is known"):format(name), function()
      for _, form in ipairs(webhooks.forms) do
        local read, err = knows_all:read_webhook(webhooks.request(form, params), ANY_TIME)
        assert.is_nil(read)
        assert.equal("nexmo read_webhook: it is not signed [auth, rejected]", tostring(err))
      end
    end)

    it(("reads %s that a token signs"):format(name), function()
      local body = webhooks.json(params)
      local token = webhooks.token(webhooks.header, webhooks.claims(body, 1700000000))
      local read, err = knows_all:read_webhook(webhooks.with_token(body, token), ANY_TIME)
      assert.is_nil(err, tostring(err))
      assert.same({ kind = kind, signed = true, fields = fields }, read)
    end)
  end

  for _, case in ipairs(cases.unreadable) do
    it(("refuses %s"):format(case[1]), function()
      for _, client in ipairs { knows_all, unknowing } do
        local read, err = client:read_webhook(case[2], ANY_TIME)
        assert.is_nil(read)
        assert.is_true(errors.is(err))
        assert.equal(case[3], err.kind, err.message)
        assert.equal("rejected", err.outcome)
        assert.equal("nexmo", err.provider)
        assert.equal("read_webhook", err.operation)
        assert.is_false(err.retryable)
        assert.matches(case[4], err.message)
        assert.is_true(#tostring(err) < 200)
      end
    end)
  end

  for _, case in ipairs(cases.twice) do
    it(("refuses %s, where it is not signed as a whole"):format(case[1]), function()
      local read, err = unknowing:read_webhook(case[2])
      assert.is_nil(read)
      assert.same({ "protocol", "a parameter comes twice" }, { err.kind, err.message })
      read, err = knows_all:read_webhook(case[2])
      assert.is_nil(read)
      assert.same({ "auth", "it is not signed" }, { err.kind, err.message })
      local request = webhooks.copy(case[2])
      local from = request.query and "query" or "body"
      request[from] = request.query and "sig=0&" .. request.query
        or request.body:gsub("{", '{"sig":"0",', 1)
      read, err = knows_all:read_webhook(request)
      assert.is_nil(read)
      assert.same({ "protocol", "a parameter comes twice" }, { err.kind, err.message })
    end)
  end

  for _, case in ipairs(cases.names) do
    it(("takes %s only where the body is signed as it is"):format(case[1]), function()
      local params = cases.changed(cases.receipt, case[2])
      for _, form in ipairs(webhooks.forms) do
        local signed = webhooks.signed(params, "sha256")
        local read, err = knows_all:read_webhook(webhooks.request(form, signed), ANY_TIME)
        assert.is_nil(read)
        assert.same({ "protocol", "a parameter has no proper name" }, { err.kind, err.message })
        assert.same(params, assert(unknowing:read_webhook(webhooks.request(form, params))).fields)
      end
      local request = webhooks.by_token(webhooks.json(params))
      assert.same(params, assert(knows_all:read_webhook(request, ANY_TIME)).fields)
    end)
  end

  it("reads the member types of JSON as text, as it was written", function()
    local params = cases.changed(cases.receipt, { price = { number = "0.03330000" },
      timestamp = { number = "1700000000" }, ["err-code"] = { number = "0" },
      messageId = { number = "123456789012345678901" }, later = true, other = false })
    local request = webhooks.request("json", webhooks.signed(params, "md5"))
    local read = assert(knowing.md5:read_webhook(request, ANY_TIME))
    assert.same(cases.changed(cases.receipt, { messageId = "123456789012345678901",
      later = "true", other = "false" }), read.fields)
  end)

  it("gives the signature to nobody, checked or not", function()
    local signed = webhooks.signed(cases.receipt, "md5")
    for _, client in ipairs { knowing.md5, unknowing } do
      local read = assert(client:read_webhook(webhooks.request("form", signed), ANY_TIME))
      assert.same(cases.receipt, read.fields)
    end
  end)

  it("takes null for absent", function()
    local signed = webhooks.signed(cases.receipt, "md5")
    local request = webhooks.request("json", signed)
    request.body = request.body:gsub("}%s*$", ', "later" : null }')
    local read = assert(knowing.md5:read_webhook(request, ANY_TIME))
    assert.same(cases.receipt, read.fields)
  end)

  it("reads every escape of JSON", function()
    local body = [[{"messageId":"0B1","to":"1","msisdn":"2","type":"text",]]
      .. [["text":"\"\\\/\b\f\n\r\t\u00e9\ud83d\udc96{[]}\\"}]]
    local read = assert(unknowing:read_webhook { method = "POST", body = body })
    assert.equal("\"\\/\b\f\n\r\té\240\159\146\150{[]}\\", read.fields.text)
  end)

  it("guesses the form where a proxy has lost the content type", function()
    for _, form in ipairs { "form", "json" } do
      local request = webhooks.request(form, cases.receipt)
      request.headers = nil
      assert.same(cases.receipt, assert(unknowing:read_webhook(request)).fields)
    end
  end)

  it("leaves the address' own query alone where there is a body", function()
    local request = webhooks.request("form", webhooks.signed(cases.receipt, "sha1"))
    request.query = "status=failed&own=1"
    assert.same(cases.receipt, assert(knowing.sha1:read_webhook(request, ANY_TIME)).fields)
  end)

  it("changes nothing of what it is given", function()
    local request = webhooks.request("form", webhooks.signed(cases.receipt, "sha1"))
    local copy = webhooks.copy(request)
    assert(knowing.sha1:read_webhook(request, ANY_TIME))
    assert.same(copy, request)
  end)

  it("raises what only the program can do wrong", function()
    local request = webhooks.request("form", cases.receipt)
    for options, message in pairs {
      [{ tolerence = 1 }] = "options: 'tolerence' is not known",
      [{ tolerance = "1" }] = "tolerance: must be seconds, or false",
      [{ tolerance = true }] = "tolerance: must be seconds, or false",
      [{ tolerance = -1 }] = "tolerance: must be seconds, or false",
      [{ tolerance = 0 / 0 }] = "tolerance: must be seconds, or false",
      [{ nonce_store = {} }] = "nonce_store: must be an object with the function add",
      [{ nonce_store = 1 }] = "nonce_store: must be an object with the function add",
      [{ nonce_store = dictionary.new(os.time) }] = "nonce_store: a dictionary of nginx must be "
        .. "wrapped: sms.stores.shared%(dictionary%)",
    } do
      local ok, raised = pcall(function() unknowing:read_webhook(request, options) end)
      assert.is_false(ok)
      assert.matches("read_spec.lua:%d+: " .. message, raised)
    end
    assert.has_error(function() unknowing:read_webhook(request, 300) end)
    local closed = webhooks.client "md5"
    closed:close()
    for _, name in ipairs { "read_webhook", "verify_signature" } do
      local ok, raised = pcall(function() closed[name](closed, request) end)
      assert.is_false(ok)
      assert.matches("read_spec.lua:%d+: this client is closed", raised)
    end
  end)

  it("is not there where no webhooks are signed", function()
    local retarus = sms.retarus { username = "user", password = "pass" }
    assert.is_nil(retarus.read_webhook)
    assert.is_nil(retarus.verify_signature)
  end)
end)
