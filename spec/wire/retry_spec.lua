-- When a call may be repeated, and how long the pause is. Pure.

local branches = require "spec.support.branches"
local codes = require "sms.providers.nexmo.codes"
local retry = require "sms.wire.retry"

local SAFE, UNSAFE = { safe = true }, {}
local POLICY = { attempts = 3, base = 0.5, cap = 20 }

describe("A repeat", function()
  it("is allowed for safe operations, and where nothing was sent", function()
    local passing = { connection = true, timeout = true, server = true, rate_limited = true,
      protocol = true, internal = true }
    for _, kind in ipairs { "invalid", "auth", "rejected", "rate_limited", "not_found",
      "duplicate", "partial", "server", "timeout", "connection", "protocol", "cancelled",
      "internal" } do
      for _, outcome in ipairs { "not_sent", "rejected", "accepted", "ambiguous" } do
        local failure = { kind = kind, outcome = outcome }
        local passes = passing[kind] or false
        assert.equal(passes, retry.is_retryable(SAFE, failure))
        assert.equal(passes and outcome == "not_sent", retry.is_retryable(UNSAFE, failure))
      end
    end
  end)

  it("of an ambiguous send is allowed where the caller trusts duplicate detection", function()
    for _, kind in ipairs { "timeout", "connection", "server", "protocol" } do
      local failure = { kind = kind, outcome = "ambiguous" }
      assert.is_true(retry.is_retryable(UNSAFE, failure, true))
      assert.is_false(retry.is_retryable(UNSAFE, failure, false))
      assert.is_false(retry.is_retryable(UNSAFE, failure, nil))
    end
    assert.is_false(retry.is_retryable(UNSAFE, { kind = "rejected", outcome = "rejected" }, true))
  end)

  it("comes after a pause between nothing and a ceiling that doubles up to the cap", function()
    local many = { attempts = 100, base = 0.5, cap = 20 }
    local ceilings = { 0.5, 1, 2, 4, 8, 16, 20, 20, 20 }
    for attempt, ceiling in ipairs(ceilings) do
      assert.equal(0, retry.delay(many, attempt, {}, 0))
      assert.equal(ceiling / 2, retry.delay(many, attempt, {}, 0.5))
      local most = retry.delay(many, attempt, {}, 1 - 2 ^ -32)
      assert.is_true(most < ceiling and most > ceiling * 0.999)
    end
    assert.equal(10, retry.delay(many, 99, {}, 0.5))
  end)

  it("is the last where the attempts are used up", function()
    assert.is_number(retry.delay(POLICY, 1, {}, 0.5))
    assert.is_number(retry.delay(POLICY, 2, {}, 0.5))
    assert.is_nil(retry.delay(POLICY, 3, {}, 0.5))
    assert.is_nil(retry.delay(POLICY, 4, {}, 0.5))
    assert.is_nil(retry.delay({ attempts = 1, base = 0, cap = 0 }, 1, {}, 0))
  end)

  it("waits as long as the provider asks, never shorter, up to 300 s", function()
    for _, asked in ipairs { 0, 0.7, 3, 299, 300 } do
      for _, random in ipairs { 0, 0.5, 0.999 } do
        local delay = retry.delay(POLICY, 2, { retry_after = asked }, random)
        assert.is_true(delay >= asked and delay <= asked + POLICY.base)
      end
    end
    assert.is_nil(retry.delay(POLICY, 1, { retry_after = 300.1 }, 0))
    assert.is_nil(retry.delay(POLICY, 1, { retry_after = 1e20 }, 0))
    assert.is_nil(retry.delay(POLICY, 3, { retry_after = 1 }, 0))
  end)

  it("waits 1 s, then twice as long, where a throttling provider names no time", function()
    assert.same({ 1, 2, 4, 8 }, { retry.after_throttling(1), retry.after_throttling(2),
      retry.after_throttling(3), retry.after_throttling(4) })
  end)

  it("comes at once where the policy says so", function()
    assert.equal(0, retry.delay({ attempts = 2, base = 0, cap = 0 }, 1, {}, 0.99))
    assert.equal(2, retry.delay({ attempts = 2, base = 0, cap = 0 }, 1, { retry_after = 2 }, 0.99))
  end)
end)

