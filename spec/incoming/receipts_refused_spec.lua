-- What sms.receipts does not take, and a store that fails.

local sms = require "sms"

local FAILED = { messageId = "A", status = "failed", msisdn = "447700900000", to = "Acme" }
local SENT = { ["message-count"] = "1", messages = { { status = "0", ["message-id"] = "A" } } }

describe("Receipts", function()
  it("say what is not theirs", function()
    local receipts = sms.receipts.new(sms.stores.table())
    for _, fields in ipairs { 1, "A", {}, { messageId = "A" }, { status = "x" },
      { messageId = "", status = "x" }, { message_uuid = 1, status = "delivered" } } do
      local state, why = receipts:add(fields)
      assert.is_nil(state)
      assert.equal("invalid", why.kind)
      assert.matches("with messageId and status", why.message)
    end
    for _, result in ipairs { 1, "A", {}, { messages = {} }, { messages = 1 },
      { messages = { { status = "9" } } } } do
      local state, why = receipts:sent(result)
      assert.is_nil(state)
      assert.equal("invalid", why.kind)
      assert.matches("a result of send_sms was expected", why.message)
    end
    for _, store in ipairs { 1, {}, { get = print } } do
      assert.has_error(function() sms.receipts.new(store) end,
        "sms.receipts: a store with get and update was expected")
    end
    assert.has_error(function() sms.receipts.new(sms.stores.table(), { window = 1 }) end,
      "sms.receipts: 'window' is not known")
  end)

  it("pass on that their store fails", function()
    local function fails() return nil, "gone" end
    local receipts = sms.receipts.new { get = fails, update = fails }
    for _, f in ipairs { function() return receipts:add(FAILED) end,
      function() return receipts:sent(SENT) end, function() return receipts:get "A" end } do
      local state, why = f()
      assert.is_nil(state)
      assert.same({ "internal", "the store failed: gone" }, { why.kind, why.message })
    end
  end)
end)
