-- The README is read in a few minutes and leads to every guide; what they list is all there is.

local registry = require "sms.base.registry"
local tree = require "spec.support.rooms.tree"

require "sms" -- makes its providers

local readme = tree.read "README.md"

local function assert_named(text, name, where)
  assert(text:find("`" .. name .. "`", 1, true), ("%s does not name `%s`"):format(where, name))
end

--- The words of a list of strings in docs/types/errors.lua, by the name of its type.
local function words_of(type_name)
  local words, inside = {}, false
  for line in tree.read("docs/types/errors.lua"):gmatch "[^\n]+" do
    inside = line:find("@alias " .. type_name, 1, true) or inside and line:find "^%-%-%-|"
    words[#words + 1] = inside and line:match '^%-%-%-| ?"([^"]+)"' or nil
  end
  assert(words[1], type_name)
  return words
end

describe("The README", function()
  it("is read in a few minutes", function()
    local _, lines = readme:gsub("\n", "")
    assert.is_true(lines <= 160, lines)
  end)

  it("leads to every guide, and to every other page", function()
    for _, path in ipairs(tree.files "CHANGELOG.md CONTRIBUTING.md docs sandbox -name '*.md'") do
      assert(readme:find("](" .. path .. ")", 1, true), path)
    end
  end)

  it("names every operation", function()
    for _, provider in ipairs(registry.list()) do
      for _, operation in ipairs(provider.operations) do
        assert_named(readme, operation[1], "README.md")
      end
    end
  end)

  it("has every outcome", function()
    for _, word in ipairs(words_of "sms.error_outcome") do
      assert_named(readme, word, "README.md")
    end
  end)
end)

describe("The guide of errors", function()
  local path = "docs/guides/errors.md"
  local text = tree.read(path)

  for _, type_name in ipairs { "sms.error_kind", "sms.error_outcome" } do
    it("has every " .. type_name, function()
      for _, word in ipairs(words_of(type_name)) do
        assert(text:find("\n| `" .. word .. "` |", 1, true), word)
      end
    end)
  end
end)