describe("Retry-After", function()
  local NOW = 784111777 -- Sun, 06 Nov 1994 08:49:37 GMT

  it("is a number of seconds or a date", function()
    for value, seconds in pairs {
      ["0"] = 0, ["1"] = 1, ["120"] = 120, ["007"] = 7, ["86400"] = 86400,
      ["Sun, 06 Nov 1994 08:49:37 GMT"] = 0, ["Sun, 06 Nov 1994 08:50:07 GMT"] = 30,
      ["Sun, 06 Nov 1994 08:49:36 GMT"] = 0, ["Sat, 05 Nov 1994 08:49:37 GMT"] = 0,
      ["Mon, 07 Nov 1994 08:49:37 GMT"] = 86400, ["Thu, 29 Feb 1996 00:00:00 GMT"] = 41440223,
    } do
      assert.equal(seconds, retry.after(value, nil, NOW), value)
    end
    for _, digits in ipairs { 20, 400 } do
      local long = retry.after(("9"):rep(digits), nil, NOW)
      assert.is_true(long > 300 and long < math.huge)
      local failure = codes.judge_sms { messages = { { status = "1",
        ["error-text"] = ("wait [ %s ]"):format(("9"):rep(digits)) } } }
      assert.is_true(failure.retry_after > 300 and failure.retry_after < math.huge)
    end
    local failure = codes.judge_sms { messages = { { status = "1", ["error-text"] =
      ("INTERVAL [ %s ] TIME_SINCE_LAST_INTERVAL_START [ %s ]"):format(("9"):rep(400),
        ("9"):rep(401)) } } }
    assert.equal(0, failure.retry_after)
  end)

  it("is a date in one of the older forms", function()
    for value, seconds in pairs {
      ["Sunday, 06-Nov-94 08:49:40 GMT"] = 3, ["Sun Nov  6 08:49:41 1994"] = 4,
      ["Thu Nov 10 08:49:37 1994"] = 4 * 86400, ["Monday, 06-Nov-17 08:49:37 GMT"] = 725846400,
    } do
      assert.equal(seconds, retry.after(value, nil, NOW), value)
    end
  end)

  it("is a date by the clock of the answer, where that tells it", function()
    local later = "Sun, 06 Nov 1994 08:49:39 GMT"
    for _, date in ipairs { "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT" } do
      for _, now in ipairs { NOW - 3600, NOW, NOW + 3600 } do
        assert.equal(2, retry.after(later, date, now))
        assert.equal(7, retry.after("7", date, now))
      end
    end
    assert.equal(2, retry.after(later, "no date", NOW))
  end)

  it("is ignored where it is neither", function()
    assert.is_nil(retry.after(nil, nil, NOW))
    for _, value in ipairs { "", "-1", "1.5", "1s", " 1", "soon", "0x10", "1e3", "nan", "inf",
      "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Foo 1994 08:49:37 GMT",
      "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 CET" } do
      assert.is_nil(retry.after(value, nil, NOW), value)
    end
  end)
end)

describe("The budget of repeats", function()
  it("has ten, gains a tenth a call, and never has more than ten", function()
    local budget = retry.new_budget()
    budget.calls = 50
    for _ = 1, 10 do assert.is_true(retry.spend(budget)) end
    assert.is_false(retry.spend(budget))
    budget.calls = 9
    assert.is_false(retry.spend(budget))
    budget.calls = 2
    assert.is_true(retry.spend(budget))
    assert.is_false(retry.spend(budget))
  end)
end)

if branches.possible then
  it("When a call may be repeated has no branch that is not taken here", function()
    local measured = branches.load "lua/sms/wire/retry.lua"
    local module = measured.module
    measured:run(function()
      for _, kind in ipairs { "rejected", "timeout" } do
        for _, outcome in ipairs { "not_sent", "ambiguous" } do
          module.is_retryable(SAFE, { kind = kind, outcome = outcome })
          module.is_retryable(UNSAFE, { kind = kind, outcome = outcome })
          module.is_retryable(UNSAFE, { kind = kind, outcome = outcome }, true)
        end
      end
      for _, asked in ipairs { false, 1, 301 } do
        module.delay({ attempts = 2, base = 1, cap = 9 }, 1, { retry_after = asked or nil }, 0.5)
      end
      module.delay({ attempts = 2 }, 2, {}, 0.5)
      for i = 0, 3 do
        for _, date in ipairs { false, "soon", "Sun, 06 Nov 1994 08:49:37 GMT" } do
          module.after(({ "7", "soon", "Sun, 06 Nov 1994 08:49:37 GMT" })[i], date or nil, 0)
        end
      end
      local budget = module.new_budget()
      for _ = 1, 11 do module.spend(budget) end
    end)
    assert.same({}, measured:missing())
  end)
end
