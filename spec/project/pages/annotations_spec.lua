-- What the reference makes of what stands above functions and classes.

local annotations = require "docs.reference.annotations"
local entries = require "docs.reference.entries"
local words = require "docs.reference.words"

local TITLES = { ["sms.call_options"] = "Options of a call" }
local LINK = "[sms.call_options](#options-of-a-call)"

-- Types of LuaLS, and what they are in words.
local TYPES = {
  { "string", "string" },
  { "string?", "string" },
  { "string|integer", "string or integer" },
  { '"a"|"b"', '`"a"` or `"b"`' },
  { "sms.call_options", LINK },
  { "sms.call_options[]|false", "list of " .. LINK .. " or false" },
  { "sms.nowhere", "table" },
  { "table<string, any>", "table" },
  { "function[]", "list of functions" },
  { "{ first?: number, longest: number }", "`{ first, longest }`" },
  { "{ name: string, ok: boolean }[]", "list of `{ name, ok }`" },
  { "{ [1]: any, [2]: any }[]", "list of `{ [1], [2] }`" },
  { "fun(): any, sms.error?", "`function()`" },
  { "fun(client: table, ok: boolean)", "`function(client, ok)`" },
  { "fun(then_: fun(a: integer): string): any", "`function(then_)`" },
  { "string[]|fun(): string|false", "list of strings or `function()`" },
}

local SOURCE = [[
--- The head of the file.

local box = {}

--- Opens it. It stays
--- open.
---@nodiscard
---@param path string Where it is, in
---  words.
---@param options? { mode: string, wait: (fun(): number)? } How.
---@return table? box Opened.
---@return string? why
function box.open(path, options)
  return nil
end

--- Is not public.
local function hidden() end

function box:close() end

--- What there is.
---@alias kind
---| "one" # the first
---| "two" # the second

--- A class.
---@class sms.thing: sms.other
---@field name string Its name.
---@field size? integer How large it is.
---@field [integer] string
]]

describe("The reference's reader", function()
  for _, case in ipairs(TYPES) do
    it("has words for " .. case[1], function()
      assert.equal(case[2], words.of(case[1], TITLES))
    end)
  end

  local read = annotations.read(SOURCE)

  it("reads functions that are not local", function()
    assert.equal(2, #read.functions)
    local open = read.functions[1]
    assert.same({ "box", "open", false, "Opens it. It stays open." },
      { open.owner, open.name, open.is_method, open.doc })
    assert.same({ { name = "path", type = "string", doc = "Where it is, in words.",
      optional = false }, { name = "options", type = "{ mode: string, wait: (fun(): number)? }",
      doc = "How.", optional = true } }, open.params)
    assert.same({ { name = "box", type = "table?", doc = "Opened." },
      { name = "why", type = "string?", doc = "" } }, open.returns)
    assert.is_true(read.functions[2].is_method)
  end)

  it("reads classes and words", function()
    assert.same({ { name = "name", type = "string", doc = "Its name.", optional = false },
      { name = "size", type = "integer", doc = "How large it is.", optional = true },
      { name = "[integer]", type = "string", doc = "", optional = false } },
      read.classes["sms.thing"].fields)
    assert.same({ { "one", "the first" }, { "two", "the second" } }, read.aliases.kind.values)
  end)

  it("writes a function", function()
    local lines = {}
    entries.of_function(function(text, ...)
      lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
    end, read.functions[1], "box.open", {})
    assert.equal("### box.open\n\n    box.open(path [, options])\n\nOpens it. It stays open.\n\n"
      .. "| | Type | |\n|---|---|---|\n| `path` | string | Where it is, in words. |\n"
      .. "| `options` | `{ mode, wait }` | How. |\n| returns `box` | table, or nil | Opened. |\n"
      .. "| and `why` | string, or nil |  |\n", table.concat(lines, "\n"))
  end)
end)
