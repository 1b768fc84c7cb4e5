-- The whole table of outcomes, written down a second time: whatever the engine can see of an
-- attempt, for every operation, to kind, outcome and who may repeat it.

local branches = require "spec.support.branches"
local nexmo = require "sms.providers.nexmo"
local outcome = require "sms.wire.outcome"
local outcomes = require "spec.support.declared.outcomes"
local retarus = require "sms.providers.retarus"
local retry = require "sms.wire.retry"

local cases, judge, operations = outcomes.cases, outcomes.judge, outcomes.operations
local WHOSE = outcomes.WHOSE

describe("The table of outcomes", function()
  for name, run in pairs(cases) do
    it("is as it is written down: " .. name, function()
      local wrong, count = {}, 0
      run(function(operation, reply, meaning)
        local found = judge(outcome.read, retry.is_retryable, operation, reply)
        count = count + 1
        if found ~= meaning and #wrong < 10 then
          wrong[#wrong + 1] = ("%s %s %d %q: %s, not %s"):format(operation, reply.ending or "",
            reply.status, reply.body, found, meaning)
        end
      end)
      assert.same({}, wrong)
      assert.is_true(count > 40)
    end)
  end

  it("tells the account from what was asked", function()
    local bodies = { nexmo = { '{"message":"Forbidden"}', '{"error-code":"420"}',
      '{"error-code":"401"}' }, retarus = { WHOSE[1], WHOSE[2], WHOSE[2] } }
    local by_status = { [400] = { retarus = {}, nexmo = { [3] = true } },
      [403] = { retarus = { [2] = true, [3] = true }, nexmo = { [2] = true, [3] = true } } }
    for _, status in ipairs { 401, 402, 407 } do
      local always = { true, true, true }
      by_status[status] = { retarus = always, nexmo = always }
    end
    for name, place in pairs(operations) do
      local provider = place[1]
      for status, expected_of in pairs(by_status) do
        for i, body in ipairs(bodies[provider.name]) do
          local _, failure = outcome.read(provider, place[2], status, body)
          assert.equal(expected_of[provider.name][i], failure.account, name .. status .. body)
        end
      end
    end
  end)

  it("never takes back that an earlier attempt may have been taken", function()
    local after = { -- outcome of the attempt: of a read, of everything else
      not_sent = { "ambiguous", "ambiguous" }, ambiguous = { "ambiguous", "ambiguous" },
      rejected = { "rejected", "ambiguous" }, accepted = { "accepted", "accepted" },
    }
    for own, expected_of in pairs(after) do
      for _, place in pairs(operations) do
        local is_read = place[2].method == "GET"
        assert.equal(expected_of[is_read and 1 or 2], outcome.of_call(place[2], own, true))
        assert.equal(own, outcome.of_call(place[2], own, false))
        assert.equal(own, outcome.of_call(place[2], own, nil))
      end
    end
  end)

  if not branches.possible then return end

  -- Measuring is slow: a part of the cases has to do, always the same.
  local EVERY = { endings = 211, proxies = 1, statuses = 199, bodies = 1,
    ["codes inside of 200"] = 7 }

  local function measure()
    local measured = branches.load "lua/sms/wire/outcome.lua"
    local list = { { "send_job", { status = 409 } } }
    for name, run in pairs(cases) do
      local count = 0
      run(function(operation, reply)
        count = count + 1
        if count % EVERY[name] == 0 then list[#list + 1] = { operation, reply } end
      end)
    end
    measured:run(function()
      for _, case in ipairs(list) do
        judge(measured.module.read, retry.is_retryable, case[1], case[2])
      end
    end)
    return measured
  end

  it("has no branch that is not taken here", function()
    local measured = measure()
    measured:run(function()
      local secrets = { mask = function(_, text) return text end }
      for name, params in pairs { get_version = false, send_sms = { text = "t" },
        send_job = { messages = {} } } do
        measured.module.read({}, operations[name][2], 400, "words", params or nil, secrets)
        measured.module.read({}, operations[name][2], 400, "words", nil, secrets)
      end
      measured.module.read(retarus, operations.send_job[2], 407, "")
      local unmasked = { mask = function() return nil end }
      for _, is_closed in ipairs { true, false } do
        measured.module.read(retarus, operations.send_job[2], nil, { ending = "cancelled",
          is_closed = is_closed, status = 0, phase = "answer", message = "words" }, nil, unmasked)
      end
      for _, body in ipairs(WHOSE) do
        measured.module.read(retarus, operations.send_job[2], 403, body)
        measured.module.read(nexmo, operations.send_sms[2], 400, body)
      end
      for _, own in ipairs { "accepted", "rejected", "not_sent" } do
        for _, name in ipairs { "get_version", "send_sms" } do
          measured.module.of_call(operations[name][2], own, true)
          measured.module.of_call(operations[name][2], own, false)
        end
      end
    end)
    assert.same({}, measured:missing())
  end)
end)
