-- Who sent a webhook: published vectors, every bit of them, and what must never be said.

local cases = require "spec.cases.webhooks"
local webhooks = require "spec.support.servers.webhooks"

local ANY_TIME = { tolerance = false }

-- Signatures made elsewhere, most of them published in client libraries' tests: secret,
-- parameters, method, sig.
local ours = { api_key = "abcd1234", ["client-ref"] = "r-1", from = "Acme",
  ["status-report-req"] = "1", text = "Füße & Größe = 5€", timestamp = "1700000000",
  to = "447700900000" }
local published = { a = "alphabet", b = "bananas", timestamp = "2100" }
local inbound = { keyword = "TEST", ["message-timestamp"] = "2017-04-04 22:57:47",
  messageId = "0B00000042AC53BD", msisdn = "14843472194", text = "Test with & and =",
  nonce = "929d6744-bd28-42c8-b6cf-31d5b4f43732", timestamp = "1491346667", to = "12192259404",
  type = "text" }
local outgoing = { api_key = "not_a_key", from = "12192259404", text = "Test&test=something",
  timestamp = "1490638615", to = "14843472194" }

local vectors = {
  { "abcde", published, "md5hash", "7d43241108912b32cc315b48ce681acf" },
  { "abcde", published, "md5", "e0afe267aefd6dd18a848c1681517a19" },
  { "abcde", published, "sha1", "b7f749de27b4adcf736cc95c9a7e059a16c85127" },
  { "abcde", published, "sha256",
    "8d1b0428276b6a070578225914c3502cc0687a454dfbbbb370c76a14234cb546" },
  { "abcde", published, "sha512",
    "1c834a1f6a377d4473971387b065cb38e2ad6c4869ba77b7b53e207a344e87ba"
    .. "04b456dfc697b371a2d1ce476d01dafd4394aa97525eff23badad39d2389a710" },
  { "my_secret_key_for_testing", inbound, "md5hash", "e06d9763e3fd0b9c31beb5fc2fcb011c" },
  { "my_secret_key_for_testing", outgoing, "md5hash", "17f5e3b22f778ec73464c01d180e9d0f" },
  { webhooks.secret, ours, "md5hash", "9a7a8a2d8477a08b176d9ae6e1e16894" },
  { webhooks.secret, ours, "md5", "dd94ab06600054c442470b9894393ce7" },
  { webhooks.secret, ours, "sha1", "8ccc33679280bb83349959f2e335af794ee0d261" },
  { webhooks.secret, ours, "sha256",
    "7ee1efb44267a3db6a6bcbcf29ea1d53c7983a665de40104bcd1988d0e59dfc0" },
  { webhooks.secret, ours, "sha512",
    "76959a078f4dc86710bd8bd81bc55c32cd3d6845940b61215e3d1e0339b92b34"
    .. "8d4eb3a1790f38c4c61a46f5718f70a64707de8e1971cad0761cbb4d69ba0426" },
}

local function is_case_of_letter(byte, bit)
  return bit == 5 and byte >= ("A"):byte()
end

