-- Numbers bought, given up and changed: what the provider says of it, what is then the account's,
-- and that nothing of it is done twice.

local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local NUMBER = { country = "GB", msisdn = "447700900100" }
local OWNED = { country = "GB", msisdn = "447700900500" }
local CHANGES = { "buy_number", "cancel_number", "update_number" }

describe("A number", function()
  local box, client = sandbox.for_specs(), nil

  before_each(function()
    client = wire.nexmo(box, { retry = { base = 0.01 } })
  end)
  after_each(function() client:close() end)

  --- The account's number with these digits, or those for sale.
  local function found(operation, number)
    local list = assert(client[operation](client, { country = number.country,
      pattern = number.msisdn }))
    return list.numbers[1]
  end

  local function assert_refused(words, result, err)
    assert.is_nil(result)
    assert.same({ "rejected", "rejected", "420", 420, false },
      { err.kind, err.outcome, err.code, err.status, err.retryable })
    assert.matches(words, err.message)
  end

  it("is bought once, and given up once", function()
    local before = assert(client:get_balance()).value
    local cost = assert(found("list_inbound_numbers", NUMBER)).cost
    assert.same({ ["error-code"] = "200", ["error-code-label"] = "success" },
      client:buy_number(NUMBER))
    assert.equal(NUMBER.msisdn, found("list_owned_numbers", NUMBER).msisdn)
    assert.is_nil(found("list_inbound_numbers", NUMBER))
    assert.is_true(math.abs(before - tonumber(cost) - client:get_balance().value) < 1e-6)
    assert_refused("owned already", client:buy_number(NUMBER))
    assert(client:cancel_number(NUMBER))
    assert_refused("not owned", client:cancel_number(NUMBER))
    assert.is_nil(found("list_owned_numbers", NUMBER))
    assert(found("list_inbound_numbers", NUMBER))
  end)

  it("is changed, and keeps what is not named", function()
    assert(client:update_number { country = "gb", msisdn = "+44 7700 900500",
      voiceCallbackType = "tel", voiceCallbackValue = "447700900001" })
    local number = found("list_owned_numbers", OWNED)
    assert.same({ "tel", "447700900001", "https://example.com/inbound" },
      { number.voiceCallbackType, number.voiceCallbackValue, number.moHttpUrl })
    assert(client:update_number { country = "GB", msisdn = OWNED.msisdn, moHttpUrl = "" })
    number = found("list_owned_numbers", OWNED)
    assert.is_nil(number.moHttpUrl)
    assert.equal("tel", number.voiceCallbackType)
    assert_refused("not owned", client:update_number(NUMBER))
  end)

  it("is not to be had without an address, credit, or where there is none", function()
    box:settings { address_country = "GB" }
    assert_refused("address is needed", client:buy_number(NUMBER))
    box:settings { address_country = "", balance = 1 }
    assert_refused("not enough credit", client:buy_number(NUMBER))
    assert_refused("not for sale", client:buy_number { country = "DE", msisdn = NUMBER.msisdn })
    assert.is_nil(found("list_owned_numbers", NUMBER))
  end)

  for _, name in ipairs(CHANGES) do
    local number = name == "buy_number" and NUMBER or OWNED

    it("is not asked for again where an answer is lost: " .. name, function()
      for _, how in ipairs { "close", "reset", "cut_head", "cut_body" } do
        box:reset()
        box:fault { operation = name, kind = "lost_answer", how = how }
        local result, err = client[name](client, number)
        assert.is_nil(result)
        assert.same({ "ambiguous", false, 1 }, { err.outcome, err.retryable, box:count() })
      end
    end)

    it("is asked for again where that was not done: " .. name, function()
      box:fault { operation = name, kind = "throttle", retry_after = 0, count = 1 }
      assert(client[name](client, number))
      assert.equal(2, box:count())
      local other = wire.nexmo(box, { api_secret = "Wrong-9876543210" })
      local _, err = other[name](other, number)
      assert.same({ "auth", "rejected", "401", true },
        { err.kind, err.outcome, err.code, err.account })
      other:close()
    end)

    it("is `invalid` where it is not clear, and nothing is sent: " .. name, function()
      local _, err = client[name](client, { country = "GB", msidn = 447700900100 })
      assert.same({ "msisdn", "msidn" }, { err.problems[1].path, err.problems[2].path })
      assert.matches("did you mean 'msisdn'", err.problems[2].message)
      assert.equal(0, box:count())
    end)
  end

  it("has a webhook that is asked before", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    server:replies { raw_server.http(404, ""), raw_server.http(200, "") }
    local params = { country = "GB", msisdn = OWNED.msisdn, moHttpUrl = server.url .. "/in" }
    assert_refused("did not answer 200", client:update_number(params))
    assert(client:update_number(params))
    assert.equal(params.moHttpUrl, found("list_owned_numbers", OWNED).moHttpUrl)
    assert.matches("^GET /in ", server:requests()[2].text)
  end)

  it("is shown without a call", function()
    local shown = assert(client:prepare("buy_number", NUMBER))
    assert.same({ "POST", "country=GB&msisdn=447700900100", "Basic ***" },
      { shown.method, shown.body, shown.headers.Authorization })
    assert.equal(0, box:count())
  end)

  it("is looked up side by side", function()
    local results = sms.all {
      function() return client:get_balance() end,
      function() return client:buy_number(NUMBER) end,
    }
    assert.is_false(results[1][1].autoReload)
    assert.equal("200", results[2][1]["error-code"])
  end)
end)
