-- The text that a signature of Nexmo covers, and what is sent with it.

local signature = require "sms.providers.nexmo.signature"

local NOW = 1700000000

local function signed_text(form, identity, now)
  return signature.sign(form, identity or "abcd1234", now or NOW)
end

describe("A signature of Nexmo", function()
  it("covers the published text", function()
    assert.equal("&api_key=not_a_key&from=12192259404&text=Test_test_something"
      .. "&timestamp=1490638615&to=14843472194",
      signed_text({ "from", "12192259404", "to", "14843472194", "text", "Test&test=something" },
        "not_a_key", 1490638615))
  end)

  it("sorts names by their bytes", function()
    assert.equal("&A=6&api_key=abcd1234&client-ref=5&client_ref=4&from=2&message-timestamp=3"
      .. "&messageId=1&timestamp=1700000000",
      signed_text { "messageId", "1", "from", "2", "message-timestamp", "3", "client_ref", "4",
        "client-ref", "5", "A", "6" })
    assert.equal("&a=1&a-b=3&ab=2&api_key=abcd1234&timestamp=1700000000",
      signed_text { "a", "1", "ab", "2", "a-b", "3" })
  end)

  it("covers values as they are, but for & and =", function()
    assert.equal("&api_key=a_b_c&t=F\195\188 + % ___&timestamp=1700000000",
      signed_text({ "t", "F\195\188 + % &=&" }, "a&b=c"))
  end)

  it("leaves the values that are sent, and adds key and time", function()
    local form = { "z", "a&b", "a", "é" }
    signed_text(form)
    assert.same({ "z", "a&b", "a", "é", "api_key", "abcd1234", "timestamp", "1700000000" }, form)
  end)
end)