describe("The signature of a webhook", function()
  for i, vector in ipairs(vectors) do
    local secret, params, method, sig = vector[1], vector[2], vector[3], vector[4]

    it(("follows vector %d, %s"):format(i, method), function()
      local client = webhooks.client(method, secret)
      for _, given in ipairs { sig, sig:upper() } do
        assert.is_true(client:verify_signature(webhooks.copy(params, { sig = given })))
      end
      for _, other in ipairs(webhooks.methods) do
        if other ~= method then
          assert.is_false(webhooks.client(other, secret)
            :verify_signature(webhooks.copy(params, { sig = sig })))
        end
      end
      assert.is_false(webhooks.client(method, secret .. "x")
        :verify_signature(webhooks.copy(params, { sig = sig })))
    end)

    it(("is refused with any bit of vector %d flipped"):format(i), function()
      local client = webhooks.client(method, secret)
      local flipped = webhooks.flips(sig, is_case_of_letter)
      assert.is_true(#flipped >= #sig * 7)
      for _, given in ipairs(flipped) do
        assert.is_false(client:verify_signature(webhooks.copy(params, { sig = given })))
      end
    end)

    it(("is refused with any bit of the parameters of vector %d flipped"):format(i), function()
      local client = webhooks.client(method, secret)
      for name, value in pairs(params) do
        for _, given in ipairs(webhooks.flips(value)) do
          -- Of & = _ any two are the same to the signature (step 3).
          if given:gsub("[&=]", "_") ~= value:gsub("[&=]", "_") then
            local changed = webhooks.copy(params, { sig = sig, [name] = given })
            assert.is_false(client:verify_signature(changed))
          end
        end
        for _, given in ipairs(webhooks.flips(name)) do
          local changed = webhooks.copy(params, { sig = sig, [given] = value })
          changed[name] = nil
          assert.is_false(client:verify_signature(changed))
        end
      end
    end)

    it(("is refused with a parameter of vector %d more or less"):format(i), function()
      local client = webhooks.client(method, secret)
      assert.is_false(client:verify_signature(webhooks.copy(params, { sig = sig, more = "1" })))
      local signed = webhooks.copy(params, { sig = sig })
      assert.is_false(client:verify_signature(setmetatable({}, { __index = signed })))
      assert.is_true(client:verify_signature(setmetatable(signed, { __index = { more = "1" },
        __pairs = function() return next, {} end })))
      for name in pairs(params) do
        local less = webhooks.copy(params, { sig = sig })
        less[name] = nil
        assert.is_false(client:verify_signature(less))
      end
    end)
  end

  it("may be refused whole requests by one bit", function()
    for i, method in ipairs(webhooks.methods) do
      local client = webhooks.client(method)
      local signed = webhooks.signed(cases.inbound, method)
      local request = webhooks.request(webhooks.forms[i % 3 + 1], signed)
      local from = request.method == "GET" and "query" or "body"
      local original = assert(client:read_webhook(request, ANY_TIME)).fields
      for _, text in ipairs(webhooks.flips(request[from])) do
        local read, err = client:read_webhook(webhooks.copy(request, { [from] = text }), ANY_TIME)
        if read then -- %2b for %2B, the case of the signature, a blank for another in JSON
          for _, fields in ipairs { read.fields, original } do
            fields.text = fields.text:gsub("[&=]", "_")
          end
          assert.same(original, read.fields)
        else
          assert.is_truthy(err.kind == "auth" or err.kind == "protocol", err.kind)
        end
      end
    end
  end)

  it("is made of numbers and booleans as their texts", function()
    local client = webhooks.client "md5"
    local sig = webhooks.signed({ a = "1", b = "true", c = "604800000", d = "0.5" }, "md5").sig
    assert.is_true(client:verify_signature { a = 1, b = true, c = 604800000.0, d = 0.5, sig = sig })
    assert.is_true(client:verify_signature { a = 1, b = true, c = 604800000, d = "0.5", sig = sig,
      e = require("cjson").null })
    assert.is_false(client:verify_signature { a = 1, b = true, c = 604800000, d = 0.5, e = {},
      sig = sig })
  end)

  it("is false for what is none", function()
    local client = webhooks.client "md5"
    local sig = webhooks.signed({ a = "1" }, "md5").sig
    assert.is_true(client:verify_signature { a = "1", sig = sig })
    for _, given in ipairs { "a", 1, true, {}, { a = "1" }, { a = "1", sig = "" },
      { a = "1", sig = 1 }, { a = "1", sig = { sig } }, { a = "1", sig = sig .. "0" },
      { a = "1", sig = sig:sub(1, -2) }, { a = "1", sig = sig, "x" },
      { a = "1", sig = sig, [""] = "" },
      { a = print, sig = sig } } do
      assert.is_false(client:verify_signature(given))
    end
    assert.is_false((client:verify_signature(nil)))
    assert.is_false(webhooks.client():verify_signature { a = "1", sig = sig })
  end)

  it("does not hold where a name could be read as two parameters", function()
    local client = webhooks.client "sha1"
    local sig = webhooks.signed({ a = "1", b = "2" }, "sha1").sig
    assert.is_true(client:verify_signature { a = "1", b = "2", sig = sig })
    assert.is_false(client:verify_signature { ["a=1&b"] = "2", sig = sig })
  end)

  it("looks at nothing else", function()
    local client = webhooks.client "sha1"
    assert.is_true(client:verify_signature(webhooks.signed({ x = "old", timestamp = "1" }, "sha1")))
  end)

  it("may leave out blanks, which then nobody has signed", function()
    local client = webhooks.client "sha256"
    local params = cases.changed(cases.inbound, { text = " \t\n", keyword = "" })
    for _, form in ipairs(webhooks.forms) do
      local signed = webhooks.signed(params, "sha256", nil, true)
      assert.is_true(client:verify_signature(signed))
      signed["call-id"] = " " -- of a stranger
      local read = assert(client:read_webhook(webhooks.request(form, signed), ANY_TIME))
      assert.same({ kind = "inbound_sms", signed = true,
        fields = cases.changed(cases.inbound, { text = "" }, { "keyword" }) }, read)
      local whole = webhooks.request(form, webhooks.signed(params, "sha256"))
      read = assert(client:read_webhook(whole, ANY_TIME))
      assert.same(params, read.fields)
    end
  end)

  --- All that an error says, in small letters.
  local function words_of(err)
    local words = { tostring(err) }
    for name, value in pairs(err) do words[#words + 1] = tostring(name) .. tostring(value) end
    return table.concat(words, " "):lower()
  end

  local function refuse(client, request, says, ...)
    local read, err = client:read_webhook(request, ANY_TIME)
    assert.is_nil(read)
    assert.equal(("nexmo read_webhook: %s [auth, rejected]"):format(says), tostring(err))
    for _, hidden in ipairs { webhooks.secret, ... } do
      assert.is_nil(words_of(err):find(hidden:lower(), 1, true))
    end
  end

  it("is in no error, nor is the secret", function()
    for _, method in ipairs(webhooks.methods) do
      local client = webhooks.client(method)
      local signed = webhooks.signed(cases.receipt, method)
      for _, form in ipairs(webhooks.forms) do
        for _, sig in ipairs { ("0"):rep(#signed.sig), "", "447700900000", signed.sig:sub(2) } do
          refuse(client, webhooks.request(form, webhooks.copy(signed, { sig = sig })),
            "the signature is wrong", signed.sig)
        end
        refuse(client, webhooks.request(form, cases.receipt), "it is not signed", signed.sig)
      end
      local body = webhooks.json(cases.receipt)
      local token = webhooks.token(webhooks.header, webhooks.claims(body, 1700000000))
      local text, sig = token:match "^(.*)%.(.-)$"
      refuse(client, webhooks.with_token(body, text .. "." .. sig:reverse()),
        "the signature of the token is wrong", sig)
      refuse(client, webhooks.with_token(body .. " ", token), "the token signs another body", sig,
        webhooks.sha256(body .. " "))
    end
    local client = webhooks.client "md5"
    assert.equal("***", tostring(client.credentials))
  end)
end)
