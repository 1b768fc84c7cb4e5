-- The example of webhooks in a real nginx.

local cases = require "spec.cases.webhooks"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local webhooks = require "spec.support.servers.webhooks"

local fresh, send = webhooks.fresh, webhooks.send

local CREDENTIALS = ([[NEXMO_API_KEY=%s NEXMO_API_SECRET=Secret0123456789
  NEXMO_SIGNATURE_SECRET=%s NEXMO_SIGNATURE_METHOD=sha256]]):format(webhooks.key, webhooks.secret)
  :gsub("%s+", " ")

describe("The example for nginx", function()
  local server

  setup(function()
    server = nginx.start { workers = 2, before = "env " .. CREDENTIALS .. " ",
      conf = function(self) return nginx.example(self, "webhook", 2) end }
  end)
  teardown(function() server:stop() end)

  local function deliver(params, form)
    return (send(server, "/webhooks/nexmo", webhooks.request(form or "json", params)))
  end

  local function state_of(id)
    local status, body = server:get("/state?id=" .. id)
    return status .. " " .. body
  end

  it("keeps the state of messages, for all its workers", function()
    assert.equal("404 not known\n", state_of "0B1")
    local function receipt(status, at)
      return deliver(fresh(cases.receipt, { messageId = "0B1", status = status, nonce = status,
        ["message-timestamp"] = "2018-10-25 12:10:" .. at }))
    end
    assert.equal(204, receipt("buffered", "02"))
    assert.equal("200 buffered, for now\n", state_of "0B1")
    assert.equal(204, receipt("delivered", "03"))
    assert.equal(401, receipt("delivered", "03")) -- a replay
    assert.equal(204, receipt("failed", "04"))
    assert.equal(204, receipt("accepted", "01"))
    for _ = 1, 8 do assert.equal("200 delivered\n", state_of "0B1") end
    assert.equal(401, deliver(cases.receipt))
    assert.equal(200, (server:get "/webhooks/nexmo"))
    assert.equal(413, (server:get("/webhooks/nexmo", { body = ("x"):rep(200000) })))
  end)

  it("joins the parts of texts", function()
    for number = 3, 1, -1 do
      assert.equal(204, deliver(fresh(cases.inbound, { messageId = "0C" .. number, concat = "true",
        ["concat-ref"] = "7", ["concat-total"] = "3", ["concat-part"] = tostring(number),
        nonce = "part" .. number, text = ("x"):rep(number) }), "query"))
    end
    process.wait("the text", 5, function()
      return server:log():find("a text of 6 bytes", 1, true)
    end)
  end)
end)
