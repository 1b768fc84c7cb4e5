-- What somebody meant who misspelt a name.

local suggest = require "sms.base.suggest"

local known = { "from", "to", "text", "client-ref", "status-report-req", "jobIdsOnly", "type" }

-- what was written, what was meant
local cases = {
  { "client_ref", "client-ref" }, { "clientRef", "client-ref" }, { "CLIENT REF", "client-ref" },
  { "clientref", "client-ref" }, { "client-reff", "client-ref" }, { "clent-ref", "client-ref" },
  { "cleint-ref", "client-ref" }, { "jobidsonly", "jobIdsOnly" }, { "jobIDs", nil },
  { "status_report", nil }, { "statusreportreq", "status-report-req" }, { "From", "from" },
  { "form", nil }, { "fro", "from" }, { "frm", "from" }, { "t", nil }, { "TO", "to" },
  { "tp", nil },
  { "txt", "text" }, { "test", "text" }, { "tyype", "type" }, { "", nil }, { "xyz", nil },
  { ("client-ref"):rep(10), nil },
}

describe("A suggestion", function()
  for _, case in ipairs(cases) do
    it(("for '%s' is %s"):format(case[1]:sub(1, 20), case[2] or "none"), function()
      assert.equal(case[2], suggest.nearest(case[1], known))
    end)
  end

  it("is the nearest, the first of equals", function()
    assert.equal("abcd", suggest.nearest("abce", { "abff", "abcd", "abcf" }))
    assert.equal("abcf", suggest.nearest("abce", { "abcf", "abcd" }))
    assert.is_nil(suggest.nearest("abc", {}))
  end)

  it("is none for a name without end", function()
    assert.is_nil(suggest.nearest(("x"):rep(1000000), known))
  end)
end)
