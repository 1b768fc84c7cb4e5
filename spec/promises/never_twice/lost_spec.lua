-- Answers that get lost, 32 calls at a time: no message is at the provider twice, and the caller
-- is told which ones are uncertain. SMS_TEST_LONG=1 sends 10,000 of each.

local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local LONG = os.getenv "SMS_TEST_LONG"
local SENDS, JOBS = LONG and 10000 or 500, LONG and 10000 or 300
local IN_FLIGHT = 32
local TRUST = { retry = { trust_duplicate_detection = true, attempts = 20, base = 0 } }

local function lost(operation, probability)
  local faults = {}
  for i, how in ipairs { "close", "reset", "cut_head", "cut_body" } do
    faults[i] = { kind = "lost_answer", how = how, operation = operation,
      -- The first that matches is used: together they are to come to the probability.
      probability = probability / 4 / (1 - probability / 4 * (i - 1)) }
  end
  return faults
end

--- Calls `call(i)` for each number; { result, err } by number.
local function side_by_side(count, call)
  local results, workers, last = {}, {}, 0
  for worker = 1, IN_FLIGHT do
    workers[worker] = function()
      while last < count do
        last = last + 1
        local i = last
        results[i] = { call(i) }
      end
    end
  end
  sms.all(workers)
  return results
end

local function say(...)
  print("# " .. (...):format(select(2, ...)))
end

describe("Of messages whose answers get lost", function()
  local box = sandbox.for_specs { workers = 2 }

  --- By reference: how often it arrived, was accepted, lost its answer; the last job id.
  local function seen_at_the_provider(operation)
    local seen, total = {}, 0
    for _, arrival in ipairs(box:arrivals(operation)) do
      local one = seen[arrival.ref] or { arrivals = 0, accepted = 0, lost = 0 }
      one.arrivals = one.arrivals + 1
      one.accepted = one.accepted + (arrival.accepted and 1 or 0)
      one.lost = one.lost + (arrival.fault and 1 or 0)
      one.job_id, one.body = arrival.job_id or one.job_id, one.body or arrival.body
      one.same = one.same ~= false and one.body == arrival.body
      seen[arrival.ref], total = one, total + 1
    end
    return seen, total
  end

  local function check_sends(operation, call)
    box:fault(lost(operation, 0.3))
    local results = side_by_side(SENDS, call)
    local seen, ambiguous = seen_at_the_provider(operation), 0
    for i = 1, SENDS do
      local one, err = seen["n" .. i], results[i][2]
      assert.same({ arrivals = 1, accepted = 1 },
        { arrivals = one.arrivals, accepted = one.accepted })
      assert.equal(one.lost == 1, err ~= nil)
      if err then
        ambiguous = ambiguous + 1
        assert.equal("ambiguous", err.outcome)
        assert.is_false(err.retryable)
      end
    end
    say("%s: %d sends, %d answers lost, %d reported as ambiguous, none sent twice", operation,
      SENDS, ambiguous, ambiguous)
    assert.is_true(ambiguous > SENDS * 0.2 and ambiguous < SENDS * 0.4)
  end

  it("each SMS arrives once, and those lost are ambiguous", function()
    local client = wire.nexmo(box, { retry = { base = 0 } })
    check_sends("send_sms", function(i)
      return client:send_sms { from = "Acme", to = "447700900000", text = "Hello",
        ["client-ref"] = "n" .. i }
    end)
  end)

  it("each job arrives once, and those lost are ambiguous", function()
    local client = retarus.client(box)
    check_sends("send_job", function(i)
      local job = retarus.job "+491760000001"
      job.options = { customerRef = "n" .. i, duplicateDetection = true }
      return client:send_job(job)
    end)
  end)

  local function send_trusted(client)
    box:fault(lost("send_job", 0.3))
    return side_by_side(JOBS, function(i)
      local job = retarus.job "+491760000001"
      job.options = { duplicateDetection = true }
      job.messages[1].recipients = { { dst = "+491760000001", customerRef = "n" .. i } }
      return client:send_job(job, TRUST)
    end)
  end

  --- A budget of repeats that is never used up.
  local function with_plenty(client)
    client.budget = setmetatable({}, { __index = function() return 10 end,
      __newindex = function() end })
    return client
  end

  it("each trusted job is accepted exactly once where the centres share detection", function()
    local results = send_trusted(with_plenty(retarus.client(box)))
    local seen, total = seen_at_the_provider "send_job"
    local unknown = 0
    for i = 1, JOBS do
      local one, result = seen["n" .. i], results[i][1]
      assert.is_nil(results[i][2])
      assert.same({ accepted = 1, same = true }, { accepted = one.accepted, same = one.same })
      assert.is_true(one.arrivals == 1 and result.jobId == one.job_id
        or one.arrivals > 1 and result.jobId == nil and result.jobIdUnknown ~= nil)
      unknown = unknown + (result.jobId and 0 or 1)
    end
    say("shared: %d jobs, %d arrivals, each accepted once; %d ids unknown", JOBS, total, unknown)
    assert.is_true(total > JOBS * 1.2)
  end)

  it("each trusted job is accepted exactly once when the budget of repeats is used up", function()
    local results = send_trusted(retarus.client(box))
    local seen, total = seen_at_the_provider "send_job"
    local ambiguous = 0
    for i = 1, JOBS do
      local one, err = seen["n" .. i], results[i][2]
      assert.equal(1, one.accepted)
      if err then
        ambiguous = ambiguous + 1
        assert.same({ "ambiguous", true, one.arrivals },
          { err.outcome, err.retryable, one.lost })
      end
    end
    say("shared, default budget: %d jobs, %d arrivals, %d ambiguous", JOBS, total, ambiguous)
    assert.is_true(total <= JOBS * 1.1 + 10 and ambiguous > 0)
  end)

  -- What trust costs where it is not deserved: a repeat goes to the centre that has not seen the
  -- job and is taken a second time. Hence it is the caller's to switch on.
  it("some trusted jobs are taken twice where each centre has a detection of its own", function()
    box:settings { duplicate_scope = "store" }
    local results = send_trusted(with_plenty(retarus.client(box)))
    local seen, twice = seen_at_the_provider "send_job", 0
    for i = 1, JOBS do
      local one = seen["n" .. i]
      assert.is_nil(results[i][2])
      assert.is_true(one.accepted == 1 or one.accepted == 2)
      assert.is_true(one.accepted == 1 or one.lost > 0)
      twice = twice + (one.accepted - 1)
    end
    say("not shared: %d of %d jobs were taken twice", twice, JOBS)
    assert.is_true(twice > 0)
  end)
end)
