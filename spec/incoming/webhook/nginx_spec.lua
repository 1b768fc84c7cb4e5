-- Webhooks in a real nginx: what the provider is answered, and what the functions get.

local cases = require "spec.cases.webhooks"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local webhooks = require "spec.support.servers.webhooks"

local INIT = [[
  sms = require "sms"
  local client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
    signature_secret = "SIGSECRETforTests0123456789abcdef", signature_method = "sha256" }
  local seen = ngx.shared.seen
  local function note(kind)
    return function(fields, whole)
      seen:rpush(kind, (fields.text or fields.status or "") .. (whole.signed and "!" or "?"))
    end
  end
  local function failing(fields)
    seen:incr("tries", 1, 0)
    local way = seen:get "way"
    if way == "raises" then error "no database for 447700900123" end
    if way == "says why" then return nil, "no database for 447700900123" end
    if way == "says no" then return false end
    return way == "works" or nil
  end
  local handler = require("sms.nginx").handler
  all = handler { client = client, on = { delivery_receipt = note "receipt",
    inbound_sms = note "inbound", voice = note "voice", other = note "other" } }
  none = handler { client = client, on = {} }
  once = handler { client = client, nonce_store = sms.stores.shared(ngx.shared.seen),
    on = { delivery_receipt = failing } }
  old = handler { client = client, tolerance = false, on = {} }
  broken = handler { client = client, on = {}, nonce_store = { add = function() error "gone" end } }
]]

local LOCATIONS = [[
  client_body_buffer_size 256;
  location = /all { content_by_lua_block { all() } }
  location = /none { content_by_lua_block { none() } }
  location = /once { content_by_lua_block { once() } }
  location = /old { content_by_lua_block { old() } }
  location = /broken { content_by_lua_block { broken() } }
  location = /way { content_by_lua_block {
    ngx.shared.seen:set("way", ngx.unescape_uri(ngx.var.arg_is))
  } }
  location = /seen { content_by_lua_block {
    ngx.print(ngx.shared.seen:lpop(ngx.var.arg_kind) or "nothing")
  } }
]]

local fresh, send = webhooks.fresh, webhooks.send

