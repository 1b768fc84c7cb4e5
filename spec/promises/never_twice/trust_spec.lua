-- What a call came to whose first attempt may have been taken: nothing that follows makes that
-- undone. Jobs whose answers were lost, with duplicate detection; their ids.

local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local script = require "sms.runtime.script"
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
    assert.same({ "rate_limited", "ambiguous", false, 1 },
      { err.kind, err.outcome, err.retryable, #server:requests() })
    assert.matches("longer than duplicate detection allows", err.message)
  end)

  -- A virtual machine that was paused: its own clocks stood still, the time of day is set right
  -- when the hook is told of something.
  local function paused_at(name)
    local real, gone = os.time, 0
    finally(function() os.time = real end) -- luacheck: ignore
    os.time = function(date) return real(date) + gone end -- luacheck: ignore
    return { on_event = function(event)
      if event.name == name then gone = 600 end
    end }
  end

  for _, moment in ipairs { "response", "retry" } do
    it("there is no repeat where the machine was paused too long: at the " .. moment, function()
      local given = paused_at(moment)
      local err, requests = job_then(raw_server.http(201, '{"jobId":"J"}'), given)
      assert.same({ "ambiguous", false, 1 }, { err.outcome, err.retryable, requests })
    end)
  end

  it("no repeat leaves later than duplicate detection may know it", function()
    server:replies { { { close = true } }, raw_server.http(201, '{"jobId":"J"}') }
    server:forget()
    local client = retarus.client_of(server.url, { rate_limit = false, timeout = 5 })
    local operation = client.operations.send_job
    client.operations.send_job = setmetatable({ trusted_for = 2 }, { __index = operation })
    local before, perform, bounds = core.now(), script.perform, {}
    finally(function() script.perform = perform end)
    script.perform = function(...)
      bounds[#bounds + 1] = select(5, ...) - before
      return perform(...)
    end
    assert(client:send_job(job "run", TRUST))
    assert.is_true(bounds[1] > 5 and bounds[2] <= 2.1, bounds[2])
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

describe("The id of a job whose answer was lost", function()
  local box = sandbox.for_specs()
  local client

  before_each(function()
    client = retarus.client(box)
  end)

  local function send_and_lose(params)
    box:clear_arrivals()
    box:fault { kind = "lost_answer", operation = "send_job", count = 1 }
    local result, err = client:send_job(params, TRUST)
    assert.is_nil(err)
    local sends, accepted = box:arrivals "send_job", 0
    for _, arrival in ipairs(sends) do accepted = accepted + (arrival.accepted and 1 or 0) end
    assert.same({ 2, 1 }, { #sends, accepted })
    assert.equal(sends[1].body, sends[2].body)
    return result, sends[1].job_id
  end

  local function assert_unknown(result, words)
    assert.is_nil(result.jobId)
    assert.equal("the answer was lost, and " .. words, result.jobIdUnknown)
  end

  it("is found among others", function()
    for i = 1, 5 do assert(client:send_job(job("other-" .. i))) end
    assert(client:send_job(job("run", "+491760000003")))
    assert(client:send_job(job("run", "+491760000004", "+491760000005")))
    local result, id = send_and_lose(job("run", "+491760000002"))
    assert.same({ jobId = id }, result)
  end)

  it("is unknown without a reference", function()
    assert_unknown(send_and_lose(job()), "options.customerRef was not given")
  end)

  it("is unknown where another job looks the same", function()
    local other = job "run"
    other.messages[1].text = "Another text"
    assert(client:send_job(other))
    assert_unknown(send_and_lose(job "run"), "2 jobs of that time look like it")
  end)

  it("is unknown where it cannot be seen yet", function()
    box:settings { visible_after = 60 }
    assert_unknown(send_and_lose(job "run"), "0 jobs of that time look like it")
  end)

  it("is not that of a job with the same reference that can be seen before it", function()
    box:settings { visible_after = 60 }
    local other = assert(client:send_job(job "run"))
    box:settings { clock_offset = 100 }
    assert(client:get_job(other))
    local params = retarus.job "+491760000009"
    params.options = { duplicateDetection = true, customerRef = "run" }
    assert_unknown(send_and_lose(params), "0 jobs of that time look like it")
  end)

  it("is unknown where there are too many to look at, and costs few calls", function()
    for i = 1, 45 do assert(client:send_job(job("other-" .. i))) end
    assert_unknown(send_and_lose(job "run"), "there are too many jobs of that time")
    assert.equal(2 + 2, box:count())
  end)

  for operation, words in pairs {
    list_jobs = "the jobs could not be listed: server",
    get_job = "a job could not be read: server",
    list_recipients = "a job could not be read: server",
  } do
    it("is unknown where the search fails: " .. operation, function()
      box:fault { kind = "status", status = 500, operation = operation }
      assert_unknown(send_and_lose(job "run"), words)
    end)
  end
end)
