-- The rule by which `./dev lint` finds what comments and pages refer to and is not there.

local references = require "spec.support.rooms.references"

local PAGES = {
  ["docs/design.md"] = "# Design\n\n## 3. How\n\n### 3.3 Slots\n\n### 3.4 Repeats\n",
  ["docs/providers/nexmo.md"] = "# Nexmo\n\n## 3. SMS\n\n### 3.4 Throttling\n",
  ["docs/platforms.md"] = "# Platforms\n\n## What is tested\n",
}

local SOME = {
  has = function(path) return PAGES[path] ~= nil end,
  read = function(path) return PAGES[path] end,
}

-- Each: the file, its text, and the problems without the path.
local CASES = {
  ["a page"] = { "lua/a.lua", "-- docs/platforms.md says where." },
  ["a page that is not there"] = { "lua/a.lua", "-- As pages/other.md has it.",
    "1: pages/other.md is not there" },
  ["a page of another tree"] = { "lua/a.lua", "f() -- ../shared/api/nexmo.md 3.4",
    "1: ../shared/api/nexmo.md is not there" },
  ["a page without its folder"] = { "lua/a.lua", "\n-- See nexmo.md 3.4.",
    "2: nexmo.md is not there" },
  ["a page beside the one that names it"] = { "docs/a.md", "See [slots](design.md), 3.3 s." },
  ["a page from a folder below"] = { "docs/providers/nexmo.md", "As in ../design.md 3.3." },
  ["an address"] = { "lua/a.lua", "-- https://example.com/a/b.md" },
  ["a section"] = { "lua/a.lua", "--- Waits (docs/design.md 3.3)." },
  ["a section with a comma"] = { "lua/a.lua", "-- docs/design.md, section 3.4." },
  ["a whole chapter"] = { "lua/a.lua", "-- docs/design.md 3." },
  ["several sections"] = { "lua/a.lua",
    "-- docs/design.md 3.3 and 3.4, docs/providers/nexmo.md 3.4" },
  ["a section that is not there"] = { "lua/a.lua", "-- docs/design.md 3.5",
    "1: docs/design.md has no section 3.5" },
  ["one of several that is not there"] = { "lua/a.lua", "-- docs/design.md 3.3, 3.9",
    "1: docs/design.md has no section 3.9" },
  ["a section of a page without numbers"] = { "lua/a.lua", "-- docs/platforms.md 1.1",
    "1: docs/platforms.md has no section 1.1" },
  ["a section in the next line"] = { "lua/a.lua", "f()\n--- As docs/design.md\n--- 3.5 says.",
    "2: docs/design.md has no section 3.5" },
  ["a section in C"] = { "src/a.c", "/* As docs/design.md\n * 3.5 says. */\nf();",
    "1: docs/design.md has no section 3.5" },
  ["a section in a line of C"] = { "src/a.c", "f(\"pages/other.md\"); // pages/other.md",
    "1: pages/other.md is not there" },
  ["a section in a script"] = { "dev", "echo x # docs/design.md 3.5",
    "1: docs/design.md has no section 3.5" },
  ["a long comment"] = { "lua/a.lua", "--[==[\nnexmo.md\n]==] f 'other.md'",
    "2: nexmo.md is not there" },

  ["a section of nothing"] = { "lua/a.lua", "-- as section 3.4 says",
    "1: section 3.4 of which page?" },
  ["a page by number"] = { "lua/a.lua", "-- as on page 3.4", "1: section 3.4 of which page?" },
  ["a number to look at"] = { "lua/a.lua", "-- see 3.4", "1: section 3.4 of which page?" },
  ["a number in brackets"] = { "lua/a.lua", "-- throttled (3.4)", "1: section 3.4 of which page?" },
  ["a sign"] = { "lua/a.lua", "-- \194\1673", "1: section 3 of which page?" },
  ["the facts"] = { "lua/a.lua", "-- Nexmo 3.4, facts 5.1", "1: nexmo 3.4 is no page",
    "1: facts 5.1 is no page" },
  ["notes"] = { "lua/a.lua", "-- DESIGN 3.3\n-- and STYLE.", "1: design 3.3 is no page",
    "1: DESIGN is no page", "2: STYLE is no page" },
  ["its own sections, of a page"] = { "docs/design.md", PAGES["docs/design.md"]
    .. "Slots (3.3), section 3; see 3.4; (3.5)", "8: section 3.5 of which page?" },

  ["standards"] = { "lua/a.lua", "-- RFC 3986, 2.3; RFC 9110, section 10.2.3; RFC 4648, section 4; "
    .. "3GPP TS 23.038" },
  ["versions"] = { "lua/a.lua", "-- libcurl 8.16, Lua 5.4, nginx 1.22, HTTP/1.1, 0.5 s" },
  ["code"] = { "lua/a.lua", "local STYLE = 3.4 f 'nexmo.md 3.4' section(3.4)" },
}

describe("The rule of references", function()
  for name, case in pairs(CASES) do
    it("judges " .. name, function()
      local expected = {}
      for i = 3, #case do
        expected[#expected + 1] = case[1] .. ":" .. case[i]
      end
      assert.same(expected, references.check(SOME, case[1], case[2]))
    end)
  end
end)
