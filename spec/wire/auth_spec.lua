-- Which credentials go where, and how a request is shown.

local auth = require "sms.wire.auth"

local NOW = 1700000000

local NAMES = { identity = "user_key", password = "user_secret", signature = "mac" }

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
  local function built()
    return { method = "POST", url = "https://example.com/a", content = "form",
      form = { "z", "a&b", "a", "é" }, body = "?" }
  end

  local function sign(form, identity, now)
    form[#form + 1], form[#form + 2] = "by", identity
    return ("%s at %d"):format(identity, now)
  end

  it("is made as the provider declares it", function()
    local client = { identity = "k", settings = { digest = "sha1" },
      provider = { signature = { sign = sign, method = "digest" } } }
    local signer = auth.signer(client, NOW)
    assert.same({ identity = "k", method = "sha1", now = NOW, sign = sign }, signer)
    local request = auth.apply(built(), "signature", signer)
    assert.equal("z=a%26b&a=%C3%A9&by=k", request.body)
    assert.same({ "signature", "sha1", "k at 1700000000" },
      { request.auth, request.signature, request.signed_text })
  end)

  it("is not made where another kind is wanted, nor where there is none", function()
    for _, kind in ipairs { "basic", "query", "body" } do
      local request = auth.apply(built(), kind, { identity = "x", now = NOW, sign = sign })
      assert.same({ kind, "?" }, { request.auth, request.body })
      assert.is_nil(request.signed_text)
      assert.same(built().form, request.form)
    end
    assert.is_nil(auth.signer({ provider = {} }, NOW))
  end)
end)

describe("A request that is shown", function()
  local URL = "https://example.com/a"
  local PAIRS = "user_key=***&user_secret=***"

  local cases = {
    { { method = "GET", url = URL, content = "none", auth = "basic" },
      { method = "GET", url = URL,
        headers = { Accept = "application/json", Authorization = "Basic ***" } } },
    { { method = "GET", url = URL, content = "none", auth = "query" },
      { method = "GET", url = URL .. "?" .. PAIRS, headers = { Accept = "application/json" } } },
    { { method = "GET", url = URL, content = "none", auth = "none" },
      { method = "GET", url = URL, headers = { Accept = "application/json" } } },
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
      { method = "POST", url = URL, body = "b=c&mac=***", headers = {
        Accept = "application/json", ["Content-Type"] = "application/x-www-form-urlencoded" } } },
  }

  for _, case in ipairs(cases) do
    it(("has its secrets masked: %s, %s"):format(case[1].auth, case[1].method), function()
      assert.same(case[2], auth.masked(case[1], NAMES))
    end)
  end
end)
