-- Which credentials go where, and the text that a signature covers.

local auth = require "sms.wire.auth"

local NOW = 1700000000

local function built(form)
  return { method = "POST", url = "https://example.com/a", content = "form", form = form,
    body = "?" }
end

local function signed_text(form, identity)
  local request = auth.apply(built(form), "signature",
    { identity = identity or "abcd1234", method = "md5", now = NOW })
  return request.signed_text
end

describe("The kind of authentication", function()
  it("is what the operation has for the client's choice, or what all have", function()
    local kinds = { basic = "basic", params = "query", signature = "basic" }
    local function kind(choice, declared, of_all)
      return auth.kind({ settings = { auth = choice }, provider = { auth = of_all } },
        { auth = declared })
    end
    assert.equal("basic", kind("basic", kinds))
    assert.equal("query", kind("params", kinds))
    assert.equal("basic", kind("signature", kinds))
    assert.equal("body", kind("signature", "body"))
    assert.equal("basic", kind(nil, nil, "basic"))
  end)
end)

describe("A signature", function()
  it("covers the published text", function()
    assert.equal("&api_key=not_a_key&from=12192259404&text=Test_test_something"
      .. "&timestamp=1490638615&to=14843472194",
      auth.apply(built { "from", "12192259404", "to", "14843472194", "text",
        "Test&test=something" }, "signature",
        { identity = "not_a_key", method = "md5hash", now = 1490638615 }).signed_text)
  end)

  it("sorts names by their bytes", function()
    assert.equal("&A=6&api_key=abcd1234&client-ref=5&client_ref=4&from=2&message-timestamp=3"
      .. "&messageId=1&timestamp=1700000000",
      signed_text { "messageId", "1", "from", "2", "message-timestamp", "3", "client_ref", "4",
        "client-ref", "5", "A", "6" })
    assert.equal("&a=1&a-b=3&ab=2&api_key=abcd1234&timestamp=1700000000",
      signed_text { "a", "1", "ab", "2", "a-b", "3" })
  end)

  it("covers values as they are, but for & and =", function()
    assert.equal("&api_key=a_b_c&t=F\195\188 + % ___&timestamp=1700000000",
      signed_text({ "t", "F\195\188 + % &=&" }, "a&b=c"))
  end)

  it("leaves the values that are sent, and adds key and time", function()
    local request = auth.apply(built { "z", "a&b", "a", "é" }, "signature",
      { identity = "abcd1234", method = "sha256", now = NOW })
    assert.equal("z=a%26b&a=%C3%A9&api_key=abcd1234&timestamp=1700000000", request.body)
    assert.same({ "signature", "sha256" }, { request.auth, request.signature })
    assert.is_nil(request.body:find("sig=", 1, true))
  end)

  it("is not made where another kind is wanted", function()
    for _, kind in ipairs { "basic", "query", "body" } do
      local request = auth.apply(built { "a", "b" }, kind, { identity = "x", now = NOW })
      assert.same({ kind, "?" }, { request.auth, request.body })
      assert.is_nil(request.signed_text)
      assert.same({ "a", "b" }, request.form)
    end
  end)

  it("needs of a client its key, its method, and the time", function()
    assert.same({ identity = "k", method = "sha1", now = NOW },
      auth.signer({ identity = "k", settings = { signature_method = "sha1" } }, NOW))
  end)
end)

describe("A request that is shown", function()
  local URL = "https://example.com/a"
  local PAIRS = "api_key=***&api_secret=***"

  local cases = {
    { { method = "GET", url = URL, content = "none", auth = "basic" },
      { method = "GET", url = URL,
        headers = { Accept = "application/json", Authorization = "Basic ***" } } },
    { { method = "GET", url = URL, content = "none", auth = "query" },
      { method = "GET", url = URL .. "?" .. PAIRS, headers = { Accept = "application/json" } } },
    { { method = "GET", url = URL .. "?b=c", content = "none", auth = "query" },
      { method = "GET", url = URL .. "?b=c&" .. PAIRS,
        headers = { Accept = "application/json" } } },
    { { method = "POST", url = URL, content = "form", body = "b=c", auth = "body" },
      { method = "POST", url = URL, body = "b=c&" .. PAIRS, headers = {
        Accept = "application/json", ["Content-Type"] = "application/x-www-form-urlencoded" } } },
    { { method = "PUT", url = URL, content = "json", body = "{}", auth = "query" },
      { method = "PUT", url = URL .. "?" .. PAIRS, body = "{}", headers = {
        Accept = "application/json", ["Content-Type"] = "application/json" } } },
    { { method = "POST", url = URL, content = "form", body = "b=c", auth = "signature",
      signature = "md5", signed_text = "&b=c" },
      { method = "POST", url = URL, body = "b=c&sig=***", headers = {
        Accept = "application/json", ["Content-Type"] = "application/x-www-form-urlencoded" } } },
  }

  for _, case in ipairs(cases) do
    it(("has its secrets masked: %s, %s"):format(case[1].auth, case[1].method), function()
      assert.same(case[2], auth.masked(case[1]))
    end)
  end
end)
