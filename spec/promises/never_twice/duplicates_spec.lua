-- Jobs sent again because the caller trusts the provider's duplicate detection.

local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"

local TRUST = { retry = { trust_duplicate_detection = true, base = 0 } }

local function job(options)
  local params = retarus.job("+491760000001", "+491760000002")
  params.options = options
  return params
end

describe("A job whose answer was lost", function()
  local box = sandbox.for_specs()
  local client

  before_each(function()
    client = retarus.client(box)
  end)

  local function accepted()
    local count = 0
    for _, arrival in ipairs(box:arrivals "send_job") do
      count = count + (arrival.accepted and 1 or 0)
    end
    return count, #box:arrivals "send_job"
  end

  it("is not sent again without both wishes of the caller", function()
    for i, case in ipairs {
      { { duplicateDetection = true }, nil },
      { { duplicateDetection = true }, { retry = { base = 0 } } },
      { { duplicateDetection = true }, { retry = { trust_duplicate_detection = false } } },
      { { duplicateDetection = false }, TRUST }, { {}, TRUST }, { false, TRUST },
    } do
      local params = job(case[1] or nil)
      params.messages[1].text = "Hello " .. i
      box:clear_arrivals()
      box:fault { kind = "lost_answer", operation = "send_job", count = 1 }
      local result, err = client:send_job(params, case[2])
      assert.is_nil(result)
      assert.same({ kind = "connection", outcome = "ambiguous", retryable = false },
        retarus.brief(err))
      assert.equal(1, (accepted()))
    end
  end)

  it("is found by its reference when the repeat is refused as a duplicate", function()
    for _, fault in ipairs { { kind = "lost_answer" }, { kind = "lost_answer", how = "cut_body" },
      { kind = "status", status = 500, processed = true }, { kind = "garbage" } } do
      box:clear_arrivals()
      fault.operation, fault.count = "send_job", 1
      box:fault(fault)
      local params = job { duplicateDetection = true, customerRef = "run-" .. fault.kind
        .. (fault.how or "") }
      local result, err = client:send_job(params, TRUST)
      assert.is_nil(err)
      local sends = box:arrivals "send_job"
      assert.equal(2, #sends)
      assert.equal(sends[1].body, sends[2].body)
      assert.same({ jobId = sends[1].job_id }, result)
      assert.same({ 1, 2 }, { accepted() })
    end
  end)

  it("is taken once where the first try did not count", function()
    box:fault { kind = "status", status = 503, operation = "send_job", count = 1 }
    local result = assert(client:send_job(job { duplicateDetection = true }, TRUST))
    local sends = box:arrivals "send_job"
    assert.equal(sends[2].job_id, result.jobId)
    assert.same({ 1, 2 }, { accepted() })
  end)

  it("is a duplicate where no answer was lost before", function()
    local params = job { duplicateDetection = true, customerRef = "run" }
    assert(client:send_job(params))
    local result, err = client:send_job(params, TRUST)
    assert.is_nil(result)
    assert.same({ "duplicate", "rejected" }, { err.kind, err.outcome })
  end)
end)
