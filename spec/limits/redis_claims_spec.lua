-- Claims and holds in Redis whose leases were lost.

local core = require "sms.core"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_limit = require "spec.support.servers.redis_limit"
local redis_server = require "spec.support.servers.redis_server"

local TIMES = { lease = 0.1, period = 0.1 }
local PERIOD = TIMES.period
local W = PERIOD * 1.01

local server, limit

--- At most that long, and not much shorter: the time of a round trip is missing.
local function assert_about(expected, actual)
  assert.is_true(actual > expected - 0.25 and actual < expected + 0.001,
    ("%.3f is not about %.3f"):format(actual, expected))
end

describe("a claim in Redis that was lost", function()
  setup(function()
    server = redis_server.start()
    limit = redis_limit.new(server, redis.new(redis_client.options(server.port)), TIMES)
  end)
  teardown(function() server:stop() end)

  local function lose(slots)
    local index, claim = limit:take(slots, 0.01)
    limit:wait_for(slots, 5)
    return index, claim
  end

  it("is not refunded", function()
    local slots = limit:settled(1)
    local index, claim = lose(slots)
    slots:refund(index, claim, core.now())
    assert.are.equal(0, slots:available(core.now()))
    assert.are.equal(1, server:command("ZCARD", slots.leases))
  end)

  it("takes a slot for a W where its attempt was made nevertheless", function()
    local slots = limit:settled(2)
    local index, claim = limit:take(slots, 0.01)
    limit:take(slots, 5)
    limit:wait_for(slots, 5)
    slots:finish(index, claim, core.now())
    assert.are.equal(3, server:command("ZCARD", slots.leases))
    assert.are.equal(0, slots:available(core.now()))
  end)

  it("is only ever raised", function()
    local slots = limit:settled(2)
    local index, claim = limit:take(slots, 5)
    local before = server:command("ZSCORE", slots.leases, index)
    slots:finish(index, ("%.0f"):format(tonumber(claim) - 1), core.now())
    assert.are.equal(before, server:command("ZSCORE", slots.leases, index))
    slots:finish(index, claim, core.now())
    local first = tonumber(server:command("ZSCORE", slots.leases, index))
    slots:finish(index, claim, core.now())
    assert.is_true(tonumber(server:command("ZSCORE", slots.leases, index)) >= first)
  end)

  it("makes nobody wait for the other leases longer than needed", function()
    local slots = limit:settled(1)
    local index, claim = lose(slots)
    slots:finish(index, claim, core.now())
    assert.are.equal(2, server:command("ZCARD", slots.leases))
    local _, wait = limit:take(slots)
    assert.is_true(wait <= W)
  end)
end)

describe("a hold in Redis", function()
  setup(function()
    server = redis_server.start()
    limit = redis_limit.new(server, redis.new(redis_client.options(server.port)), TIMES)
  end)
  teardown(function() server:stop() end)

  it("holds everybody, and is never lowered", function()
    local slots = limit:settled(2)
    local other = redis.new(redis_client.options(server.port)):open(limit.key, 2, PERIOD)
    local now = core.now()
    slots:hold(now + 0.4)
    slots:hold(now + 0.1)
    other:hold(now + 0.1)
    for _, each in ipairs { slots, other } do
      local index, wait = limit:take(each)
      assert.is_nil(index)
      assert_about(0.4, wait)
    end
    assert.is_true(limit:wait_for(other) >= now + 0.4)
  end)

  it("of a quota is never lowered, and known here without asking", function()
    local slots, now = limit:settled(2), core.now()
    assert.equal(0, slots:held(now, 1))
    for _, till in ipairs { 5, 1 } do assert.is_true(slots:hold(now + till, 1)) end
    assert.is_true(slots:held(now, 1) >= 5)
    assert.equal(0, slots:held(now, 2))
  end)

  it("outlasts a restart with the data", function()
    local slots = limit:settled(2)
    slots:hold(core.now() + 1.5)
    server:restart { with = "data" }
    local other = redis.new(redis_client.options(server.port)):open(limit.key, 2, PERIOD)
    local _, wait = limit:take(other)
    assert.is_true(wait > 1)
  end)
end)
