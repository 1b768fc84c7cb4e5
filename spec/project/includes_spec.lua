-- What may include what below src.

local includes = require "spec.support.rooms.includes"
local tree = require "spec.support.rooms.tree"

-- Rooms, and those they may include. What these may include is allowed, too.
local HOUSE = {
  rooms = {
    base = {},
    text = { "base" },
    secret = { "text" },
    journal = { "base" },
    limit = { "secret" },
    http = { "secret" },
    lua = { "http", "journal", "limit" },
  },
  apart = { lua = true },
  libraries = {
    ["^lua"] = "lua", -- lua.h, luaconf.h, lualib.h, luajit.h
    ["^lauxlib%.h$"] = "lua",
    ["^curl/"] = "http",
    ["^openssl/"] = "secret",
  },
  hosts = { ["spec/fuzz/lua.c"] = true, ["spec/support/coverage/steps.c"] = true,
    ["spec/support/hosts/interpreter.c"] = true,
    ["spec/support/hosts/failing_heap.c"] = true,
    ["spec/support/hosts/failing_memory.c"] = true,
    ["spec/support/hosts/calls/failing_calls.c"] = true,
    ["spec/support/hosts/calls/failing_poll.c"] = true,
    ["spec/support/hosts/calls/processes.c"] = true,
    ["spec/support/hosts/calls/remains.c"] = true },
}

local GUARD = "\n#ifndef SMS_LIMIT_A_H\n#define SMS_LIMIT_A_H\n"

-- Each: the file, its text, and the problems without the path.
local CASES = {
  ["an include of the same room"] = { "src/limit/a.c", '#include "limit/slots.h"' },
  ["an include of a room below"] = { "src/http/a.c", '#include "secret/crypto.h"' },
  ["an include through several rooms"] = { "src/lua/pass/a.c", '#include "base/status.h"' },
  ["an include of a room above"] = { "src/base/a.c", '/* bytes\n */\n#include "secret/crypto.h"',
    "3: includes secret/crypto.h, which base may not" },
  ["an include of a room beside"] = { "src/limit/a.c", '#include "journal/file.h"',
    "1: includes journal/file.h, which limit may not" },
  ["an include of the bindings"] = { "src/http/a.c", '#include "lua/binding.h"',
    "1: includes lua/binding.h, which http may not" },
  ["an include with other blanks"] = { "src/text/a.c", '\n  # include\t"limit/slots.h" /* a */',
    "2: includes limit/slots.h, which text may not" },
  ["an include over two lines"] = { "src/text/a.c", '#include \\\n  "limit/slots.h"',
    "1: includes limit/slots.h, which text may not" },
  ["an include in brackets"] = { "src/text/a.c", "#include <limit/slots.h>",
    "1: includes limit/slots.h, which text may not" },
  ["an include behind a condition"] = { "src/text/a.c",
    '#if __has_include("limit/slots.h")\n#include "limit/slots.h"\n#endif',
    "2: includes limit/slots.h, which text may not" },
  ["an include by another way"] = { "src/text/a.c", '#include "../limit/slots.h"',
    "1: includes ../limit/slots.h, which is not named from src on" },
  ["an include of no header"] = { "src/text/a.c", '#include "base/process.c"',
    "1: includes base/process.c, which is no header" },
  ["an include of a macro"] = { "src/text/a.c", "#define A <stdio.h>\n#include A",
    "2: includes what is no literal name" },
  ["two of them"] = { "src/secret/a.c", '#include "http/pool.h"\n#include "limit/slots.h"',
    "1: includes http/pool.h, which secret may not",
    "2: includes limit/slots.h, which secret may not" },
  ["comments"] = { "src/base/a.c",
    '// #include "http/pool.h"\n/* a\n#include "http/pool.h"\n*/\n#include <stdio.h>' },
  ["strings"] = { "src/base/a.c", 'char *a = "/*"; char b = \'"\';\n#include "text/form.h"\n"*/"',
    "2: includes text/form.h, which base may not" },

  ["a file in a room without a rule"] = { "src/attic/a.c", "",
    "1: is in a room without a rule: attic" },
  ["a file in no room"] = { "src/a.c", "", "1: is in a room without a rule: " },

  ["the system's headers"] = { "src/base/a.c", "#include <sys/mman.h>\n#include <math.h>" },
  ["Lua in the bindings"] = { "src/lua/pass/a.c", "#include <lua.h>\n#include <lauxlib.h>" },
  ["Lua elsewhere"] = { "src/journal/a.c", "#include <lauxlib.h>\n#include <lua.h>",
    "1: includes lauxlib.h, which journal may not", "2: includes lua.h, which journal may not" },
  ["Lua in quotes and by a folder"] = { "src/text/a.c", '#include "lua.h"\n#include <lua5.4/lua.h>',
    "1: includes lua.h, which text may not", "2: includes lua5.4/lua.h, which text may not" },
  ["libcurl in its room"] = { "src/http/a.c", "#include <curl/curl.h>" },
  ["libcurl in another"] = { "src/lua/a.c", "#include <curl/curl.h>",
    "1: includes curl/curl.h, which lua may not" },
  ["OpenSSL in another"] = { "src/base/a.c", "#include <openssl/crypto.h>",
    "1: includes openssl/crypto.h, which base may not" },

  ["a test of a room"] = { "spec/limit/a_test.c", '#include "limit/slots.h"\n'
    .. '#include "test_host.h"\n#include "journal/file.h"',
    "3: includes journal/file.h, which limit may not" },
  ["a test of what crosses rooms"] = { "spec/promises/a_test.c",
    '#include "limit/slots.h"\n#include "journal/file.h"\n#include "lua/binding.h"',
    "3: includes lua/binding.h, which what is outside may not" },
  ["a test that has Lua"] = { "spec/support/c/a.c", "#include <openssl/ssl.h>\n#include <lua.h>",
    "2: includes lua.h, which what is outside may not" },
  ["a host of Lua"] = { "spec/support/hosts/interpreter.c", "#include <lua.h>" },

  ["a guarded header"] = { "src/limit/a.h", "/* a */" .. GUARD .. "#endif" },
  ["a header with the guard of another"] = { "src/limit/pass/a.h", "/* a */" .. GUARD .. "#endif",
    "1: is not guarded by SMS_LIMIT_PASS_A_H" },
}

