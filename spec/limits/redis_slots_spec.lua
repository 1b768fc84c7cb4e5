-- Slots in Redis, by each client that there is: taken, given back, held, waited for.

local core = require "sms.core"
local limits = require "sms.limits"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_limit = require "spec.support.servers.redis_limit"
local redis_server = require "spec.support.servers.redis_server"
local socket = require "socket"

local LEASE, PERIOD = 0.1, 0.1
local W = PERIOD * 1.01
local TIMES = { lease = LEASE, period = PERIOD }

-- Ways to speak with Redis: one that returns its errors and, where it is, one that raises them.
local CLIENTS = { ["a client that returns errors"] = redis_client.options }
local has_lua_redis, lua_redis = pcall(require, "redis")
if has_lua_redis then
  CLIENTS["lua-redis"] = function(port)
    return {
      connect = function() return lua_redis.connect("127.0.0.1", port) end,
      release = function(client) client.network.socket:close() end,
    }
  end
end

local server, share, limit

--- At most that long, and not much shorter: the time of a round trip is missing.
local function assert_about(expected, actual)
  assert.is_true(actual > expected - 0.25 and actual < expected + 0.001,
    ("%.3f is not about %.3f"):format(actual, expected))
end

describe("slots in Redis", function()
  setup(function()
    server = redis_server.start()
  end)
  teardown(function() server:stop() end)

  for name, options in pairs(CLIENTS) do
    describe("with " .. name, function()
      before_each(function()
        share = redis.new(options(server.port))
        limit = redis_limit.new(server, share, TIMES)
      end)

      it("are as many as there may be calls", function()
        local slots = limit:settled(3)
        for _ = 1, 3 do assert.is_string((limit:take(slots))) end
        local index, wait = limit:take(slots)
        assert.is_nil(index)
        assert.is_true(wait > 0 and wait <= W)
      end)

      it("are free a W after the attempt has ended", function()
        local slots = limit:settled(1)
        local index, claim = limit:take(slots, 5)
        socket.sleep(0.03)
        local ended = core.now()
        assert.is_true(slots:finish(index, claim, ended))
        assert.is_true(limit:wait_for(slots) - ended >= W)
      end)

      it("are free at once where no byte was sent", function()
        local slots = limit:settled(1)
        local index, claim = limit:take(slots)
        assert.is_true(slots:refund(index, claim, core.now()))
        assert.is_string((limit:take(slots)))
      end)

      it("wait where the provider said so", function()
        local slots = limit:settled(1)
        assert.is_true(slots:hold(core.now() + 0.3))
        local index, wait = limit:take(slots)
        assert.is_nil(index)
        assert_about(0.3, wait)
      end)
    end)
  end
end)

describe("slots in Redis", function()
  setup(function()
    server = redis_server.start()
    share = redis.new(redis_client.options(server.port))
    limit = redis_limit.new(server, share, TIMES)
  end)
  teardown(function() server:stop() end)

  it("are the same for everybody who names the same limit", function()
    local slots = limit:settled(1)
    local same = redis.new(redis_client.options(server.port)):open(limit.key, 1, PERIOD)
    assert.is_string((limit:take(slots)))
    assert.is_nil((limit:take(same)))
    assert.are_not.equal(slots.leases, share:open(limit.key, 2, PERIOD).leases)
    assert.are_not.equal(slots.leases, share:open(limit.key, 1, 1).leases)
  end)

  it("are waited for in one line by all clients that were given one connect", function()
    local function line_of(options)
      return limits.new("account", { limits = {
        { calls = 2, period = 60, share = redis.new(options) } } }, error).line
    end
    local options = redis_client.options(server.port)
    local line = line_of(options)
    assert.are.equal(line, line_of(options))
    assert.are_not.equal(line, line_of(redis_client.options(server.port)))
  end)

  it("have keys in one hash slot, whatever the limit is called", function()
    local names = {}
    for _, key in ipairs { "a{b}c", "a}{b", "a b\r\n", "a%7Bb", "" } do
      local slots = share:open(key, 100, 60)
      local tag, rest = slots.leases:match "^sms:{([%w%%._:/=-]*)}:(%a+)$"
      assert.are.equal("leases", rest)
      assert.are.equal("sms:{" .. tag .. "}:state", slots.state)
      assert.is_nil(names[tag])
      names[tag] = true
    end
  end)

  it("free themselves where the attempt never ends", function()
    local slots = limit:settled(1)
    local began = core.now()
    limit:take(slots)
    local waited = limit:wait_for(slots) - began
    assert.is_true(waited >= LEASE + W and waited < LEASE + W + 0.25)
  end)

  it("make nobody wait longer than a W for one in use", function()
    local slots = limit:settled(1)
    limit:take(slots, 30)
    local _, wait = limit:take(slots)
    assert.is_true(wait <= W)
  end)

  it("are counted", function()
    local slots = limit:settled(3)
    limit:take(slots)
    assert.are.equal(2, slots:available(core.now()))
    slots:hold(core.now() + 1)
    assert.are.equal(0, slots:available(core.now()))
  end)

  it("are 100,000 at most, and take no longer then", function()
    local slots = limit:settled(100000)
    local function quickest_round_trip() -- however busy the machine is in between
      local least = math.huge
      for _ = 1, 200 do
        local began = core.now()
        assert.is_string((limit:take(slots, 60)))
        least = math.min(least, core.now() - began)
      end
      return least
    end
    local few = quickest_round_trip()
    for chunk = 1, 99 do
      assert(server:command("EVAL", [[
        for i = 1, 1000 do
          local name = ARGV[1] * 1000 + i
          redis.call('ZADD', KEYS[1], 9e15 + name, name)
        end
        redis.call('HSET', KEYS[2], 'taken', redis.call('ZCARD', KEYS[1]))
        return 1]], 2, slots.leases, slots.state, chunk))
    end
    assert.is_true(quickest_round_trip() < 10 * few)
    assert.are.equal(100000 - 99000 - 400, slots:available(core.now()))
  end)

  it("refuse limits that make no sense", function()
    for _, bad in ipairs { { 0, 1 }, { 100001, 1 }, { 1.5, 1 }, { 1, 0 }, { 1, 86401 } } do
      local slots, why = share:open("key", bad[1], bad[2])
      assert.is_nil(slots)
      assert.are.equal("invalid", why)
    end
  end)

  it("are asked for with two functions", function()
    assert.has_error(function() redis.new {} end, "connect: a function was expected")
    assert.has_error(function() redis.new { connect = print } end,
      "release: a function was expected")
  end)

  it("give every lease another name, however often they are asked", function()
    local slots, seen = limit:settled(1000), {}
    for _ = 1, 500 do
      local index = limit:take(slots)
      assert.is_nil(seen[index])
      seen[index] = true
    end
  end)

  it("estimate a delay without asking", function()
    local slots = limit:settled(2)
    assert.are.equal(0, slots:delay(core.now(), 1))
    limit:take(slots)
    limit:take(slots)
    local now = core.now()
    local _, wait = slots:acquire(now, LEASE)
    assert_about(wait, slots:delay(now, 1))
    assert_about(wait, slots:delay(now, 2))
    assert_about(wait + W, slots:delay(now, 3))
    assert.are.equal(0, slots:delay(now + 5, 2))
  end)
end)
