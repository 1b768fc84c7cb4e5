-- What a call came to whose first attempt may have been taken: nothing that follows makes that
-- undone. Jobs whose answers were lost, with duplicate detection; their ids.

local raw_server = require "spec.support.raw_server"
local retarus = require "spec.support.retarus"
local wire = require "spec.support.wire"

local TRUST = { retry = { trust_duplicate_detection = true, base = 0 } }

local function job(reference, ...)
  local params = retarus.job("+491760000001", ...)
  params.options = { duplicateDetection = true, customerRef = reference }
  return params
end

describe("After a lost answer", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  local function job_then(reply, given)
    server:replies { { { close = true } }, reply }
    server:forget()
    local client = retarus.client_of(server.url, given)
    local result, err = client:send_job(job "run", TRUST)
    assert.is_nil(result)
    return err, #server:requests()
  end

  for _, case in ipairs {
    { 400, "rejected", false, 2 }, { 401, "auth", false, 2 }, { 403, "auth", false, 2 },
    { 404, "not_found", false, 2 }, { 422, "rejected", false, 2 },
    { 429, "rate_limited", true, 3, "Retry-After: 0\r\n" }, { 503, "server", true, 3 },
    { 302, "protocol", true, 3 },
  } do
    it(("a repeat answered with %d leaves it ambiguous"):format(case[1]), function()
      local err, requests = job_then(raw_server.http(case[1], "{}", case[5]))
      assert.same({ kind = case[2], outcome = "ambiguous", status = case[1], retryable = case[3] },
        retarus.brief(err))
      assert.equal(case[4], requests)
    end)
  end

  it("a repeat that is not sent for want of a slot leaves it ambiguous", function()
    local err, requests = job_then({ { close = true } },
      { rate_limit = { calls = 1, period = 30 }, max_wait = 0 })
    assert.same({ "rate_limited", "ambiguous", 1 }, { err.kind, err.outcome, requests })
  end)

  it("no repeat waits until duplicate detection has forgotten the job", function()
    server:replies { { { close = true } }, raw_server.http(201, '{"jobId":"J"}') }
    server:forget()
    local client = retarus.client_of(server.url, { rate_limit = { calls = 1, period = 1 } })
    client.operations.send_job = setmetatable({ trusted_for = 0.5 },
      { __index = client.operations.send_job })
    local result, err = client:send_job(job "run", TRUST)
    assert.is_nil(result)
    assert.same({ "rate_limited", "ambiguous", 1 },
      { err.kind, err.outcome, #server:requests() })
    assert.matches("longer than duplicate detection allows", err.message)
  end)

  it("a deletion is certain only where the repeat tells", function()
    local nexmo = wire.nexmo({ urls = { nexmo = server.url } }, { retry = { base = 0 } })
    for status, outcome in pairs { [401] = "ambiguous", [429] = "ambiguous", [404] = "done",
      [204] = "done" } do
      server:replies { { { close = true } },
        raw_server.http(status, "", "Retry-After: 0\r\n") }
      local result, err = nexmo:delete_application { application_id = "a" }
      assert.equal(outcome, result and "done" or err.outcome, status)
    end
  end)

  it("a read is what the repeat tells, unless that was not sent", function()
    local given = { rate_limit = { calls = 1, period = 30 }, max_wait = 0 }
    server:replies { { { close = true } }, raw_server.http(404, "{}") }
    local _, err = retarus.client_of(server.url):get_job { jobId = "J" }
    assert.same({ "not_found", "rejected" }, { err.kind, err.outcome })
    server:reply { { close = true } }
    _, err = retarus.client_of(server.url, given):get_version()
    assert.same({ "rate_limited", "ambiguous" }, { err.kind, err.outcome })
  end)
end)
