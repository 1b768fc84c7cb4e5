-- Tables are checked against declared fields: every type, every constraint.

local schema = require "sms.schema"

local NAN, INF = 0 / 0, 1 / 0
local QUOTES = "must be a string: write it in quotes"
local LEAVE_OUT = "; leave it out where there is none"
local WHOLE, CONTROL = "must be a whole number", "must not have control characters"

--- Checks one value of a field: what is sent, the problem's path and message.
local function check(field, value)
  local part = { "x" }
  for name, item in pairs(field) do
    part[name] = item
  end
  local record = { type = "record", fields = { part } }
  local sent, problems, warnings = schema.check(record, { x = value })
  assert.is_true(#problems <= 1)
  local problem = problems[1] or {}
  return sent.x, problem.message, problem.path, warnings
end

local cycle = {}
cycle.again = cycle
local list = { "a", { b = { 1, 2 } } }

-- field, what is taken as { given, sent }, what is refused as { given, message, path }
local cases = {
  string = { { type = "string" },
    { { "a", "a" }, { " a\194\160", " a\194\160" }, { "é€😀", "é€😀" } },
    { { "", "must not be empty" .. LEAVE_OUT }, { " ", "must not be blank" .. LEAVE_OUT },
      { " \194\160\t\226\128\175", "must not be blank" .. LEAVE_OUT }, { 5, "must be a string" },
      { true, "must be a string" }, { {}, "must be a string" },
      { print, "must be a string" }, { "a\nb", CONTROL }, { "\0", CONTROL }, { "\127", CONTROL },
      { "a\255", "is not valid UTF-8 at byte 2" },
      { "\237\160\128", "is not valid UTF-8 at byte 1" },
      { "é\192\128", "is not valid UTF-8 at byte 3" } } },
  multiline = { { type = "string", multiline = true },
    { { "a\r\n\tb\27", "a\r\n\tb\27" } },
    { { "a\0b", CONTROL }, { " \n", "must not be blank" }, { "", "must not be empty" } } },
  empty = { { type = "string", empty = true, format = "hex" }, { { "", "" }, { "00", "00" } },
    { { " ", "must be hexadecimal: two digits an octet" .. LEAVE_OUT },
      { "x", "must be hexadecimal: two digits an octet" } } },
  min_length = { { type = "string", min_length = 2 }, { { "aa", "aa" } },
    { { "a", "must not be empty" }, { "", "must not be empty" .. LEAVE_OUT } } },
  reference = { { type = "string", reference = true, max_length = 5 },
    { { "a", "a" }, { 12345, "12345" }, { 12345.0, "12345" }, { -0.0, "0" }, { -5, "-5" } },
    { { 123456, "must have at most 5 characters" }, { 0.5, QUOTES },
      { 2 ^ 53, QUOTES }, { NAN, QUOTES }, { true, "must be a string" } } },
  max_length = { { type = "string", max_length = 3 }, { { "abc", "abc" },
    { "é€😀", "é€😀" } },
    { { "abcd", "must have at most 3 characters" },
      { "éééé", "must have at most 3 characters" } } },
  max_length_ascii = { { type = "string", max_length = 2, max_length_ascii = 4 },
    { { "abcd", "abcd" }, { "éa", "éa" } },
    { { "abcde", "must have at most 4 characters" },
      { "éab", "must have at most 2 characters" } } },
  enum = { { type = "string", enum = { "A", "B" } }, { { "A", "A" }, { "b", "B" } },
    { { "", "must be one of: A, B" .. LEAVE_OUT }, { "A ", "must be one of: A, B" },
      { "AB", "must be one of: A, B" }, { 5, "must be a string" } } },
  format = { { type = "string", format = "country" }, { { "GB", "GB" }, { "gb", "GB" } },
    { { "g", "must be two letters, such as GB" },
      { "", "must be two letters, such as GB" .. LEAVE_OUT } } },
  ["a format that changes"] = { { type = "string", format = "e164" },
    { { "+44 7700 900000", "447700900000" } }, {} },
  says_number = { { type = "string", says_number = "quotes!" }, { { "1", "1" } },
    { { 1, "quotes!" }, { NAN, "quotes!" }, { true, "must be a string" } } },
  integer = { { type = "integer" },
    { { 0, 0 }, { -5, -5 }, { 3.0, 3 }, { 2 ^ 53 - 1, 9007199254740991 }, { -0.0, 0 },
      { "1", 1 }, { "-5", -5 }, { "60000.0", 60000 }, { "007", 7 }, { "9007199254740991",
        9007199254740991 }, { "-0", 0 } },
    { { 1.5, WHOLE }, { "1.5", WHOLE }, { "", WHOLE .. LEAVE_OUT }, { " 1", WHOLE },
      { "1.", WHOLE },
      { "+1", WHOLE }, { "1e3", WHOLE }, { "0x1", WHOLE }, { "9007199254740992", WHOLE }, { true,
        WHOLE }, { {}, WHOLE }, { NAN, WHOLE },
      { INF, WHOLE }, { -INF, WHOLE }, { 2 ^ 53, WHOLE }, { -2 ^ 53, WHOLE } } },
  ["min and max"] = { { type = "integer", min = 2, max = 4 }, { { 2, 2 }, { 4, 4 } },
    { { 1, "must be 2 to 4" }, { 5, "must be 2 to 4" } } },
  min = { { type = "number", min = 0 }, { { 0, 0 }, { 0.5, 0.5 } },
    { { -0.5, "must be 0 or more" } } },
  or_value = { { type = "integer", min = 5, max = 9, or_value = 0 }, { { 0, 0 }, { 5, 5 } },
    { { 1, "must be 0 or 5 to 9" }, { 10, "must be 0 or 5 to 9" } } },
  number = { { type = "number" }, { { 1.5, 1.5 }, { 3, 3 }, { 1e300, 1e300 } },
    { { "1", "must be a number" }, { NAN, "must be a number" }, { INF, "must be a number" },
      { -INF, "must be a number" }, { true, "must be a number" } } },
  boolean = { { type = "boolean" }, { { true, true }, { false, false }, { "true", true },
      { "false", false }, { 1, true }, { 0, false }, { "1", true }, { "0", false },
      { "True", true }, { "FALSE", false } },
    { { 2, "must be true or false" }, { "yes", "must be true or false" },
      { "", "must be true or false" .. LEAVE_OUT } } },
  only = { { type = "boolean", only = true }, { { true, true }, { "true", true } },
    { { false, "must be true" }, { 0, "must be true" }, { 2, "must be true or false" } } },
  flag = { { type = "flag" }, { { true, 1 }, { false, 0 }, { 1, 1 }, { 0, 0 }, { 1.0, 1 },
      { "1", 1 }, { "0", 0 }, { "true", 1 }, { "false", 0 }, { "1.0", 1 }, { "00", 0 },
      { "TRUE", 1 }, { "False", 0 } },
    { { 2, "must be 1 or 0, or true or false" }, { "2", "must be 1 or 0, or true or false" } } },
  digits = { { type = "digits", format = "digits" },
    { { "007", "007" }, { 7, "7" }, { 0, "0" }, { 12345.0, "12345" },
      { 123456789012345, "123456789012345" }, { 2 ^ 53 - 1, "9007199254740991" }, { -0.0, "0" } },
    { { "a", "must be digits" }, { "", "must be digits" .. LEAVE_OUT }, { -1, "must be a string" },
      { 1.5, "must be a string" }, { 2 ^ 53, "must be a string" }, { NAN, "must be a string" } } },
  choice = { { type = "choice", says = "this", values = { a = 1, [2] = "b", [true] = "yes",
      [false] = false } },
    { { "a", 1 }, { "A", 1 }, { 2, "b" }, { 2.0, "b" }, { true, "yes" }, { false, nil } },
    { { "b", "must be one of: this" }, { 1, "must be one of: this" },
      { {}, "must be one of: this" },
      { NAN, "must be one of: this" } } },
  set = { { type = "set", enum = { "A", "B,A" } },
    { { "a", "A" }, { "A,b", "B,A" }, { { "b", "A", "a" }, "B,A" }, { " B , A ", "B,A" } },
    { { "B", "must be one of: A, B,A" }, { {}, "must be one of: A, B,A" },
      { { "A", 5 }, "must be one of: A, B,A" }, { { x = "A" }, "must be one of: A, B,A" },
      { "A,", "must be one of: A, B,A" }, { "", "must be one of: A, B,A" .. LEAVE_OUT },
      { 5, "must be one of: A, B,A" } } },
  array = { { type = "array", items = { type = "string", min_length = 1 } },
    { { {}, {} }, { { "a", "b" }, { "a", "b" } } },
    { { "a", "must be a list" }, { { a = "b" }, "must be a list" },
      { { [2] = "a" }, "must be a list" },
      { { "a", b = "c" }, "must be a list" }, { { "a", "" }, "must not be empty" .. LEAVE_OUT,
        "x[2]" },
      { { 5 }, "must be a string", "x[1]" } } },
  min_items = { { type = "array", min_items = 1, items = { type = "any" } }, { { { 1 }, { 1 } } },
    { { {}, "must have at least one entry" } } },
  record = { { type = "record", fields = { { "a", type = "string" }, { "b", type = "boolean" } } },
    { { {}, {} }, { { a = "c", b = false }, { a = "c", b = false } } },
    { { "a", "must be a table" }, { { a = 1 }, "must be a string", "x.a" },
      { { c = 1 }, "is not known", "x.c" }, { { "a" }, "is not known", "x.1" },
      { { [true] = 1 }, "is not known", "x.true" }, { { ["d\n"] = 1 }, "is not known", "x.d?" } } },
  required = { { type = "record", fields = { { "a", type = "boolean", required = true } } },
    { { { a = false }, { a = false } } }, { { {}, "is required", "x.a" } } },
  default = { { type = "record", fields = { { "a", type = "boolean", default = true } } },
    { { {}, { a = true } }, { { a = false }, { a = false } } }, {} },
  alias = { { type = "record", fields = { { "a", alias = "A b", type = "boolean",
    required = true } } },
    { { { a = true }, { a = true } }, { { ["A b"] = false }, { a = false } } },
    { { { ["A b"] = 2 }, "must be true or false", "x.a" },
      { { a = true, ["A b"] = true }, "is the same as 'a'; give one", "x.A b" } } },
  shorthand = { { type = "record", shorthand = "a", fields = { { "a", type = "string",
    enum = { "b" } } } },
    { { "b", { a = "b" } }, { { a = "b" }, { a = "b" } } },
    { { "c", "must be one of: b", "x.a" }, { 5, "must be a table" } } },
  any = { { type = "any" },
    { { 1, 1 }, { false, false }, { "a\nb", "a\nb" }, { {}, {} }, { list, { "a",
      { b = { 1, 2 } } } } },
    { { print, "must not be a function" },
      { { a = { print } }, "must not be a function", "x.a[1]" },
      { NAN, "must be a number" }, { { a = INF }, "must be a number", "x.a" },
      { "\255", "is not valid UTF-8 at byte 1" },
      { { ["\255"] = 1 }, "must have names of valid UTF-8" },
      { { 1, nil, 3 }, "must be a list or have names for keys" },
      { { 1, a = 2 }, "must be a list or have names for keys" },
      { { [1.5] = 2 }, "must be a list or have names for keys" },
      { cycle, "is nested too deep, or contains itself", "x" .. (".again"):rep(32) } } },
  object = { { type = "any", table = "object" }, { { {}, {} }, { { a = { 1 } }, { a = { 1 } } } },
    { { "a", "must be a table" }, { { 1 }, "must have names for keys" } } },
  table = { { type = "any", table = true }, { { {}, {} }, { { 1 }, { 1 } } },
    { { "a", "must be a table" }, { 1, "must be a table" }, { true, "must be a table" } } },
}

describe("A field with", function()
  for name, case in pairs(cases) do
    it(name .. " takes what is right and refuses what is wrong", function()
      for _, entry in ipairs(case[2]) do
        local sent, message = check(case[1], entry[1])
        assert.is_nil(message)
        assert.same(entry[2], sent)
        assert.is_true(type(sent) ~= "table" or not rawequal(sent, entry[1]))
        if math.type then
          assert.equal(math.type(entry[2]), math.type(sent))
        end
      end
      for _, entry in ipairs(case[3]) do
        local sent, message, path = check(case[1], entry[1])
        assert.equal(entry[2], message)
        assert.equal(entry[3] or "x", path)
        assert.is_true(sent == nil or type(sent) == "table")
      end
    end)
  end

  it("options are read as they are", function()
    for _, case in ipairs {
      { { type = "integer" }, "1", WHOLE }, { { type = "boolean" }, "true",
        "must be true or false" },
      { { type = "boolean" }, 1, "must be true or false" },
      { { type = "string", enum = { "A" } }, "a", "must be one of: A" },
      { { type = "string", reference = true }, 1, QUOTES },
      { { type = "choice", says = "a", values = { a = 1 } }, "A", "must be one of: a" },
    } do
      local part = { "x" }
      for name, value in pairs(case[1]) do part[name] = value end
      local record = { type = "record", fields = { part } }
      local _, problems = schema.check(record, { x = case[2] }, nil, true)
      assert.equal(case[3], problems[1].message)
    end
    local blank = { type = "record", fields = { { "x", type = "string" } } }
    assert.same({ x = "" }, (schema.check(blank, { x = "" }, nil, true)))
  end)

  it("an advised length warns, and sends", function()
    local field = { type = "string", warn_length = 2 }
    local sent, _, _, warnings = check(field, "éé")
    assert.same({ "éé", {} }, { sent, warnings })
    sent, _, _, warnings = check(field, "ééé")
    assert.same({ "ééé", { "x has more than the advised 2 characters" } }, { sent, warnings })
  end)

  it("a zero sends it without a sign", function()
    assert.equal(INF, 1 / check({ type = "integer" }, -0.0))
  end)

  it("only keys that are tested here", function()
    local known = { "type", "doc", "fields", "items", "says", "values", "rules",
      "warn_length", "max", "in_path", "sent_as", "plus" } -- the last three: request_spec
    for _, name in ipairs(known) do
      known[name] = true
    end
    local unknown = {}
    local function walk(field)
      for name in pairs(field) do
        if type(name) == "string" and not known[name] and not cases[name] and name ~= "by_name"
          and name ~= "names" then
          unknown[name] = true
        end
      end
      for _, part in ipairs(field.fields or {}) do
        walk(part)
      end
      if field.items then
        walk(field.items)
      end
    end
    for _, provider in ipairs { "nexmo", "retarus" } do
      for _, operation in ipairs(require("sms.providers." .. provider).operations) do
        for _, field in ipairs(operation.fields) do
          walk(field)
        end
      end
    end
    assert.same({}, unknown)
  end)
end)
