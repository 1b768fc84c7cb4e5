-- What may require what below lua/sms, and how full a folder may be.

local command = require "spec.support.rooms.command"
local HOUSE = require "spec.support.rooms.house"
local requires = require "spec.support.rooms.requires"
local rules = require "spec.support.rooms.rules"
local tree = require "spec.support.rooms.tree"

local MOST = 12 -- modules in a folder

-- What a file may have, by where it lies. A spec is one function, and cases are data.
local LENGTHS = {
  ["bench bin demo docs examples lua sandbox tools -name '*.lua' ! -path '*/spec/*'"] = {
    lines = 250, functions = 40 },
  ["spec sandbox/spec examples -name '*.lua' ! -path 'spec/cases/*' ! -path 'spec/kept/*'"] = {
    lines = 250 },
  ["src bench -name '*.[ch]'"] = { lines = 400, functions = 40 },
  ["spec -name '*.[ch]'"] = { lines = 400 },
}

-- Each: the file, its text, and the problems without the path.
local CASES = {
  ["a require of a room below"] = { "wire/a", 'local json = require "sms.base.json"' },
  ["a require of the same room"] = { "wire/a", 'require "sms.wire.auth"' },
  ["a require through several rooms"] = { "bulk/a", "require 'sms.schema'" },
  ["a require of a room above"] = { "wire/a", '-- first\nlocal call = require "sms.call"',
    "2: requires sms.call, which wire may not" },
  ["a require of a room beside"] = { "gateway/a", "require [[sms.bulk]]",
    "1: requires sms.bulk, which gateway may not" },
  ["a require of the other provider"] = { "providers/nexmo/a",
    'require "sms.providers.retarus.jobs"',
    "1: requires sms.providers.retarus.jobs, which providers/nexmo may not" },
  ["a require of what users name"] = { "client/a", 'require "sms"',
    "1: requires sms, which client may not" },
  ["a require of a room without a rule"] = { "base/a", 'require "sms.attic.old"',
    "1: requires sms.attic.old, which base may not" },
  ["a module in a room without a rule"] = { "attic/a", "return {}",
    "1: is in a room without a rule: attic" },
  ["a module beside what users name"] = { "other", "return {}",
    "1: is in a room without a rule: other" },
  ["what users name requires all"] = { "init", 'require "sms.client.facade" require "sms.nginx"' },
  ["a module below runtime that users name"] = { "runtime/loop", 'require "sms.limits"',
    "1: requires sms.limits, which runtime may not" },
  ["cjson in its room"] = { "base/a", 'require "cjson".new()' },
  ["cjson elsewhere"] = { "wire/a", 'require "cjson"', "1: requires cjson, which wire may not" },
  ["a loop's own module elsewhere"] = { "call/a", 'require "ngx.semaphore"',
    "1: requires ngx.semaphore, which call may not" },

  ["a require within a function"] = { "base/a",
    'return {\n  late = function()\n    return require "sms.schema".check\n  end,\n}',
    "3: requires sms.schema, which base may not" },
  ["a require with parentheses"] = { "base/a", "require(\n'sms.schema')",
    "1: requires sms.schema, which base may not" },
  ["a require with a long string"] = { "base/a", "require [==[sms.schema]==]",
    "1: requires sms.schema, which base may not" },
  ["a require by pcall"] = { "base/a", 'local ok, schema = pcall(require, "sms.schema")',
    "1: requires sms.schema, which base may not" },
  ["a require of a field"] = { "base/a", '_G.require("sms.schema")',
    "1: requires sms.schema, which base may not" },
  ["a look at package.loaded"] = { "base/a", 'local schema = package.loaded["sms.schema"]',
    "1: requires sms.schema, which base may not" },
  ["a look at package.loaded by a name"] = { "base/a", "local sms = package.loaded.sms",
    "1: requires sms, which base may not" },
  ["a look at package.preload"] = { "base/a", "package . preload ['sms.schema']",
    "1: requires sms.schema, which base may not" },
  ["two in one line"] = { "base/a", 'f(require "sms.schema", require "sms.wire.auth")',
    "1: requires sms.schema, which base may not",
    "1: requires sms.wire.auth, which base may not" },

  ["a name that is put together"] = { "client/a", 'require("sms." .. name)',
    "1: requires what is no string literal" },
  ["a name in a variable"] = { "client/a", "return\nrequire(name)",
    "2: requires what is no string literal" },
  ["a name in a variable, by pcall"] = { "client/a", "pcall(require, name)",
    "1: requires what is no string literal" },
  ["a name with escapes"] = { "client/a", [[require "sms\46call"]],
    "1: requires what is no string literal" },
  ["another name for require"] = { "client/a", "local load_module = require",
    "1: requires what is no string literal" },
  ["package.loaded by a variable"] = { "client/a", "return package.loaded[name]",
    "1: requires what is no string literal" },
  ["another name for package"] = { "client/a", "local p = package",
    "1: requires what is no string literal" },
  ["what package has beside modules"] = { "client/a", "return package.config:sub(1, 1)" },

  ["comments"] = { "base/a", '-- require "sms.schema"\n--[[ require "sms.wire" ]] --[==[\n'
    .. 'package.loaded["sms.call"] ]==] return 1' },
  ["strings"] = { "base/a", [[return "require 'sms.schema'", 'it\'s require "sms.wire"' ]] },
  ["a line after a string of several lines"] = { "base/a",
    'local a = [[\n\n]] .. "b\\\nc"\nrequire "sms.wire"',
    "5: requires sms.wire, which base may not" },
  ["names that only look like it"] = { "base/a", "local required, is_required = requires, a" },

  ["the C module, everywhere"] = { "limits/a", 'local core = require "sms.core" core.now()' },
  ["its pure functions in a pure room"] = { "wire/a", 'local core = require "sms.core"\n'
    .. 'return core.escape(core.measure), a.core, require "sms.core".form' },
  ["its other functions in a pure room"] = { "wire/a",
    'local core = require("sms.core")\nreturn a .. core.now()',
    "2: uses sms.core.now, which wire may not" },
  ["its other functions, at once"] = { "schema/a", 'local now = require "sms.core".now',
    "1: uses sms.core.now, which schema may not" },
  ["the C module under another name"] = { "providers/nexmo/a",
    'local c = require "sms.core"\nlocal core = c', "2: hands on sms.core as a whole" },
  ["the C module handed on"] = { "providers/retarus/a", 'return require "sms.core"',
    "1: hands on sms.core as a whole" },
}

