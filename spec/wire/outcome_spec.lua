-- How an attempt ended, in words: every ending, sent or not, and every form of body. What each
-- status means stands in outcome_table_spec.

local core = require "sms.core"
local outcome = require "sms.wire.outcome"
local retarus = require "sms.providers.retarus"

local credentials = assert(core.credentials { identity = "user", password = "hunter22" })

local operations = {}
for _, operation in ipairs(retarus.operations) do operations[operation[1]] = operation end

local function read(operation, reply, params)
  local whole = { ending = "answered", sent = true, status = 0, body = "", message = "",
    phase = "answer" }
  for name, value in pairs(reply) do whole[name] = value end
  local status = whole.ending == "answered" and whole.status or nil
  return outcome.read(retarus, operations[operation], status, status and whole.body or whole,
    params, credentials)
end

-- ending -> kind
local ENDINGS = {
  timed_out = "timeout", unreached = "connection", broken = "connection",
  too_large = "protocol", too_late = "timeout", cancelled = "cancelled", no_memory = "internal",
}

local PHASES = {
  queue = "waiting for a free connection", lookup = "looking up the host's name",
  connect = "connecting", tls = "agreeing on TLS", send = "sending the request",
  answer = "waiting for the answer", body = "reading the answer",
}

-- body of a 200 -> words of the message
local UNREADABLE = {
  { "", "not JSON" }, { " ", "not JSON" }, { "null", "not an object" }, { "true", "not an object" },
  { "7", "not an object" }, { '"J"', "not an object" }, { "[]", "not an object" },
  { '[{"jobId":"J"}]', "not an object" }, { "{}", "jobId is missing" },
  { '{"jobId":null}', "jobId is missing" }, { '{"jobId":{}}', "jobId is not a string" },
  { '{"jobId":["J"]}', "jobId is not a string" }, { '{"jobId":"J"', "not JSON" },
  { '{"jobId":"J"}}', "not JSON" }, { '{"jobId":"J"}x', "not JSON" }, { "<html>", "not JSON" },
  { '{"jobId":NaN}', "not JSON" }, { "{jobId:1}", "not JSON" }, { "\239\187\191{}", "not JSON" },
  { ("["):rep(2000), "not JSON" }, { '{"a":' .. ("["):rep(2000), "not JSON" },
}

describe("An attempt", function()
  for ending, kind in pairs(ENDINGS) do
    it(("that %s is %s, and ambiguous only where a byte was sent"):format(ending, kind), function()
      for phase, words in pairs(PHASES) do
        for _, operation in ipairs { "send_job", "get_version" } do
          for _, sent in ipairs { true, false } do
            local result, failure = read(operation, { ending = ending, sent = sent, phase = phase,
              message = "It broke", bound = "deadline", bound_seconds = 7.5 })
            assert.is_nil(result)
            assert.same({ kind, sent and "ambiguous" or "not_sent" },
              { failure.kind, failure.outcome })
            assert.is_nil(failure.status)
            assert.equal((ending == "timed_out" and "the deadline of 7.5 s is over" or "It broke")
              .. ", while " .. words, failure.message)
          end
        end
      end
    end)

    it(("that %s after a status of 200 is no whole answer"):format(ending), function()
      local result, failure = read("send_job", { ending = ending, status = 201, phase = "body",
        body = '{"jobId":"J"}', message = "cut", bound = "timeout", bound_seconds = 30 })
      assert.is_nil(result)
      assert.same({ kind, "ambiguous", 201 }, { failure.kind, failure.outcome, failure.status })
    end)
  end

  it("that was answered tells the status, and says something", function()
    for status = 202, 999 do
      local result, failure = read("send_job", { status = status, body = "" })
      assert.is_nil(result)
      assert.equal(status, failure.status)
      assert.is_true(#failure.message > 0)
    end
  end)

  it("is a success with 200 or 201 for a job, with 200 for the rest", function()
    assert.same({ jobId = "J" }, (read("send_job", { status = 200, body = '{"jobId":"J"}' })))
    assert.same({ jobId = "J" }, (read("send_job", { status = 201, body = '{"jobId":"J"}' })))
    local ok = { status = 200, body = '{"message":"m"}' }
    assert.same({ message = "m" }, (read("get_version", ok)))
    local result, failure = read("get_version", { status = 201, body = '{"message":"m"}' })
    assert.is_nil(result)
    assert.same({ "protocol", "ambiguous", 201 },
      { failure.kind, failure.outcome, failure.status })
    assert.equal("HTTP status 201 was not expected", failure.message)
  end)

  it("is ambiguous where the answer cannot be read", function()
    for _, case in ipairs(UNREADABLE) do
      for _, status in ipairs { 200, 201 } do
        local result, failure = read("send_job", { status = status, body = case[1] })
        assert.is_nil(result)
        assert.same({ "protocol", "ambiguous", status },
          { failure.kind, failure.outcome, failure.status })
        assert.matches(case[2], failure.message)
      end
    end
  end)

  it("needs a list where a list is documented", function()
    assert.same({}, (read("list_jobs", { status = 200, body = " [ ] " })))
    for body, words in pairs {
      ["{}"] = "not a list", ['{"jobId":"J"}'] = "not a list", ["null"] = "not a list",
      ['["J"]'] = "%[1%] is not an object", ["[[]]"] = "%[1%]",
      ["[[1]]"] = "%[1%] is not an object",
      ['[{"jobId":"J"},{"src":"x"}]'] = "%[2%]%.jobId is missing",
      ['[{"jobId":"J"},7]'] = "%[2%] is not an object",
    } do
      local result, failure = read("list_jobs", { status = 200, body = body })
      assert.is_nil(result, body)
      assert.equal("protocol", failure.kind)
      assert.matches(words, failure.message)
    end
  end)

  it("shows neither texts nor numbers of foreign messages", function()
    local _, failure = read("send_job", { status = 400,
      body = '{"message":"wrong: Top secret words for 491760000001"}' },
      { messages = { { text = "Top secret words" } } })
    assert.equal("wrong: *** for …0001", failure.message)
    _, failure = read("send_job", { ending = "broken", message = "to +491760000001\nbroke" })
    assert.equal("to …0001 broke, while waiting for the answer", failure.message)
  end)
end)
