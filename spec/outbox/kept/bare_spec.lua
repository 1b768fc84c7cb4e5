-- What is kept of an item that has ended, where its texts are not.

local bare = require "sms.outbox.kept.bare"
local errors = require "sms.base.errors"

local PARAMS = { to = "+44 7700 900000", from = "Acme", text = "Your code is 4711",
  type = "unicode", ["client-ref"] = "r-1", recipients = { { dst = "0049 176 00000000" } } }

local CASES = { -- what the provider said, what is kept of it
  { { messages = { { to = "447700900000", ["message-id"] = "0B00000042AC53BD", status = "0",
    price = "0.03330000", ["remaining-balance"] = "15.53590000", network = "23410" } } },
    { messages = { { to = "…0000", ["message-id"] = "0B00000042AC53BD", status = "0",
      price = "0.03330000", ["remaining-balance"] = "15.53590000", network = "23410" } } } },
  { { jobId = "J.20180530-123456.789-0abc" }, { jobId = "J.20180530-123456.789-0abc" } },
  { { error = "447700900000 (Your code is 4711) is no good: Your code is 4711" },
    { error = "…0000 (…) is no good: …" } },
  { { dst = "004917600000000", other = "4917600000000x", ref = "r-1", kind = "unicode text" },
    { dst = "…0000", other = "…0000x", ref = "…", kind = "unicode text" } },
  { { 1, 2.5, true, {} }, { 1, 2.5, true, {} } },
}

describe("A result without texts", function()
  it("keeps ids, statuses and prices", function()
    for _, case in ipairs(CASES) do
      assert.same(case[2], bare.of(case[1], PARAMS))
    end
  end)

  it("is a copy", function()
    local result = { to = "447700900000" }
    bare.of(result, PARAMS)
    assert.equal("447700900000", result.to)
  end)

  it("may be an error", function()
    local err = errors.new { kind = "rejected", outcome = "rejected", message = "no route",
      result = { to = "447700900000" } }
    local kept = bare.of(err, { PARAMS })
    assert.is_true(errors.is(kept))
    assert.equal("…0000", kept.result.to)
  end)

  it("needs no params", function()
    assert.same({ to = "1" }, bare.of({ to = "1" }, nil))
    assert.is_nil(bare.of(nil, PARAMS))
  end)
end)
