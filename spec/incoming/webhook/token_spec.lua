-- How old a webhook may be, and those that a token signs.

local cases = require "spec.cases.webhooks"
local webhooks = require "spec.support.servers.webhooks"

local ANY_TIME = { tolerance = false }
local NOW = 1700000000

-- A webhook of the Messages API, and the token that signs it.
local BODY = '{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab","status":"delivered"}'
local TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
  .. ".eyJpYXQiOjE3MDAwMDAwMDAsImp0aSI6ImM1YmE4ZjI0LTFhM"
  .. "TQtNGMxMC1iZmRmLTNmYmU4Y2U1MTFiNSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6ImQ1ZWNiYzdhYjc3Yj"
  .. "M3NmIyY2Y2MzVhNjg2OWQ0ZGJiMTUzMjIxNzVmOTViNWMxOTI2MGEyN2Y2MjE3ZTRlZmYiLCJhcGlfa2V5IjoiYWJjZDE"
  .. "yMzQifQ.9-Nbg-bRiUd6QUtR78O9s5gUsqC5LMJbP2tHps-7GYw"

describe("The age of a webhook", function()
  local client = webhooks.client "md5hash"

  local function read(timestamp, options, now)
    local params = cases.changed(cases.receipt, { timestamp = timestamp })
    params = webhooks.signed(params, "md5hash")
    local result, err
    webhooks.at(now or NOW, function()
      result, err = client:read_webhook(webhooks.request("query", params), options)
    end)
    return result, err
  end

  for timestamp, accepted in pairs {
    [NOW] = true, [NOW - 300] = true, [NOW + 300] = true, [NOW - 301] = false, [NOW + 301] = false,
    ["017e8"] = false, ["1.7e9"] = false, ["0x65"] = false, ["-1"] = false, [" 1700000000"] = false,
    ["1700000000.0"] = false, [("9"):rep(40)] = false, [""] = false,
  } do
    local says = accepted and "passes" or "does not pass"
    it(("%s when it is '%s'"):format(says, timestamp), function()
      local result, err = read(tostring(timestamp))
      assert.equal(accepted, result ~= nil)
      if not accepted then
        assert.equal("auth", err.kind)
        assert.matches("timestamp", err.message)
        assert.is_nil(tostring(err):find "%d%d%d%d%d%d%d%d%d%d")
      end
      assert.is_not_nil((read(tostring(timestamp), ANY_TIME)))
    end)
  end

  it("is what the caller says", function()
    assert.is_not_nil((read(tostring(NOW - 3600), { tolerance = 3600 })))
    local _, err = read(tostring(NOW - 3601), { tolerance = 3600 })
    assert.equal("its timestamp is 3601 s old; the tolerance is 3600 s", err.message)
    _, err = read(tostring(NOW + 1), { tolerance = 0.5 })
    assert.equal("its timestamp is 1 s ahead; the tolerance is 0.5 s", err.message)
  end)

  it("must be told", function()
    local params = cases.changed(cases.receipt, {}, { "timestamp" })
    local request = webhooks.request("json", webhooks.signed(params, "md5hash"))
    local _, err = client:read_webhook(request)
    assert.equal("auth", err.kind)
    assert.equal("it has no timestamp", err.message)
    assert.is_not_nil((client:read_webhook(request, ANY_TIME)))
  end)

  it("does not matter where nothing is signed", function()
    assert.is_not_nil((webhooks.client():read_webhook(webhooks.request("query", cases.receipt))))
  end)
end)