describe("A handler of webhooks in nginx", function()
  local server

  setup(function()
    server = nginx.start { init = INIT, locations = LOCATIONS, log_level = "warn", workers = 2,
      http = "lua_shared_dict seen 1m;" }
  end)
  teardown(function() server:stop() end)

  local function status_of(path, params, form)
    local status, body = send(server, path, webhooks.request(form or "form", params))
    assert.equal("", body)
    return status
  end

  local function seen(kind)
    return select(2, server:get("/seen?kind=" .. kind))
  end

  it("gives each kind to its function, and answers 204 when that is done", function()
    local long = ("Füße "):rep(600)
    for _, form in ipairs(webhooks.forms) do
      assert.equal(204, status_of("/all", fresh(cases.receipt), form))
      assert.equal("delivered!", seen "receipt")
      assert.equal(204, status_of("/all", fresh(cases.call), form))
      assert.equal("ok!", seen "voice")
      assert.equal(204, status_of("/all", fresh(cases.inbound), form))
      assert.equal(cases.inbound.text .. "!", seen "inbound")
      if form ~= "query" then -- such bodies are in a file
        assert.equal(204, status_of("/all", fresh(cases.inbound, { text = long }), form))
        assert.equal(long .. "!", seen "inbound")
      end
    end
  end)

  it("takes tokens", function()
    local body = webhooks.json(cases.receipt)
    local token = webhooks.token(webhooks.header, webhooks.claims(body, os.time()))
    assert.equal(204, (send(server, "/all", webhooks.with_token(body, token))))
    assert.equal("delivered!", seen "receipt")
    assert.equal(401, (send(server, "/all", webhooks.with_token(body .. " ", token))))
    assert.equal("nothing", seen "receipt")
  end)

  it("answers 204 to kinds that nobody wants", function()
    for _, params in ipairs { cases.receipt, cases.inbound, cases.call } do
      assert.equal(204, status_of("/none", fresh(params)))
    end
  end)

  it("answers 401 to what is not signed as it must be", function()
    assert.equal(401, status_of("/all", cases.receipt))
    assert.equal(401, status_of("/all", webhooks.copy(fresh(cases.receipt), { price = "9" })))
    assert.equal(401, status_of("/all", fresh(cases.receipt, { timestamp = "1700000000" })))
    assert.equal(204, status_of("/old", fresh(cases.receipt, { timestamp = "1700000000" })))
    assert.equal("nothing", seen "receipt")
  end)

  it("answers 204 to what is authentic, whatever it says", function()
    assert.equal(204, status_of("/all", fresh { event = "of later", text = "a\0b" }))
    assert.equal("a\0b!", seen "other")
    local body = '{"uuid":"1","conversation_uuid":"CON-1","error":{"a":["\\ud83d"]}}'
    local token = webhooks.token(webhooks.header, webhooks.claims(body, os.time()))
    assert.equal(204, (send(server, "/all", webhooks.with_token(body, token))))
    assert.equal("!", seen "voice")
  end)

  it("answers 400 to what cannot be read", function()
    assert.equal(401, (server:get "/all?%zz"))
    assert.equal(400, (server:get("/all", { method = "POST", body = "" })))
    assert.equal(400, (server:get("/all", { method = "DELETE" })))
    assert.equal(400, (server:get("/all", { body = ("\1\254%"):rep(349525),
      headers = { ["Content-Type"] = "application/json" } })))
    assert.equal(400, (server:get("/all", { body = "[1]",
      headers = { ["Content-Type"] = "application/json" } })))
  end)

  it("answers 200 to who only looks whether it is there", function()
    assert.equal(200, (server:get "/all"))
    assert.equal(200, (server:get "/all?"))
    assert.equal(200, (server:get("/all", { method = "HEAD" })))
    assert.equal(200, (server:get("/all?a=1", { method = "HEAD" })))
  end)

  it("answers 500 where the function fails, and takes the same webhook again", function()
    for i, way in ipairs { "raises", "says why", "says no" } do
      local params = fresh(cases.receipt, { nonce = "n" .. i })
      server:get("/way?is=" .. way:gsub(" ", "%%20"))
      assert.equal(500, status_of("/once", params))
      assert.equal(500, status_of("/once", params, "json"))
      server:get(i == 2 and "/way?is=nothing" or "/way?is=works")
      assert.equal(204, status_of("/once", params))
      assert.equal(401, status_of("/once", params))
    end
    assert.equal(500, status_of("/broken", fresh(cases.receipt)))
  end)

  it("logs why, without numbers, texts and signatures", function()
    local params = fresh(cases.receipt, { nonce = "log" })
    local wrong = webhooks.copy(params, { sig = params.sig:reverse(), text = "Test with" })
    local before = server:log()
    for _, form in ipairs(webhooks.forms) do
      assert.equal(401, status_of("/all", wrong, form))
      server:get "/way?is=raises"
      assert.equal(500, status_of("/once", params, form))
    end
    process.wait("the log of timers", 5, function()
      return server:log():sub(#before):find "context: ngx.timer.*context: ngx.timer"
    end)
    local log = server:log()
    for _, text in ipairs { "the signature is wrong", "it is not signed", "its body is not a JSON",
      "the nonce store failed", "delivery_receipt: .*no database for …0123",
      "delivery_receipt: it returned false" } do
      assert.matches(text, log)
    end
    for _, text in ipairs { "447700900", "Test with", params.sig, params.sig:reverse(),
      webhooks.secret } do
      assert.is_nil(log:lower():find(text:lower(), 1, true), text)
    end
  end)

  it("is made of what it knows", function()
    local handler = require("sms.incoming.handler").new
    local client = webhooks.client "md5"
    for message, options in pairs {
      ["a table was expected"] = 1,
      ["client: a client of sms.nexmo was expected"] = { on = {} },
      ["on: a table of functions was expected"] = { client = client },
      ["on: 'receipt' is no kind of webhook"] = { client = client, on = { receipt = print } },
      ["on.voice: a function was expected"] = { client = client, on = { voice = true } },
      ["'onn' is not known"] = { client = client, on = {}, onn = {} },
      ["tolerance: must be seconds, or false"] = { client = client, on = {}, tolerance = "1" },
    } do
      assert.has_error(function() handler(options) end, "sms.nginx.handler: " .. message)
    end
  end)
end)
