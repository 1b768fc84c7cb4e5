-- What Nexmo calls back: receipts, inbound texts, ends of calls; by whom signed, how often, where.

local calls = require "sandbox.spec.calls"
local cjson = require "cjson"
local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"
local webhooks = require "spec.support.servers.webhooks"

local sms = calls.sms

local function unescape(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

local function fields_of(text)
  local fields = {}
  for name, value in text:gmatch "([^&=]+)=([^&]*)" do fields[unescape(name)] = unescape(value) end
  return fields
end

--- What a receiver got: method, path, body, fields, authorization.
local function read(request)
  local method, path, query, head, body =
    request.text:match "^(%u+) ([^? ]+)%??(%S*) HTTP/1.1\r\n(.-\r\n)\r\n(.*)$"
  local fields = body:find "^{" and cjson.decode(body)
    or fields_of(method == "GET" and query or body)
  return { method = method, path = path, fields = fields, body = body,
    token = head:match "Authorization: Bearer (%S+)",
    content = head:match "Content%-Type: ([^;\r]+)" }
end

return function(it, assert)
  --- Starts a receiver, lets things happen, and gives what was called back.
  local function received(reply, act)
    local server = raw_server.start(reply or raw_server.http(204, ""))
    act(server.url .. "/hook")
    local attempts, list = calls.box:callbacks(), {}
    for i, request in ipairs(server:requests()) do list[i] = read(request) end
    server:stop()
    return list, attempts
  end

  it("calls receipts back in every form, signed in every way", function()
    for i, method in ipairs { "md5hash", "md5", "sha1", "sha256", "sha512", "none" } do
      local form = ({ "form", "query", "json" })[i % 3 + 1]
      local id
      local list = received(nil, function(url)
        calls.box:settings { webhook_url = url, webhook_form = form, webhook_signature = method }
        local _, answer = sms { ["client-ref"] = "r&1 = ü" }
        id = answer.messages[1]["message-id"]
      end)
      assert.equal(1, #list)
      local fields = list[1].fields
      assert.same({ "/hook", form == "query" and "GET" or "POST" },
        { list[1].path, list[1].method })
      assert.same({ id, "delivered", "0", "447700900000", "Acme", "r&1 = ü", "0.03330000" },
        { fields.messageId, fields.status, fields["err-code"], fields.msisdn, fields.to,
          fields["client-ref"], fields.price })
      if method ~= "none" then
        assert.equal(webhooks.signed(fields, method).sig, fields.sig)
        assert.is_truthy(fields.nonce and math.abs(os.time() - fields.timestamp) < 10)
      else
        assert.is_nil(fields.sig or fields.timestamp)
      end
    end
  end)

  it("signs the raw body by a token", function()
    local list = received(nil, function(url)
      calls.box:webhook { kind = "message_status", url = url, signature = "jwt", form = "query" }
    end)
    assert.same({ "POST", "application/json" }, { list[1].method, list[1].content })
    local head, middle, sig = list[1].token:match "^([^.]+)%.([^.]+)%.([^.]+)$"
    local mime = require "mime"
    local claims = cjson.decode((mime.unb64(middle:gsub("-", "+"):gsub("_", "/")
      .. ("="):rep(-#middle % 4))))
    assert.same({ "Vonage", webhooks.sha256(list[1].body), "abcd1234" },
      { claims.iss, claims.payload_hash, claims.api_key })
    local hex = webhooks.sign(head .. "." .. middle, "sha256"):gsub("%x%x", function(byte)
      return string.char(tonumber(byte, 16))
    end)
    assert.equal(mime.b64(hex):gsub("+", "-"):gsub("/", "_"):gsub("=", ""), sig)
  end)

  it("sends a receipt for each part that went, and none where none is wanted", function()
    local list = received(nil, function(url)
      calls.box:settings { receipt_statuses = "accepted,buffered,delivered" }
      sms { callback = url, text = ("a"):rep(400), to = "447700900807" }
      sms { callback = url, ["status-report-req"] = 0 }
      sms { to = "447700900000" }
      sms { callback = url, to = "447700900907" }
      sms { callback = url, to = "447700900712" }
    end)
    local seen = {}
    for _, one in ipairs(list) do
      seen[#seen + 1] = one.fields.status .. " " .. one.fields["err-code"]
    end
    table.sort(seen)
    assert.same({ "accepted 0", "accepted 0", "buffered 0", "buffered 0", "delivered 0",
      "failed 12" }, seen)
  end)

  it("sends each as often as wanted, the same or signed anew, in any order", function()
    for _, anew in ipairs { true, false } do
      local list = received(nil, function(url)
        calls.box:settings { webhook_copies = 3, webhook_spread = 0.1, webhook_resign = anew,
          webhook_signature = "sha256", webhook_url = url }
        for i = 1, 10 do sms { ["client-ref"] = tostring(i) } end
      end)
      local nonces, order, sorted, count = {}, {}, {}, 0
      for i, one in ipairs(list) do
        order[i] = tonumber(one.fields["client-ref"])
        sorted[i] = order[i]
        count = count + (nonces[one.fields.nonce] and 0 or 1)
        nonces[one.fields.nonce] = true
      end
      assert.same({ 30, anew and 30 or 10 }, { #list, count })
      table.sort(sorted)
      assert.not_same(sorted, order)
    end
  end)

  it("sends again what the receiver could not take, and no more once it did", function()
    local answers = { raw_server.http(500, ""), { { close = true } }, raw_server.http(429, ""),
      raw_server.http(200, "") }
    local list, attempts = received(nil, function(url)
      local server = raw_server.start()
      server:replies(answers)
      calls.box:settings { webhook_retry_after = 0.01 }
      calls.box:webhook { kind = "voice", url = server.url }
      calls.box:callbacks()
      assert.equal(4, #server:requests())
      server:stop()
      calls.box:webhook { kind = "delivery_receipt", url = url }
      calls.box:webhook { kind = "voice_event", url = "http://localhost:"
        .. raw_server.closed_port() }
    end)
    assert.equal(1, #list)
    local by_kind = {}
    for _, attempt in ipairs(attempts) do
      local kind = by_kind[attempt.kind] or {}
      kind[#kind + 1] = attempt.status or "-"
      by_kind[attempt.kind] = kind
    end
    assert.same({ voice = { 500, "-", 429, 200 }, delivery_receipt = { 204 },
      voice_event = { "-", "-", "-", "-", "-", "-", "-", "-", "-" } }, by_kind)
    list = received(raw_server.http(400, ""), function(url)
      calls.box:webhook { kind = "inbound_sms", url = url }
    end)
    assert.equal(1, #list)
  end)

  it("calls back inbound texts, long ones in parts", function()
    for text, expected in pairs { Hello = { "text" }, [("ß"):rep(161)] = { "text", 153, 8 },
      [("Ж"):rep(135)] = { "unicode", 67, 67, 1 }, [("€"):rep(81)] = { "text", 76, 5 } } do
      local list = received(nil, function(url)
        calls.box:inbound { from = "447700900002", text = text, url = url, ref = "7" }
      end)
      local whole = {}
      assert.equal(math.max(1, #expected - 1), #list)
      for _, one in ipairs(list) do
        local fields = one.fields
        local number = tonumber(fields["concat-part"] or 1)
        assert.same({ "447700900002", "447700900500", expected[1], expected[2] and "7",
          expected[2] and tostring(#list) }, { fields.msisdn, fields.to, fields.type,
          fields["concat-ref"], fields["concat-total"] })
        assert.equal(expected[number + 1] or 5, select(2, fields.text:gsub("[^\128-\191]", "")))
        whole[number] = fields.text
      end
      assert.equal(text, table.concat(whole))
    end
    local list = received(nil, function(url)
      calls.box:inbound { text = ("a"):rep(400), url = url, lose = { 2 }, copies = 2 }
    end)
    assert.equal(4, #list)
  end)

  it("tells the end of a call", function()
    local form = { ["content-type"] = "application/x-www-form-urlencoded", authorization = false }
    local list = received(nil, function(url)
      for _, more in ipairs { "to=447700900000", "to=447700900703&callback_method=POST" } do
        calls.call("POST", "/tts/json", "api_key=abcd1234&api_secret=Secret0123456789&text=Hello&"
          .. more .. "&callback=" .. url, form)
      end
    end)
    table.sort(list, function(a) return a.method == "GET" end)
    assert.same({ "GET", "ok", "30" },
      { list[1].method, list[1].fields.status, list[1].fields["call-duration"] })
    assert.same({ "POST", "blocked", 32 },
      { list[2].method, list[2].fields.status, #list[2].fields["call-id"] })
  end)

  it("calls nobody but this machine", function()
    for _, url in ipairs { "", "http://example.com/", "http://10.0.0.1/", "https://127.0.0.1/",
      "http://127.0.0.1@example.com/", "http://127.0.0.1.example.com/", "http://127.0.0.256/",
      "http://[::1]/", "http://localhost.example.com/", "http://0.0.0.0/", "http://2130706433/",
      "http://127.0.0.1:99999/", "file:///etc/passwd", "http://127.0.0.1 /" } do
      local control = calls.box.urls.control .. "/_sandbox/"
      for _, name in ipairs { "inbound", "webhooks" } do
        local status, answer = sandbox.request("POST", control .. name,
          cjson.encode { url = url, kind = name == "webhooks" and "voice" or nil })
        assert.same({ 400, '{"message":"url: not a loopback address"}' }, { status, answer })
      end
      if url ~= "" then
        assert.equal(400, (sandbox.request("POST", control .. "settings",
          cjson.encode { webhook_url = url })))
      end
    end
    assert.equal("0", (sms { callback = "https://example.com/receipts" }))
    local attempts = calls.box:callbacks()
    assert.same({ 1, "not a loopback address", 0 },
      { #attempts, attempts[1].problem, attempts[1].attempt })
  end)

  it("refuses what it does not know, and forgets what waits", function()
    local control = calls.box.urls.control .. "/_sandbox/"
    for _, case in ipairs { { "inbound", { kind = "x" } }, { "inbound", { text = 1 } },
      { "inbound", { form = "xml" } }, { "inbound", { signature = "md4" } },
      { "inbound", { fields = { a = 1 } } }, { "webhooks", { kind = "fax" } },
      { "webhooks", { text = "x" } } } do
      case[2].url = "http://127.0.0.1:9/"
      assert.equal(400, (sandbox.request("POST", control .. case[1], cjson.encode(case[2]))))
    end
    local list = received(nil, function(url)
      calls.box:webhook { kind = "voice", url = url, delay = 0.2 }
      calls.box:reset()
      calls.box:webhook { kind = "voice_event", url = url, delay = 0.3 }
    end)
    assert.same({ 1, "completed" }, { #list, list[1].fields.status })
  end)
end
