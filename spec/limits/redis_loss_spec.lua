-- A real Redis that loses its memory, or a key: no slot until what may have been lost is over.

local core = require "sms.core"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local socket = require "socket"

local LEASE, PERIOD = 0.3, 0.1
local W = PERIOD * 1.01

local count = 0
local server

local function open_at(port, calls)
  return redis.new(redis_client.options(port)):open("retarus:user" .. count, calls or 2, PERIOD)
end

local function take(slots, lease)
  return slots:acquire(core.now(), lease or LEASE)
end

local function settle(slots)
  slots:available(core.now())
  server:command("HSET", slots.state, "lost", 0)
end

--- Slots of a limit that has been used before; one is taken.
local function in_use()
  count = count + 1
  local slots = open_at(server.port)
  settle(slots)
  assert.is_string((take(slots)))
  return slots
end

--- Nobody gets a slot for LEASE + W; then all are there.
local function assert_held(slots, lease)
  lease = lease or LEASE
  local began = core.now()
  while true do
    local now = core.now()
    local index, wait, why = take(slots, lease)
    if index then
      assert.is_true(core.now() - began >= lease + W)
      break
    end
    assert(wait, why)
    assert.is_true(now - began < lease + W + 0.25)
    socket.sleep(math.min(wait, 0.05)) -- also earlier than told
  end
  assert.are.equal(1, slots:available(core.now()))
end

local function assert_not_held(slots)
  assert.is_string((take(slots)))
end

describe("slots in Redis", function()
  setup(function()
    server = redis_server.start()
  end)
  teardown(function() server:stop() end)

  it("are held at the very first use", function()
    count = count + 1
    assert_held(open_at(server.port))
  end)

  local losses = {
    ["everything was flushed"] = function() server:command("FLUSHALL") end,
    ["the state was evicted"] = function(slots) server:command("DEL", slots.state) end,
    ["the leases were evicted"] = function(slots) server:command("DEL", slots.leases) end,
    ["a lease is missing"] = function(slots)
      server:command("ZPOPMIN", slots.leases)
    end,
    ["the state is damaged"] = function(slots)
      server:command("HSET", slots.state, "lost", "garbage")
    end,
    ["a part of the state is missing"] = function(slots)
      server:command("HDEL", slots.state, "longest")
    end,
    ["another server had them"] = function(slots)
      server:command("HSET", slots.state, "server", "another:one")
    end,
    ["Redis was killed and came back with its data"] = function()
      server:restart { with = "data" }
    end,
    ["Redis was killed and came back with older data"] = function()
      server:restart { with = "copy" }
    end,
    ["Redis was killed and came back with nothing"] = function()
      server:restart { with = "nothing" }
    end,
  }
  for name, lose in pairs(losses) do
    it("are held where " .. name, function()
      server:keep()
      local slots = in_use()
      lose(slots)
      assert_held(open_at(server.port))
    end)
  end

  it("are not held where all is as it was", function()
    assert_not_held(in_use())
  end)

  it("are not held where leases expired of themselves", function()
    local slots = in_use()
    assert.is_true(server:command("PTTL", slots.leases) <= (LEASE + W) * 1000 + 1001)
    while server:command("EXISTS", slots.leases) == 1 do socket.sleep(0.05) end
    assert_not_held(open_at(server.port))
    assert.is_true(server:command("PTTL", slots.state) > 29 * 86400 * 1000)
  end)

  it("are not held where the last lease was given back", function()
    count = count + 1
    local slots = open_at(server.port)
    settle(slots)
    local index, claim = take(slots)
    slots:refund(index, claim, core.now())
    assert.are.equal(0, server:command("EXISTS", slots.leases))
    assert_not_held(slots)
  end)

  it("are held for the longest lease that anybody has asked for", function()
    local slots = in_use()
    take(slots, 0.6) -- the second and last: both are free again after the hold
    server:restart { with = "data" }
    local began = core.now()
    local other = open_at(server.port)
    local _, wait = take(other, 0.1)
    assert.is_true(wait > 0.6)
    socket.sleep(wait)
    assert.is_string((take(other, 0.1)))
    assert.is_true(core.now() - began >= 0.6 + W)
  end)

  it("are held longer where the first to ask was not the one with the longest lease", function()
    local slots = in_use()
    local patient = open_at(server.port)
    take(patient, 0.8)
    server:command("FLUSHALL")
    local hasty = open_at(server.port)
    take(hasty, 0.1)
    take(patient, 0.1)
    local _, wait = take(hasty, 0.1)
    assert.is_true(wait > 0.8)
    assert.are.equal(0, slots:available(core.now()))
  end)

  it("are busy again where an attempt outlasted the loss", function()
    local slots = in_use()
    local index, claim = take(slots, 5)
    server:command("FLUSHALL")
    slots:finish(index, claim, core.now())
    assert.are.equal(1, server:command("ZCARD", slots.leases))
    assert.is_nil((take(open_at(server.port))))
  end)

  it("do not come back early where the clock was set back", function()
    count = count + 1
    local slots = open_at(server.port, 1)
    settle(slots)
    local ahead = server:command("TIME")
    local clock = ahead[1] * 1e6 + ahead[2] + 5e5
    server:command("HSET", slots.state, "clock", ("%.0f"):format(clock)) -- it was ahead
    local index, claim = take(slots)
    assert.is_true(tonumber(index) > clock)
    slots:finish(index, claim, core.now())
    local began = core.now()
    local _, wait = take(slots)
    assert.is_true(wait > 0.4 and wait <= 0.5 + W)
    socket.sleep(wait)
    repeat
      index, wait = take(slots)
      if not index then socket.sleep(wait) end
    until index
    assert.is_true(core.now() - began > 0.4 + W)
  end)
end)