describe("The rule of the rooms of src", function()
  for name, case in pairs(CASES) do
    it("judges " .. name, function()
      local expected = {}
      for i = 3, #case do
        expected[#expected + 1] = case[1] .. ":" .. case[i]
      end
      assert.same(expected, includes.check(HOUSE, case[1], case[2]))
    end)
  end

  it("is that of the targets, so that the compiler holds it, too", function()
    local targets = { lua = HOUSE.rooms.lua }
    for room, rest in tree.read "src/CMakeLists.txt":gmatch "\nadd_room%((%w+)([^)]*)" do
      targets[room] = { rest:match "^ ON (%w+)" }
    end
    assert.same(HOUSE.rooms, targets)
    local linked = tree.read("CMakeLists.txt"):match "PRIVATE (sms_[^)]*)"
    assert.equal("sms_" .. table.concat(HOUSE.rooms.lua, " sms_"), linked)
  end)
end)

describe("Every C file", function()
  it("includes only what its room may", function()
    local problems = {}
    for _, path in ipairs(tree.files "src spec bench -name '*.[ch]'") do
      for _, problem in ipairs(includes.check(HOUSE, path, tree.read(path))) do
        problems[#problems + 1] = problem
      end
    end
    assert.same({}, problems)
  end)

  it("of the core is refused as soon as it includes the bindings, or Lua", function()
    for _, path in ipairs(tree.files "src -name '*.[ch]' ! -path 'src/lua/*'") do
      for _, header in ipairs { '"lua/binding.h"', "<lua.h>" } do
        local problems = includes.check(HOUSE, path,
          ("%s\n#include %s\n"):format(tree.read(path), header))
        assert.equal(1, #problems)
        assert.matches("includes " .. header:sub(2, -2) .. ", which", problems[1], 1, true)
      end
    end
  end)
end)
