-- What checks single items as send_all does.

local checker = require "sms.bulk.items.checker"
local errors = require "sms.base.errors"
local retarus = require "spec.support.servers.retarus"
local wire = require "spec.support.wire"

describe("The check of an item", function()
  local ITEM = { dst = "+491760000001", text = "Hello" }

  it("is that of send_all", function()
    local check = checker.new(retarus.client_of "http://127.0.0.1:9")
    assert.is_nil(check(ITEM))
    assert.equal("invalid", check({ dst = "nobody", text = "Hello" }).kind)
  end)

  it("refuses every item where a provider's jobs need an option", function()
    local client = retarus.client_of "http://127.0.0.1:9"
    local bulk = wire.changed(client.provider.bulk, { sample = function() return {} end })
    local demanding = setmetatable({ provider = wire.changed(client.provider, { bulk = bulk }) },
      { __index = client })
    local err = checker.new(demanding)(ITEM)
    assert.is_true(errors.is(err))
    assert.same({ "invalid", "not_sent" }, { err.kind, err.outcome })
  end)
end)
