-- The share of the slots that send_all may hold: single calls never wait behind it.

local core = require "sms.core"
local limits = require "sms.limits"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_limit = require "spec.support.servers.redis_limit"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local windows = require "spec.support.windows"
local wire = require "spec.support.wire"

local LONG = os.getenv "SMS_TEST_LONG"
local GRACE = 0.25 -- seconds for a busy machine
local CALLS, PERIOD = 20, 0.5

local function item(ref)
  return { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = ref }
end

describe("Beside send_all", function()
  local box = sandbox.for_specs()

  local function client(share, calls, period)
    local key = ("share%.0f"):format(core.random() * 2 ^ 32)
    local nexmo = wire.nexmo(box, { timeout = 1, api_key = key,
      rate_limit = { calls = calls or CALLS, period = period or PERIOD, share = share } })
    box:settings { nexmo_key = nexmo.identity }
    return nexmo
  end

  --- Sends campaigns flat out, and codes now and then; how long the codes took.
  local function codes_beside(nexmo, share_of_slots, codes, pause)
    local waits, is_over = {}, false
    sms.all {
      function()
        local i = 0
        local function source()
          i = i + 1
          return item("bulk" .. i)
        end
        local run = nexmo:send_all(source, { use = share_of_slots })
        for sent, _, err in run do
          assert.is_nil(err)
          assert.is_table(sent)
          if is_over then run:close() end
        end
      end,
      function()
        for i = 1, codes do
          require("sms.runtime").here().sleep(pause)
          local began = core.now()
          assert(nexmo:send_sms(item("code" .. i)))
          waits[i] = core.now() - began
        end
        is_over = true
      end,
    }
    return waits
  end

  local shares = { process = "process", machine = "machine" }
  if LONG then
    shares.Redis = redis_server.start()
    teardown(function() shares.Redis:stop() end)
  end
  for name, share in pairs(shares) do
    it(("single calls get their slots at once, and the limit holds (%s)"):format(name), function()
      local nexmo = client(name == "Redis" and redis.new(redis_client.options(share.port)) or share)
      assert(nexmo:send_sms(item "first")) -- Redis lets nothing through for a while
      local waits = codes_beside(nexmo, 0.8, 8, 0.2)
      for i, wait in ipairs(waits) do
        assert.is_true(wait < GRACE, ("code %d waited %.3f s"):format(i, wait))
      end
      local arrivals, bulk = box:arrivals "send_sms", {}
      for _, arrival in ipairs(arrivals) do
        bulk[#bulk + 1] = arrival.ref:find "^bulk" and arrival or nil
      end
      assert.is_true(windows.most(arrivals, PERIOD) <= CALLS)
      local most = windows.most(bulk, PERIOD) -- Redis counts the codes among them
      assert.is_true(most <= 16 and most >= (name == "Redis" and 12 or 16), most)
      assert.is_true(#bulk >= 2 * 16, #bulk)
    end)
  end

  it("a call that waits goes first, even where there is one slot for all", function()
    local nexmo = client("process", 1, 0.2)
    local waits = codes_beside(nexmo, 0.8, 3, 0.1)
    for i, wait in ipairs(waits) do
      assert.is_true(wait < 0.2 + GRACE, ("code %d waited %.3f s"):format(i, wait))
    end
    assert.equal(1, windows.most(box:arrivals(), 0.2))
  end)

  it("without a share of their own, single calls wait a period at most", function()
    local waits = codes_beside(client "process", 1, 3, 0.2)
    for _, wait in ipairs(waits) do assert.is_true(wait < PERIOD * 1.1 + GRACE, wait) end
  end)

  it("several loops hold the share together", function()
    local nexmo = client("process", 10, 30)
    local runs, sent = {}, 0
    for i = 1, 3 do
      runs[i] = function()
        local items = {}
        for n = 1, 10 do items[n] = item(i .. "." .. n) end
        for _, result in nexmo:send_all(items, { use = 0.5, max_wait = 0 }) do
          sent = sent + (result and 1 or 0)
        end
      end
    end
    sms.all(runs)
    assert.same({ 5, 5 }, { sent, box:count() })
    for _ = 1, 5 do assert(nexmo:send_sms(item "code", { max_wait = 0 })) end
    assert.equal("rate_limited", select(2, nexmo:send_sms(item "code", { max_wait = 0 })).kind)
  end)

  it("a limit for each sender has its share too", function()
    local nexmo = wire.nexmo(box, { rate_limit = { calls = 4, period = 30, per = "from" },
      api_key = "from" .. core.random() })
    box:settings { nexmo_key = nexmo.identity }
    local items = {}
    for i = 1, 12 do items[i] = item("x" .. i) items[i].from = i % 2 == 0 and "Acme" or "Other" end
    local errs = 0
    for _, _, err in nexmo:send_all(items, { use = 0.5, max_wait = 0 }) do
      errs = errs + (err and 1 or 0)
    end
    assert.equal(4, box:count())
    assert.equal(8, errs)
    for _ = 1, 2 do assert(nexmo:send_sms(item "code", { max_wait = 0 })) end
  end)
end)

describe("Those who go behind the others", function()
  local count = 0

  local function new(calls, period)
    count = count + 1
    local settings = { limits = { { calls = calls, period = period } } }
    return limits.new("behind " .. count, settings, error)
  end

  it("have at least one slot", function()
    local all = new(1, 30)
    assert.is_truthy(all:acquire(core.now(), 1, {}, nil, 0.01))
  end)

  it("have the whole part of their share, rounding errors aside", function()
    for _, case in ipairs { { 10, 0.7, 7 }, { 100, 0.29, 29 }, { 10, 0.79, 7 }, { 3, 1, 3 } } do
      local all, taken = new(case[1], 30), 0
      while all:acquire(core.now(), 1, {}, nil, case[2]) do taken = taken + 1 end
      assert.equal(case[3], taken)
    end
  end)

  it("wait as long as anybody waits who does not", function()
    local all, now = new(2, 30), core.now()
    local first, second = all:acquire(now, 1, {}), all:acquire(now, 1, {})
    local _, _, place = all:acquire(now, 1, {})
    local none, wait, behind = all:acquire(now, 1, {}, nil, 1)
    assert.is_nil(none)
    assert.is_true(wait > 1)
    first:settle(false, now)
    assert.is_nil((all:acquire(now, 1, {}, behind, 1)))
    assert.is_truthy(all:acquire(now, 1, {}, place))
    second:settle(false, now)
    assert.is_truthy(all:acquire(now, 1, {}, behind, 1))
  end)

  it("go in the order in which they came", function()
    local all, now = new(1, 30), core.now()
    local held = all:acquire(now, 1, {}, nil, 1)
    local _, _, first = all:acquire(now, 1, {}, nil, 1)
    local _, _, second = all:acquire(now, 1, {}, nil, 1)
    held:settle(false, now)
    assert.is_nil((all:acquire(now, 1, {}, second, 1)))
    assert.is_truthy(all:acquire(now, 1, {}, first, 1))
  end)
end)

describe("Those who go behind the others, in Redis,", function()
  local server

  setup(function() server = redis_server.start() end)
  teardown(function() server:stop() end)

  it("get no slot once so many are held, by whomever", function()
    local share = redis.new(redis_client.options(server.port))
    local limit = redis_limit.new(server, share, { lease = 0.1, period = 0.3 })
    local slots = limit:settled(5)
    assert.is_string((slots:acquire(core.now(), 0.1)))
    for _ = 1, 3 do assert.is_string((slots:acquire(core.now(), 0.1, 4))) end
    local index, wait = slots:acquire(core.now(), 0.1, 4)
    assert.is_nil(index)
    assert.is_true(wait > 0 and wait <= 0.303)
    assert.is_true(slots:delay(core.now(), 1, 4) > 0)
    assert.equal(0, slots:delay(core.now(), 1))
    assert.is_string((slots:acquire(core.now(), 0.1)))
    assert.is_nil((slots:acquire(core.now(), 0.1)))
  end)
end)
