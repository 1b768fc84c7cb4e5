-- A Redis that loses data while workers run: what those who live know is told again, and what only
-- workers know that are gone becomes ambiguous. Nothing is sent twice.

local outboxes = require "spec.support.outbox.outboxes"
local process = require "spec.support.process"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local socket = require "socket"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local list_of, count_of = texts.list_of, texts.count_of

local LEASE = 1.5 -- seconds
local COUNT = 40

describe("A Redis that loses data", function()
  local box = sandbox.for_specs()
  local server, replica, current, outbox, warnings, told

  setup(function() server, replica = redis_server.start(outboxes.DURABLE),
    redis_server.start(outboxes.DURABLE)
  end)
  teardown(function()
    server:stop()
    replica:stop()
  end)

  local function open()
    return assert(outboxes.new(server, {
      name = outbox and outbox.name,
      connect = function() return redis_client.connect(current.port, 1) end,
      release = function(client) client:close() end,
    }))
  end

  before_each(function()
    current, outbox, warnings, told = server, nil, {}, {}
    outbox = open()
  end)

  local function key_of(one) return one["client-ref"] end

  local function add(count, options)
    local given = { key = key_of }
    for name, value in pairs(options or {}) do given[name] = value end
    return assert(outbox:add(list_of(count or COUNT), given))
  end

  --- A worker of its own; it is gone where nobody asks it any more.
  local function worker(block)
    local nexmo = wire.nexmo(box, { on_event = function(event)
      if event.name == "warning" then warnings[#warnings + 1] = event.message end
    end })
    return nexmo:send_all(open():source { lease = LEASE, block = block or 0.3 }, { in_flight = 2 })
  end

  --- So many rounds of a worker, or all.
  local function tell(items, count, events)
    for _ = 1, count or math.huge do
      local sent, _, err = items()
      if sent == nil then break end
      assert(sent, err)
      local ref = sent["client-ref"]
      assert.is_nil(told[ref], ref)
      told[ref] = err and err.outcome or "accepted"
      for at, event in pairs(events or {}) do
        if count_of(told) == at then event() end
      end
    end
  end

  --- Workers side by side; what happens when so many items have been told.
  local function tell_all(workers, events)
    local bodies = {}
    for i = 1, workers do
      bodies[i] = function() tell(worker(), nil, events) end
    end
    for _, ended in ipairs(sms.all(bodies)) do assert.is_nil(ended[2]) end
  end

  --- Nothing arrived twice, and everything else is ambiguous.
  local function assert_once(count)
    local seen, ambiguous = {}, {}
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
    end
    for _, one in ipairs(outbox:ambiguous()) do ambiguous[one.key] = true end
    for i = 1, count or COUNT do
      local ref = "r" .. i
      assert.is_true(seen[ref] or ambiguous[ref] or false, ref)
    end
    return count_of(ambiguous)
  end

  local function state(name, of)
    return tonumber((of or current):command("HGET", outbox.keys[1], name) or nil)
  end

  local function follow()
    replica:follow(server)
    process.wait("the replica", 5, function()
      return state("clock", replica) == state("clock", server)
    end)
    replica:promote()
  end

  -- What is left behind, and what comes in its place.
  local ways = {
    ["since a replica takes over"] = {
      cut = follow,
      lose = function() current = replica end,
    },
    ["since an older copy comes back"] = {
      cut = function() server:keep() end,
      lose = function() server:restart { with = "copy" } end,
    },
  }

  for name, way in pairs(ways) do
    describe("that it had, " .. name, function()
      it("is told all by those who live", function()
        add()
        tell_all(2, { [8] = way.cut, [20] = way.lose })
        assert.equal(0, assert_once())
        assert.equal(COUNT, count_of(told))
        for i = 1, COUNT do assert.equal("accepted", outbox:result("r" .. i).outcome) end
        assert.matches("has lost the last", warnings[1])
      end)

      it("takes what a worker began that is gone for ambiguous, and no more", function()
        add()
        local living, gone = worker(), worker()
        tell(living, 5)
        tell(gone, 3)
        way.cut()
        local most = -state "takes" + state "taken" + state "begun"
        tell(gone, 8)
        most = most + state "takes" -- what was taken then, and what was held before
        tell(living, 4)
        told = {} -- what is ambiguous is told again
        way.lose()
        tell(living)
        local ambiguous = assert_once()
        assert.is_true(ambiguous >= 8 and ambiguous <= most, ambiguous .. " of " .. most)
        for _, one in ipairs(outbox:ambiguous()) do
          assert.equal("ambiguous", outbox:result(one.id).outcome)
        end
        local status = outbox:status()
        assert.same({ 0, 0, 0, ambiguous },
          { status.queued, status.taken, status.begun, status.ambiguous })
      end)
    end)
  end

  for _, how in ipairs { { with = "data", kindly = true }, { with = "data" } } do
    local name = how.kindly and "restarts" or "is killed"
    it(("has lost nothing where it %s, and nothing is ambiguous"):format(name), function()
      add()
      local function restart() server:restart(how) end
      tell_all(2, { [10] = restart, [20] = restart })
      assert.equal(0, assert_once())
      assert.equal(COUNT, count_of(told))
    end)
  end

  it("knows what workers hold, and the keys of what they sent, though it was flushed", function()
    add()
    local living = worker()
    tell(living, 10)
    server:command("FLUSHALL")
    tell(living)
    local sent = assert_once(0) == 0 and box:count()
    assert.is_true(sent >= 10 and sent < COUNT, sent)
    local list, new = add(), 0
    for _, one in ipairs(list) do new = new + (one.is_new and 1 or 0) end
    assert.equal(COUNT - sent, new)
    tell(worker())
    assert.equal(0, assert_once())
    assert.equal(COUNT, count_of(told))
  end)

  it("is told what a worker holds whose leases it is just renewing", function()
    add(2)
    server:keep()
    box:fault { ref = "r2", kind = "latency", seconds = 2 * LEASE }
    tell(worker(), nil, { function()
      server:restart { with = "copy" }
      socket.sleep(LEASE / 2)
    end })
    assert.equal(0, assert_once(2))
    assert.same({ r1 = "accepted", r2 = "accepted" }, told)
  end)

  it("sends what is sent again by hand, though it restarts before that", function()
    add(1)
    box:fault { ref = "r1", kind = "latency", seconds = 0.5 }
    local living = wire.nexmo(box, { timeout = 0.2 }):send_all(
      open():source { lease = LEASE, block = 0.3 }, {})
    tell(living, 1)
    box:clear_faults()
    assert(outbox:resend "r1")
    server:restart { with = "data" }
    told = {}
    tell(living)
    assert.same({ { r1 = "accepted" }, {} }, { told, outbox:ambiguous() })
  end)

  it("takes what is added again for what a worker has, though it was flushed before", function()
    add()
    local living = worker()
    tell(living, 10)
    server:command("FLUSHALL")
    local list = add()
    tell(living)
    assert.equal(0, assert_once())
    assert.equal(COUNT, count_of(told))
    for i, one in ipairs(list) do
      assert.equal("accepted", outbox:result(one.id).outcome)
      assert.equal("accepted", outbox:result("r" .. i).outcome)
    end
  end)
end)
