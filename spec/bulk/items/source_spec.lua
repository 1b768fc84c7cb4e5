-- A list with a hole as the source of send_all.

local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local item, collect, count_of = texts.item, texts.collect, texts.count_of

describe("A list as the source of send_all", function()
  local box = sandbox.for_specs()

  for name, case in pairs {
    ["after its first item"] = { { item(1), nil, item(3) }, 1, 2, 3 },
    ["at its start"] = { { nil, item(2) }, 0, 1, 2 },
    ["of several items"] = { { item(1), item(2), nil, nil, nil, item(6), nil, item(8) }, 2, 3, 6 },
    ["made by hand"] = { { [1] = item(1), [40] = item(40), [9] = item(9) }, 1, 2, 9 },
  } do
    it("ends the run where it has a hole " .. name, function()
      local seen, errs, fatal = collect(wire.nexmo(box), case[1], { in_flight = 1 })
      assert.same({}, errs)
      assert.equal(case[2], count_of(seen))
      assert.equal(case[2], box:count())
      assert.same({ "invalid", "not_sent" }, { fatal.kind, fatal.outcome })
      assert.matches(("item %d of the source is missing, and item %d is there")
        :format(case[3], case[4]), fatal.message)
    end)
  end

  it("may have a metatable that raises, or knows no length", function()
    local seen, _, fatal = collect(wire.nexmo(box), setmetatable({ item(1) }, {
      __len = function() return {} end, __index = function() error "no item" end }),
      { in_flight = 1, on_progress = function() end })
    assert.same({ r1 = 1 }, seen)
    assert.same({ "internal", "not_sent" }, { fatal.kind, fatal.outcome })
    assert.matches("the source of the items raised an error: .*no item", fatal.message)
  end)

  it("has no hole where a last one is missing, nor by what has no place", function()
    local list = { item(1), nil, n = 2, [0] = item(0), [1.5] = item(5), [2.5] = item(7),
      [-1] = item(9) }
    local seen, _, fatal = collect(wire.nexmo(box), list)
    assert.is_nil(fatal)
    assert.same({ r1 = 1 }, seen)
  end)

  it("is one: a single item by itself ends the run", function()
    local seen, _, fatal = collect(wire.nexmo(box), item(1))
    assert.same({ 0, 0 }, { count_of(seen), box:count() })
    assert.same({ "invalid", "not_sent" }, { fatal.kind, fatal.outcome })
    assert.matches("the source is no list of items", fatal.message)
    for _, empty in ipairs { { n = 0 }, { [0] = item(0), [false] = item(1) } } do
      assert.is_nil((select(3, collect(wire.nexmo(box), empty))))
    end
  end)

  it("goes on in the same journal once the hole is filled", function()
    local path = os.tmpname()
    os.remove(path)
    local options = { journal = path, in_flight = 1 }
    local _, _, fatal = collect(wire.nexmo(box), { item(1), nil, item(3) }, options)
    assert.is_table(fatal)
    assert.same({ r2 = 1, r3 = 1 },
      (collect(wire.nexmo(box), { item(1), item(2), item(3) }, options)))
    os.remove(path)
  end)
end)