describe("The rule of the rooms", function()
  for name, case in pairs(CASES) do
    it("judges " .. name, function()
      local path = "lua/sms/" .. case[1] .. ".lua"
      local expected = {}
      for i = 3, #case do
        expected[#expected + 1] = path .. ":" .. case[i]
      end
      assert.same(expected, rules.check(HOUSE, path, case[2]))
    end)
  end

  it("judges how full folders are", function()
    local paths = { "a/README.md", "a/b/one.c", "a/b/one.h", "a/b/two.h", "a/b/init.lua",
      "a/three.lua", "a/run" }
    assert.same({}, rules.crowded(paths, 3))
    assert.same({ "a/b: 3 modules" }, rules.crowded(paths, 2))
  end)

  it("judges how long files and functions are", function()
    local most = { lines = 6, functions = 4 }
    local lua = "local function f(a)\n  if a then g(function() return end)\n  end\nend\n"
    assert.same({}, rules.long("a.lua", lua .. "\n\n", most))
    assert.same({ "a.lua: 7 lines", "a.lua:1: a function of 5 lines" },
      rules.long("a.lua", lua:gsub("\n", "\n\n", 1) .. "\n\n", most))
    local c = "static int f(int a,\n      int b) {\n  return a;\n}\n"
    assert.same({}, rules.long("a.c", "int g(int);\n" .. c .. "\n", most))
    assert.same({ "a.c:1: a function of 5 lines" },
      rules.long("a.c", c:gsub("\n", "\n\n", 1), most))
    assert.same({ "a.c: 7 lines" }, rules.long("a.c", ("\n"):rep(7), { lines = 6 }))
  end)
end)

describe("Every module", function()
  it("requires only what its room may", function()
    local problems = {}
    for _, path in ipairs(tree.files "lua/sms -name '*.lua'") do
      for _, problem in ipairs(rules.check(HOUSE, path, tree.read(path))) do
        problems[#problems + 1] = problem
      end
    end
    assert.same({}, problems)
  end)

  it("is refused as soon as it requires what users name", function()
    for _, path in ipairs(tree.files "lua/sms -mindepth 2 -name '*.lua'") do
      local problems = rules.check(HOUSE, path, 'require "sms"\n' .. tree.read(path))
      assert.matches(":1: requires sms, which", problems[1], 1, true)
    end
  end)

  it("makes the list of pure functions no longer than it must be", function()
    local pure = "lua/sms/base lua/sms/schema lua/sms/wire lua/sms/providers -name '*.lua'"
    local unused = {}
    for name in pairs(HOUSE.pure.wire) do
      unused[name] = true
    end
    for _, path in ipairs(tree.files(pure)) do
      for _, use in ipairs(requires.uses(tree.read(path), HOUSE.core)) do
        unused[use.name] = nil
      end
    end
    assert.same({}, unused)
  end)

  it("has a folder that can be taken in", function()
    local all = tree.files "bench demo docs examples lua sandbox spec src ! -path 'spec/cases/*'"
    assert.same({}, rules.crowded(all, MOST))
  end)

  for where, most in pairs(LENGTHS) do
    it("can be read in one go: " .. where:match "^[^-]+", function()
      local problems = {}
      for _, path in ipairs(tree.files(where)) do
        for _, problem in ipairs(path ~= "lua/sms/meta.lua" and rules.long(path, tree.read(path),
          most) or {}) do
          problems[#problems + 1] = problem
        end
      end
      assert.same({}, problems)
    end)
  end

  it("has one call from top to bottom in 150 lines", function()
    assert.same({}, rules.long("", tree.read "lua/sms/call/init.lua", { lines = 150 }))
  end)
end)

describe("The command", function()
  it("requires only what users of the library have", function()
    local problems = {}
    for _, path in ipairs(tree.files "lua/sms_command -name '*.lua'") do
      for _, problem in ipairs(command.check(path, tree.read(path))) do
        problems[#problems + 1] = problem
      end
    end
    assert.same({}, problems)
  end)

  it("is refused as soon as it requires what is inside of the library", function()
    local inside = 'require "sms.base.json"\nrequire "sms"\nrequire(name)'
    assert.same({ "a:1: requires sms.base.json, which the command may not",
      "a:3: requires what is no string literal" }, command.check("a", inside))
  end)
end)
