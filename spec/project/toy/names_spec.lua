-- Nothing under lua/sms names a provider, but for what is the provider's own and what makes it one
-- of the library's; and the third provider (spec/support/toy) is one like the others.

local house = require "spec.support.rooms.house"
local rules = require "spec.support.rooms.rules"
local tokens = require "spec.support.rooms.tokens"
local tree = require "spec.support.rooms.tree"

local NAMES = { "nexmo", "retarus", "vonage" }

-- What may: the providers themselves, what users require, and what is generated.
local MAY = { "^lua/sms/providers/", "^lua/sms/init%.lua$", "^lua/sms/testing%.lua$",
  "^lua/sms/meta%.lua$" }

--- The lines of a program that name a provider, in a name or a string; comments may.
local function naming(text)
  local lines = {}
  for _, token in ipairs(tokens.of(text)) do
    for _, name in ipairs(NAMES) do
      if token.text:lower():find(name, 1, true) and lines[#lines] ~= token.line then
        lines[#lines + 1] = token.line
      end
    end
  end
  return lines
end

local function may_name(path)
  for _, pattern in ipairs(MAY) do
    if path:find(pattern) then return true end
  end
  return false
end

describe("The rule that nobody names a provider", function()
  for text, lines in pairs {
    ["-- Nexmo\n--[[ retarus\n]] return 1"] = {},
    ["return core.next_mo, 're' .. 'tarus'"] = {},
    ["return 1\nlocal nexmo = 1"] = { 2 },
    ["return { Nexmo_id = 1 }, sms.retarus"] = { 1 },
    ['return\n"a client of sms.nexmo" -- nexmo'] = { 2 },
    ["local a = [[\n\nVonage]]\nreturn 'https://x.RETARUS.com'"] = { 1, 4 },
    ['require "sms.providers.nexmo.codes"'] = { 1 },
  } do
    it("judges " .. text:gsub("%s+", " "), function()
      assert.same(lines, naming(text))
    end)
  end

  it("is kept by every module", function()
    local named, paths = {}, tree.files "lua/sms -name '*.lua'"
    for _, path in ipairs(paths) do
      for _, line in ipairs(may_name(path) and {} or naming(tree.read(path))) do
        named[#named + 1] = path .. ":" .. line
      end
    end
    assert.same({}, named)
    assert.is_true(#paths > 50)
  end)
end)

describe("A third provider", function()
  it("requires what a provider may, and would be refused otherwise", function()
    house.add_provider "toy"
    for _, path in ipairs(tree.files "spec/support/toy -name '*.lua'") do
      local text = tree.read(path):gsub("spec%.support%.toy", "sms.providers.toy")
      local there = path:gsub("^spec/support/toy", "lua/sms/providers/toy")
      assert.same({}, rules.check(house, there, text))
      assert.same({ there .. ":1: requires sms.call, which providers/toy may not" },
        rules.check(house, there, 'require "sms.call" ' .. text))
    end
  end)
end)
