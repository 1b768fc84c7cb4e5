-- What in Lua follows the host's locale, in a way that does not; suites_spec.lua shows it in
-- such locales.

local plain = require "sms.base.plain"
local tree = require "spec.support.rooms.tree"

-- What a line of the library must not have, and the lines that may: an own order, whole numbers.
local FOLLOWS = {
  { "[:.]lower%(", "plain%.lower%(" }, { "[:.]upper%(", "plain%.upper%(" },
  { "table%.sort%([^,()]*%)" },
  { "%%[.%d]*[gG]%f[%A]", "plain%.number%(" }, { "%%%.%d+f%f[%A]", "plain%.number%(" },
  { "%%[wWpPcCuUlL]%f[%A]" }, -- letters beyond ASCII, where they have one byte
  { "os%.date%(\"[^\"]*%%[aAbBcpxX]" },
}

local APART = { ["lua/sms/base/plain.lua"] = true, ["lua/sms/meta.lua"] = true,
  ["lua/sms/limits/redis_scripts.lua"] = true } -- runs in Redis

local function problems_of(line)
  line = line:gsub("%%%.0f", ""):gsub("%%%%", "")
  for i, rule in ipairs(FOLLOWS) do
    local rest = rule[2] and line:gsub(rule[2] .. "[^)]*", "") or line
    if rest:find(rule[1]) then return i end
  end
end

describe("What is plain", function()
  it("has letters in another case, but for what is not ASCII", function()
    assert.equal("authorization-i[@`{É", plain.lower "AUTHORIZATION-I[@`{É")
    assert.equal("QUITTING[@`{é", plain.upper "quitting[@`{é")
    assert.equal("", plain.lower "")
  end)

  it("has texts in the order of their bytes", function()
    local list = { "b", "a_b", "ab", "a-b", "A", "", "é", "a", "a\0", "Z" }
    table.sort(list, plain.is_before)
    assert.same({ "", "A", "Z", "a", "a\0", "a-b", "a_b", "ab", "b", "é" }, list)
    assert.is_false(plain.is_before("a", "a"))
  end)

  it("has numbers with a point", function()
    for expected, case in pairs { ["0.5"] = { "%g", 0.5 }, ["-1.25"] = { "%.14g", -1.25 },
      ["2.00"] = { "%.2f", 2 }, ["1e+20"] = { "%g", 1e20 }, ["1.5e-07"] = { "%g", 1.5e-7 },
      ["-7"] = { "%g", -7 }, ["12"] = { "%d", 12 } } do
      assert.equal(expected, plain.number(case[1], case[2]))
    end
    for point, expected in pairs { [","] = "2.5", ["\217\171"] = "2.5", ["."] = "2.5" } do
      assert.equal(expected, plain.number("2" .. point .. "5", 0))
    end
  end)
end)

describe("A module", function()
  it("uses nothing that follows the host's locale", function()
    local found = {}
    for _, path in ipairs(tree.files "lua/sms -name '*.lua'") do
      local number = 0
      for line in (tree.read(path) .. "\n"):gmatch "(.-)\n" do
        number = number + 1
        if not APART[path] and not line:find "^%s*%-%-" and problems_of(line) then
          found[#found + 1] = ("%s:%d: %s"):format(path, number, line)
        end
      end
    end
    assert.same({}, found)
  end)

  it("is found to use something that does", function()
    for _, line in ipairs { 'name:lower()', "string.upper(name)", "table.sort(names)",
      '("%g s"):format(2)', '("%.2f"):format(2)', '("%.14g"):format(plain)',
      'os.date("!%a, %d")', 'text:find "[%w_]"' } do
      assert.is_truthy(problems_of(line), line)
    end
    for _, line in ipairs { "plain.lower(name)", "table.sort(names, plain.is_before)",
      'plain.number("%g", 2)', '("%.0f"):format(2)', '("%d %s"):format(1, plain.number("%.2f", 2))',
      'os.date("!%Y-%m-%d")' } do
      assert.is_nil(problems_of(line), line)
    end
  end)
end)
