-- How often a followed job is looked at, and with what it is not followed.

local follow = require "sms.bulk.follow"
local sms = require "sms"

describe("Following a job", function()
  local client

  before_each(function() client = sms.retarus { username = "user", password = "pass" } end)
  after_each(function() client:close() end)

  it("is looked at less and less often, each time a little otherwise", function()
    local chosen = assert(follow.options())
    assert.same({ 1, 60, 259200, 30, 300 }, { chosen.first, chosen.longest, chosen.timeout,
      chosen.visible_within, chosen.tolerate })
    local before = 0
    for looks = 1, 2000 do
      local longest, shortest = follow.pause(chosen, looks, 0), follow.pause(chosen, looks, 0.999)
      assert.is_true(longest >= before and longest <= 60)
      assert.is_true(shortest >= 0.8 * longest and shortest < longest)
      before = longest
    end
    assert.equal(60, before)
    assert.equal(1, follow.pause(chosen, 1, 0))
    assert.equal(1.5, follow.pause(chosen, 2, 0))
  end)

  local misuse = {
    { 5, "follow: must be a table" },
    { { intervall = 1 }, "follow.intervall: is not known; did you mean 'interval'?" },
    { { interval = 1 }, "follow.interval: must be a table" },
    { { interval = { first = 0 } }, "follow.interval.first: must be 0.001 or more" },
    { { interval = { longest = "1" } }, "follow.interval.longest: must be a number" },
    { { interval = { first = 61 } }, "follow.interval.first: must be at most interval.longest" },
    { { timeout = 0 }, "follow.timeout: must be 0.001 or more" },
    { { visible_within = -1 }, "follow.visible_within: must be 0 or more" },
    { { tolerate = "x" }, "follow.tolerate: must be a number" },
  }
  for _, case in ipairs(misuse) do
    it("is not followed with wrong options: " .. case[2], function()
      local ok, message = pcall(function()
        local changes = client:follow("J", case[1])
        return changes
      end)
      assert.is_false(ok)
      assert.matches("^spec/bulk/follow_options_spec.lua:%d+: ", message)
      assert.matches(case[2], message, 1, true)
    end)
  end

  it("is not followed by a closed client, nor by Nexmo", function()
    client:close()
    local ok, message = pcall(function()
      local changes = client:follow "J"
      return changes
    end)
    assert.is_false(ok)
    assert.matches("^spec/bulk/follow_options_spec.lua:%d+: this client is closed", message)
    local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "x" }
    assert.is_nil(nexmo.follow)
    nexmo:close()
  end)
end)
