-- A layout that would lead a pass astray is refused when the pass is made, whoever hands it over.

local core = require "sms.core"

-- As schema/layout.lua numbers them.
local STRING, ARRAY, RECORD = 1, 5, 6
local ROOT = { kind = RECORD, first = 2, count = 1 }
local NAMED = { name = "a", head = '"a":', kind = STRING }

--- Records in each other.
local function nested(depth)
  local nodes = {}
  for i = 1, depth do
    nodes[i] = { name = "a", head = '"a":', kind = RECORD, first = i + 1, count = 1 }
  end
  nodes[#nodes + 1] = NAMED
  return nodes
end

local function many(count)
  local nodes = { { kind = RECORD, first = 2, count = count } }
  for i = 1, count do
    nodes[i + 1] = { name = "n" .. i, kind = STRING }
  end
  return nodes
end

local function with(changes)
  local root = { kind = RECORD, first = 2, count = 1 }
  for name, value in pairs(changes) do root[name] = value end
  return { root, NAMED }
end

local WRONG = {
  ["without nodes"] = {},
  ["of something else than nodes"] = { 7 },
  ["with children behind its end"] = { { kind = RECORD, first = 2, count = 2 }, NAMED },
  ["with children far away"] = { { kind = RECORD, first = 2000000, count = 1 }, NAMED },
  ["with children before their node"] = { ROOT,
    { name = "a", kind = ARRAY, first = 1, count = 1 } },
  ["with a node in itself"] = { { kind = ARRAY, first = 1, count = 1 } },
  ["with a node in two places"] = { { kind = RECORD, first = 2, count = 2 },
    { name = "a", kind = ARRAY, first = 3, count = 1 }, NAMED },
  ["with a list of nothing"] = { { kind = RECORD, first = 2, count = 1 },
    { name = "a", kind = ARRAY } },
  ["with a field without a name"] = { ROOT, { kind = STRING } },
  ["with more fields than bits"] = many(33),
  ["that is too deep"] = nested(20),
  ["with another kind"] = with { kind = 99 },
  ["with half a kind"] = with { kind = 1.5 },
  ["with a count that is no number"] = with { count = 0 / 0 },
  ["with a count below 0"] = with { count = -1 },
  ["with an endless count"] = with { count = math.huge },
  ["with too much to add"] = with { added = 2 ^ 31 },
  ["that needs fields without bits"] = with { needed = 2 ^ 40 },
  ["with a shorthand of no field"] = with { shorthand = 2 },
  ["with a shorthand without a head"] = { { kind = RECORD, first = 2, count = 1, shorthand = 1 },
    { name = "a", kind = STRING } },
  ["with a name that is none"] = { ROOT, { name = {}, kind = STRING } },
  ["with a text of no field"] = { ROOT, NAMED, text = 5, type = 1, misfit = "b" },
  ["with a text and no type"] = { ROOT, NAMED, text = 1, misfit = "b" },
  ["with a type that has no misfit"] = { ROOT, NAMED, text = 1, type = 1 },
}

describe("A layout", function()
  for name, nodes in pairs(WRONG) do
    it(name .. " is refused", function()
      assert.has_error(function() core.reader(nodes) end)
      assert.has_error(function() core.writer(nodes, {}) end)
    end)
  end

  it("of a list is none of params", function()
    local nodes = { { kind = ARRAY, first = 2, count = 1 }, { kind = STRING } }
    assert.same({ "a" }, core.reader(nodes)('["a"]'))
    assert.has_error(function() core.writer(nodes, {}) end)
  end)

  it("serves though its table is changed, and its strings are gone from there", function()
    local nodes = { { kind = RECORD, first = 2, count = 1 } }
    nodes[2] = { name = "of its own " .. #nodes, head = '"of its own":', kind = STRING }
    local name = nodes[2].name
    local read, write = core.reader(nodes), core.writer(nodes, { false, false })
    nodes[1], nodes[2] = nil, nil
    collectgarbage()
    collectgarbage()
    assert.same({ [name] = "b" }, read('{"of its own 1":"b"}'))
    nodes.json = 1
    assert.equal('"of its own":b', write { [name] = "b" })
  end)
end)
