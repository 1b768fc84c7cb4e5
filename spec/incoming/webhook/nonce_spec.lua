-- A webhook that comes twice is refused the second time, where its nonces are kept.

local cases = require "spec.cases.webhooks"
local stores = require "spec.support.stores.init"
local webhook = require "sms.incoming.webhook"
local webhooks = require "spec.support.servers.webhooks"

local NOW = 1700000000

for name, kind in pairs(stores) do
  describe(("A nonce store, %s"):format(name), function()
    kind.around()

    local client = webhooks.client "sha256"
    local clock, store

    --- Another time, for the webhooks and for the store.
    local function at(moment)
      clock = moment
      kind.at(moment)
    end

    before_each(function()
      at(NOW)
      store = kind.make()
    end)

    local function read(changes, options, without)
      local params = cases.changed(cases.receipt, changes or {}, without)
      local request = webhooks.request("form", webhooks.signed(params, "sha256"))
      local result, err
      webhooks.at(clock, function()
        result, err = client:read_webhook(request,
          webhooks.copy({ nonce_store = store }, options))
      end)
      return result, err
    end

    it("lets the first pass and no other", function()
      assert.is_not_nil((read()))
      for _ = 1, 3 do
        local result, err = read()
        assert.is_nil(result)
        assert.equal("nexmo read_webhook: it was here before [auth, rejected]", tostring(err))
      end
      assert.is_not_nil((read { nonce = "another" }))
    end)

    it("keeps a nonce as long as its webhook would be young enough", function()
      for age = -300, 300, 50 do
        at(NOW)
        local made = NOW - age
        local changes = { timestamp = tostring(made), nonce = "n" .. age }
        assert.is_not_nil((read(changes)))
        for _, later in ipairs { 0, 1, 149, 300, 599, 600 } do
          at(NOW + later)
          local result, err = read(changes)
          assert.is_nil(result)
          assert.matches(clock <= made + 300 and "here before" or "s old", err.message)
        end
      end
    end)

    it("keeps it as long as the provider may repeat where any age will do", function()
      local given = {}
      store = { add = function(_, key, seconds)
        given[#given + 1] = key .. " " .. seconds
        return true
      end }
      assert.is_not_nil((read({ nonce = "n" }, { tolerance = false }, { "timestamp" })))
      assert.same({ "sms:nonce:n 259200" }, given)
      assert.is_not_nil((read { nonce = "n" }))
      assert.equal("sms:nonce:n 301", given[2])
    end)

    it("wants a nonce", function()
      for _, case in ipairs { { {}, { "nonce" } }, { { nonce = "" } } } do
        local result, err = read(case[1], nil, case[2])
        assert.is_nil(result)
        assert.equal("auth", err.kind)
        assert.equal("it has no nonce", err.message)
      end
    end)

    it("is not asked about what is refused anyway", function()
      store.add = function() error "asked" end
      local options = { nonce_store = store }
      local signed = webhooks.signed(cases.receipt, "sha256")
      local _, err = client:read_webhook(webhooks.request("form", signed), options)
      assert.matches("its timestamp", err.message)
      signed.sig = ("0"):rep(64)
      _, err = client:read_webhook(webhooks.request("form", signed), options)
      assert.equal("the signature is wrong", err.message)
      _, err = client:read_webhook(webhooks.request("form", cases.receipt), options)
      assert.equal("it is not signed", err.message)
      _, err = read { ["a&b"] = "1" }
      assert.equal("protocol", err.kind)
      assert.is_not_nil((webhooks.client():read_webhook(
        webhooks.request("form", cases.receipt), options)))
    end)

    it("keeps the id of a token", function()
      local body = webhooks.json(cases.receipt)
      local function try(changes)
        local claims = webhooks.claims(body, NOW, changes)
        local request = webhooks.with_token(body, webhooks.token(webhooks.header, claims))
        local result, err
        webhooks.at(clock, function()
          result, err = client:read_webhook(request, { nonce_store = store })
        end)
        return result, err
      end
      assert.is_not_nil((try()))
      local _, err = try()
      assert.equal("it was here before", err.message)
      assert.is_not_nil((try { jti = "another" }))
    end)

    --- Reads as a handler does, which says when it has dealt with a webhook.
    local function take(changes)
      local params = cases.changed(cases.receipt, changes or {})
      local request = webhooks.request("form", webhooks.signed(params, "sha256"))
      return webhook.read(client, request, { nonce_store = store, tolerance = 300, lease = 60 },
        clock)
    end

    it("knows a webhook that is being dealt with, and lets it come again", function()
      local first, _, kept = take()
      assert.is_not_nil(first)
      local again, err = take()
      assert.is_nil(again)
      assert.same({ "internal", true }, { err.kind, err.retryable })
      assert.matches("may come again", err.message)
      webhook.settle(store, kept, false)
      first, _, kept = take()
      assert.is_not_nil(first)
      webhook.settle(store, kept, true)
      for _ = 1, 2 do
        err = select(2, take())
        assert.same({ "auth", "it was here before" }, { err.kind, err.message })
        at(clock + 100)
      end
    end)

    it("lets one come again whose worker has died", function()
      assert.is_not_nil((take()))
      at(clock + 59)
      assert.is_nil((take()))
      at(clock + 1)
      assert.is_not_nil((take()))
      assert.is_nil((take()))
    end)

    it("that only adds keeps a webhook from the beginning", function()
      local whole = store
      store = { add = function(_, ...) return whole:add(...) end }
      local _, _, kept = take()
      at(clock + 100)
      assert.equal("it was here before", select(2, take()).message)
      webhook.settle(store, kept, false)
      assert.equal("it was here before", select(2, take()).message)
    end)

    it("that cannot be asked refuses", function()
      local function fails() return nil, "gone" end
      local function works() return false end
      for _, ways in ipairs { { fails, works }, { works, fails } } do
        store = { get = ways[1], add = ways[2], remove = works }
        local _, err = take()
        assert.same({ "internal", "the nonce store failed: gone" }, { err.kind, err.message })
      end
    end)

    it("that fails refuses, and says that it may be tried again", function()
      local ways = {
        { add = function() error({}) end, says = "table" },
        { add = function() error("no 447700900123 there", 0) end, says = "no …0123 there" },
        { add = function() return nil, "no memory" end, says = "no memory" },
      }
      for _, way in ipairs(ways) do
        store = way
        local result, err = read()
        assert.is_nil(result)
        assert.equal("internal", err.kind)
        assert.equal("rejected", err.outcome)
        assert.is_true(err.retryable)
        local says = "the nonce store failed: " .. way.says
        assert.equal(says, err.message:sub(1, #says))
      end
    end)
  end)
end