describe("A token", function()
  local client = webhooks.client "md5hash"

  local function read(token, body, options)
    local result, err
    webhooks.at(NOW, function()
      result, err = client:read_webhook(webhooks.with_token(body or BODY, token), options)
    end)
    return result, err
  end

  it("follows the vector", function()
    assert.same({ kind = "delivery_receipt", signed = true, fields = { status = "delivered",
      message_uuid = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab" } }, (read(TOKEN)))
    assert.equal(TOKEN, webhooks.token(webhooks.header, '{"iat":1700000000,'
      .. '"jti":"c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5","iss":"Vonage","payload_hash":"'
      .. webhooks.sha256(BODY) .. '","api_key":"abcd1234"}'))
  end)

  it("is refused with any bit flipped", function()
    for _, token in ipairs(webhooks.flips(TOKEN)) do
      local result, err = read(token)
      assert.is_nil(result)
      assert.equal("auth", err.kind)
    end
  end)

  it("is refused with any bit of the body flipped", function()
    for _, body in ipairs(webhooks.flips(BODY)) do
      local result, err = read(TOKEN, body)
      assert.is_nil(result)
      assert.is_truthy(err.kind == "auth" or err.kind == "protocol")
    end
  end)

  local wrong = {
    { "by another secret", { secret = "another" }, "the signature of the token is wrong" },
    { "by the API secret", { secret = "Secret0123456789" }, "the signature of the token is wrong" },
    { "with the algorithm none", { header = '{"alg":"none"}' }, "not signed by HS256" },
    { "with the algorithm HS512", { header = '{"alg":"HS512"}' }, "not signed by HS256" },
    { "with the algorithm RS256", { header = '{"alg":"RS256"}' }, "not signed by HS256" },
    { "with the algorithm in small letters", { header = '{"alg":"hs256"}' },
      "not signed by HS256" },
    { "with a list of algorithms", { header = '{"alg":["HS256"]}' }, "not signed by HS256" },
    { "with no algorithm", { header = "{}" }, "not signed by HS256" },
    { "with a header that is no object", { header = '"HS256"' }, "not signed by HS256" },
    { "with a header that is no JSON", { header = "HS256" }, "not signed by HS256" },
    { "with critical extensions", { header = '{"alg":"HS256","crit":["b64"]}' },
      "not signed by HS256" },
    { "with claims that are no object", { claims = "1" }, "not signed by HS256" },
    { "by another issuer", { iss = "Voyage" }, "another issuer" },
    { "without issuer", { iss = false }, "another issuer" },
    { "for another key", { api_key = "abcd1235" }, "another API key" },
    { "without key", { api_key = false }, "another API key" },
    { "without time", { iat = false }, "does not say when" },
    { "with a time in words", { iat = "1700000000" }, "does not say when" },
    { "without id", { jti = false }, "does not say when and by which id" },
    { "with a number for its id", { jti = 1 }, "does not say when and by which id" },
    { "with an empty id", { jti = "" }, "does not say when and by which id" },
    { "without hash", { payload_hash = false }, "does not sign the body" },
    { "with a hash that is no text", { payload_hash = 1 }, "does not sign the body" },
    { "with the hash of another body", { payload_hash = webhooks.sha256(BODY .. " ") },
      "another body" },
    { "with half a hash", { payload_hash = webhooks.sha256(BODY):sub(1, 32) }, "another body" },
    { "with an empty hash", { payload_hash = "" }, "another body" },
    { "with its hash in capitals", { payload_hash = webhooks.sha256(BODY):upper() },
      "another body" },
    { "of long ago", { iat = NOW - 301 }, "its timestamp is 301 s old" },
    { "of the future", { iat = NOW + 301 }, "its timestamp is 301 s ahead" },
  }
  for _, case in ipairs(wrong) do
    it("is refused " .. case[1], function()
      local how = case[2]
      local result, err = read(webhooks.token(how.header or webhooks.header,
        how.claims or webhooks.claims(BODY, NOW, how), how.secret))
      assert.is_nil(result)
      assert.equal("auth", err.kind)
      assert.matches(case[3], err.message)
    end)
  end

  it("is refused where it is none", function()
    local part = TOKEN:match "^[^.]+"
    for _, token in ipairs { "x", "..", "a.b", "a.b.c.d", "a..c", part, TOKEN .. ".", "." .. TOKEN,
      TOKEN .. "=", TOKEN .. " x", "Bearer " .. TOKEN, part .. "." .. ("A"):rep(9000) .. ".AA",
      TOKEN:gsub("%.[^.]+$", "."), TOKEN:gsub("%.[^.]+$", ""), "\255.\255.\255" } do
      local result, err = read(token)
      assert.is_nil(result)
      assert.equal("auth", err.kind)
    end
  end)

  it("is refused where it is longer than a header may be", function()
    local result, err = read(webhooks.token(webhooks.header, webhooks.claims(BODY, NOW,
      { more = ("A"):rep(4000) })))
    assert.is_not_nil(result, tostring(err))
    result, err = read(webhooks.token(webhooks.header, webhooks.claims(BODY, NOW,
      { more = ("A"):rep(6000) })))
    assert.is_nil(result)
    assert.equal("the token is not a signed one", err.message)
  end)

  it("may stand in any header of that name, once", function()
    for _, headers in ipairs { { authorization = "Bearer " .. TOKEN },
      { AUTHORIZATION = "bearer  " .. TOKEN .. " " },
      { Authorization = { "Bearer " .. TOKEN } } } do
      webhooks.at(NOW, function()
        assert(client:read_webhook { method = "POST", body = BODY, headers = headers })
      end)
    end
    for _, headers in ipairs { { authorization = "Basic " .. TOKEN }, { authorization = TOKEN },
      { authorization = "Bearer " .. TOKEN, Authorization = "Bearer " .. TOKEN }, {},
      { Authorization = { "Bearer x", "Bearer " .. TOKEN } }, { authorization = true } } do
      webhooks.at(NOW, function()
        local read_it, err = client:read_webhook { method = "POST", body = BODY, headers = headers }
        assert.is_nil(read_it)
        assert.equal("auth", err.kind)
      end)
    end
  end)

  it("signs no query", function()
    local token = webhooks.token(webhooks.header, webhooks.claims("", NOW))
    local request = webhooks.request("query", cases.receipt)
    request.headers.Authorization = "Bearer " .. token
    local result, err = client:read_webhook(request, ANY_TIME)
    assert.is_nil(result)
    assert.equal("auth", err.kind)
  end)
end)
