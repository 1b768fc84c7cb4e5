-- Webhooks of a third provider (spec/support/toy): its own kinds, its own proof.

local cjson = require "cjson"
local facade = require "sms.client.facade"
local nginx = require "spec.support.servers.nginx"
local raw_server = require "spec.support.servers.raw_server"
local signer = require "spec.support.servers.webhooks"
local sms = require "sms"

local toy = facade.of(require "spec.support.toy.init")

local function client_of(secret)
  return toy { user = "u", password = "p", webhook_secret = secret }
end

local function receipt(state, at, once)
  local body = cjson.encode { id = "T1", phone = "447700900000", state = state, at = at,
    once = once or state }
  return { method = "POST", body = body, headers = { ["Content-Type"] = "application/json",
    ["X-Toy-Signature"] = signer.sign(body, "sha256") } }
end

describe("The webhooks of a third provider", function()
  it("are proved in their own way", function()
    local client = client_of(signer.secret)
    local store = sms.stores.table()
    local function read(request) return client:read_webhook(request, { nonce_store = store }) end
    local now = os.time()
    local webhook = assert(read(receipt("DELIVERED", now)))
    assert.same({ "delivery_receipt", true, "DELIVERED", tostring(now) },
      { webhook.kind, webhook.signed, webhook.fields.state, webhook.fields.at })
    local forged = receipt("LOST", now)
    forged.headers["X-Toy-Signature"] = signer.sign(forged.body, "sha256", "another secret")
    local unsigned = receipt("LOST", now)
    unsigned.headers["X-Toy-Signature"] = nil
    for message, request in pairs { ["was here before"] = receipt("DELIVERED", now),
      ["the tolerance is 60 s"] = receipt("LOST", now - 99), ["signature is wrong"] = forged,
      ["is not signed"] = unsigned } do
      local read_it, err = read(request)
      assert.is_nil(read_it)
      assert.same({ "auth", "toy" }, { err.kind, err.provider })
      assert.matches(message, err.message, 1, true)
    end
    assert.is_false(assert(client_of():read_webhook(unsigned)).signed)
    assert.is_nil(client.verify_signature)
  end)

  it("keep the state of texts", function()
    local receipts = sms.receipts.new(sms.stores.table())
    assert.equal("sent", receipts:sent({ id = "T1", state = "QUEUED" }).status)
    local state = receipts:add { id = "T1", state = "DELIVERED", at = "2" }
    assert.same({ "delivered", true, true }, { state.status, state.final, state.changed })
    state = receipts:add { id = "T1", state = "LOST", at = "3", reason = "off", other = "x" }
    assert.same({ "delivered", true }, { state.status, state.conflict })
    assert.same({ { status = "failed", at = "3", reason = "off" } }, state.parts[1].conflicts)
    local err = select(2, receipts:add {})
    assert.matches("with messageId and status, or id and state$", err.message)
  end)
end)

describe("The webhooks of a third provider, in nginx", function()
  local here, server

  local LOCATIONS = ""
  for _, name in ipairs { "hook", "send", "state", "status" } do
    LOCATIONS = LOCATIONS .. ([[
      location = /%s { content_by_lua_block { require("spec.support.nginx.toy").%s() } }
    ]]):format(name, name)
  end

  setup(function()
    server = raw_server.start(raw_server.http(202, '{"id":"T1","state":"QUEUED"}'))
    here = nginx.start { http = "lua_shared_dict sms 1m;", locations = LOCATIONS,
      init = ([[require("spec.support.nginx.toy").open("%s")]]):format(server.url) }
  end)
  teardown(function()
    here:stop()
    server:stop()
  end)

  local function say(path) return cjson.decode(select(2, here:get(path))) end

  it("are answered, and what it does is seen by operators", function()
    assert.equal("T1", say "/send".id)
    local now = os.time()
    assert.equal(204, (here:get("/hook", receipt("QUEUED", now))))
    assert.equal(204, (here:get("/hook", receipt("DELIVERED", now))))
    assert.equal(401, (here:get("/hook", receipt("DELIVERED", now))))
    assert.equal(401, (here:get("/hook", receipt("LOST", now - 99))))
    assert.equal("delivered", say "/state?id=T1".status)
    local status = say "/status"
    assert.same({ 1, 0, 0 }, { status.toy.calls, status.nexmo.calls, status.retarus.calls })
  end)
end)