describe("slots in a Redis with a replica", function()
  local replica

  setup(function()
    server, replica = redis_server.start(), redis_server.start()
  end)
  teardown(function()
    server:stop()
    replica:stop()
  end)

  local function follow(follower, leader)
    follower:command("REPLICAOF", "127.0.0.1", leader.port)
    repeat
      socket.sleep(0.02)
    until follower:command("INFO", "replication"):match "master_link_status:up"
  end

  local function assert_reaches(follower, slots)
    local give_up = core.now() + 5
    while follower:command("HGET", slots.state, "taken") ~= "1" do
      assert.is_true(core.now() < give_up)
      socket.sleep(0.01)
    end
  end

  it("are given by the master alone, and held when another one takes over", function()
    follow(replica, server)
    local slots = in_use()
    assert_reaches(replica, slots)
    local there = open_at(replica.port)
    local index, wait, why = take(there)
    assert.is_nil(index)
    assert.is_nil(wait)
    assert.truthy(why:find("READONLY", 1, true))
    replica:command("REPLICAOF", "NO", "ONE")
    assert_held(there)
  end)

  it("are held when a master comes back that was one before", function()
    follow(replica, server)
    assert_reaches(replica, in_use())
    follow(server, replica)
    server:command("REPLICAOF", "NO", "ONE") -- nobody has asked the other one meanwhile
    assert_held(open_at(server.port))
  end)
end)

describe("slots in a Redis Cluster", function()
  setup(function()
    server = redis_server.start "--cluster-enabled yes"
    server:command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
    repeat
      socket.sleep(0.05)
    until server:command("CLUSTER", "INFO"):match "cluster_state:ok"
  end)
  teardown(function() server:stop() end)

  it("work", function()
    local slots = in_use()
    local index, claim = take(slots)
    assert.is_true(slots:refund(index, claim, core.now()))
    assert.is_true(slots:hold(core.now()))
    assert.are.equal(1, slots:available(core.now()))
  end)
end)
