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
end)
