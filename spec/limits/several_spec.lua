-- Several limits at once: a call takes a slot of each or of none.

local core = require "sms.core"
local limits = require "sms.limits"

describe("Several limits at once", function()
  local told, count = nil, 0

  --- Slots of which so many are left, as limits see them; tells what is done to them.
  local function slots_of(name, left)
    local function tell(what)
      return function() told[#told + 1] = what .. " " .. name end
    end
    return {
      acquire = function(self)
        tell "take"()
        if left == 0 then return nil, 0.5 end
        left = left - 1
        return self, 1
      end,
      delay = function() return left > 0 and 0 or 0.5 end,
      finish = tell "finish", refund = tell "refund", hold = tell "hold", close = tell "close",
    }
  end

  local function limits_with(...)
    told, count = {}, count + 1
    local list = {}
    for i, left in ipairs { ... } do
      local share = { open = function() return slots_of(i, left) end }
      list[i] = { calls = i, period = 1, share = share }
    end
    return limits.new("limits " .. count, { limits = list }, error)
  end

  it("are taken in their order, and all are given back", function()
    local all = limits_with(2, 2, 2)
    local claims = all:acquire(0, 1, {})
    claims:settle(true, 0)
    claims:settle(false, 0)
    claims:hold(1)
    assert.equal("take 1 take 2 take 3 finish 1 finish 2 finish 3 refund 1 refund 2 refund 3 "
      .. "hold 1 hold 2 hold 3", table.concat(told, " "))
  end)

  it("are taken once what others in the process announced has been looked at", function()
    local all = limits_with(1)
    core.announce("limits news", "[]") -- nobody holds it
    collectgarbage()
    collectgarbage()
    assert.is_true(core.has_news())
    assert.is_table(all:acquire(0, 1, {}))
    assert.is_false(core.has_news())
    assert.same({ "take 1" }, told)
  end)

  it("are given back at once where one has no slot", function()
    local all = limits_with(2, 2, 0)
    local claims, wait = all:acquire(0, 1, {})
    assert.is_nil(claims)
    assert.equal(0.5, wait)
    assert.equal("take 1 take 2 take 3 refund 1 refund 2", table.concat(told, " "))
  end)

  it("are taken and given back together in the process, too", function()
    count = count + 1
    local all = limits.new("limits " .. count, { limits = {
      { calls = 2, period = 60 }, { calls = 1, period = 30 },
    } }, error)
    local now = core.now()
    local function free()
      local list = all:free(now)
      return list[1].slots .. " " .. list[2].slots
    end
    local claims = all:acquire(now, 1, {})
    assert.equal("1 0", free())
    local none, wait, place = all:acquire(now, 1, {})
    assert.is_nil(none)
    limits.leave(place)
    assert.is_true(wait > 0 and wait <= 30.3)
    assert.equal("1 0", free())
    claims:settle(false, now)
    assert.equal("2 1", free())
    claims = all:acquire(now, 1, {})
    claims:hold(now + 5)
    claims:settle(true, now)
    assert.equal("0 0", free())
    all:close()
    claims:settle(true, now) -- a closed limit is left alone
  end)

  --- Limits of one store, whose slots are these.
  local function limits_of(slots, more)
    local limit = { calls = 2, period = 1, share = { open = function() return slots end } }
    for name, value in pairs(more or {}) do limit[name] = value end
    count = count + 1
    return limits.new("limits " .. count, { limits = { limit } },
      function(message) told[#told + 1] = message end)
  end

  it("give none, in words, where a store has no answer at all", function()
    local all = limits_of { acquire = function() end, close = function() end }
    local claims, wait, why = all:acquire(0, 1, {})
    assert.same({ true, true }, { claims == nil, wait == nil })
    assert.is_string(why)
  end)

  it("tell what a store warns of while it has no slot", function()
    told = {}
    local slots = { close = function() end, warning = function() return "it was damaged" end,
      acquire = function() return nil, 0.5 end, delay = function() return 0.5 end }
    local claims, wait = limits_of(slots):acquire(0, 1, {})
    assert.is_nil(claims)
    assert.equal(0.5, wait)
    assert.same({ "it was damaged" }, told)
  end)

  it("with `per` are not among those that are known before a call", function()
    local all = limits_of({}, { per = "from" })
    assert.same({ {}, {} }, { all:known(), all:free(0) })
    assert.equal(1, #limits_of({}):known())
  end)

  it("ask no store how many slots are free where only what is near counts", function()
    local all = limits_of { available = function() return 2 end, close = function() end }
    assert.same({}, all:free(0, true))
    assert.equal(2, all:free(0, false)[1].slots)
  end)

  it("may be those that another client has described", function()
    local described = require("sms.limits.described").new({ calls = 1, period = 60 }, {})
    local one = limits.new("limits described", { limits = { described } }, error)
    local other = limits.new("limits described", { limits = { { calls = 1, period = 60 } } }, error)
    assert.equal(one.line, other.line)
  end)

  it("are those of the machine where nginx is, which has several processes by nature", function()
    local described = require "sms.limits.described"
    local had = rawget(_G, "ngx")
    finally(function() rawset(_G, "ngx", had) end)
    for share, ngx in pairs { machine = {}, process = false } do
      rawset(_G, "ngx", ngx)
      assert.equal(share, described.new({ calls = 1, period = 60 }, {}).share)
    end
  end)

  it("are shared anew where another part of them is to be used", function()
    local slots = require "sms.limits.slots"
    local all = {}
    assert.is_nil(slots.shares(all))
    local half = slots.shares(all, 0.5)
    assert.equal(half, slots.shares(all, 0.5))
    assert.are_not.equal(half, slots.shares(all, 0.25))
  end)

  it("hold nothing for a quota where nobody asks for one, or a store knows none", function()
    local slots = require "sms.limits.slots"
    local all = { { held = function() return 3 end }, {} }
    assert.equal(0, slots.held(all, 0))
    assert.equal(3, slots.held(all, 0, 1))
  end)

  it("say that a connection to Redis is no client", function()
    local link = require "sms.limits.redis_link"
    for _, client in ipairs { 5, "redis", {} } do
      local answer, why = link.new(function() return client end, function() end):ask("", {})
      assert.is_nil(answer)
      assert.matches("connect gave no client", why)
    end
  end)
end)
