-- JSON as the declared fields say.

local cjson = require "cjson".new()
local json = require "sms.base.json"

cjson.decode_invalid_numbers(false)

-- What a text is broken with.
local MARKS = { "", " ", ",", ":", "[", "]", "{", "}", '"', "\\", "0", "7", "-", ".", "e", "null",
  "x", "\\n", "\1" }

local function without_nulls(value)
  if value == cjson.null then
    return nil
  elseif type(value) ~= "table" then
    return value
  end
  local made = {}
  for _, part in ipairs(value) do
    made[#made + 1] = without_nulls(part)
  end
  for key, part in pairs(#value == 0 and value or {}) do
    made[key] = without_nulls(part)
  end
  return made
end

local function record(...)
  return { type = "record", fields = { ... } }
end

local list_of_texts = { "list", type = "array", items = { type = "string" } }

-- value, text
local any = {
  { {}, "{}" }, { { {}, {} }, "[{},{}]" },
  { { 1, 2.5, "a", true, false }, '[1,2.5,"a",true,false]' },
  { { b = 1, a = { c = {} }, ["a-b"] = "x" }, '{"a":{"c":{}},"a-b":"x","b":1}' },
  { { [""] = "" }, '{"":""}' }, { "a\"b\\c\n\0é€😀", '"a\\"b\\\\c\\n\\u0000é€😀"' },
  { 0, "0" }, { -1, "-1" }, { 2 ^ 31, "2147483648" }, { 604800000.0, "604800000" },
  { 2 ^ 53 - 1, "9007199254740991" }, { 123456789012345, "123456789012345" },
  { 1e20, "100000000000000000000" }, { 0.1, "0.1" }, { 0.1 + 0.2, "0.30000000000000004" },
  { 3.14159265358979, "3.14159265358979" }, { 1e-7, "1e-07" }, { 1e300, "1e+300" },
  { -0.5, "-0.5" }, { true, "true" },
}

-- text, value
local read = {
  { '{"a":null,"b":[1,null,2,null],"c":{"d":null}}', { b = { 1, 2 }, c = {} } },
  { "[null]", {} }, { "[]", {} }, { "{}", {} }, { "[[],[null],{}]", { {}, {}, {} } },
  { '{"a":4294967296,"b":-2147483649,"c":1.0,"d":1.5,"e":1e3}',
    { a = 4294967296, b = -2147483649, c = 1, d = 1.5, e = 1000 } },
  { '{"a":"\\u20ac\\ud83d\\ude00","b":"\\/"}', { a = "€😀", b = "/" } },
  { '  {"a" : true }\n', { a = true } }, { "\t[ 1\r,2 , 3]  ", { 1, 2, 3 } }, { "7", 7 },
  { '"\\ud83d\\ude0"', nil }, { '""', "" }, { "false", false },
  { '"\\ud800 \\udc00\\ud83d"', "\237\160\128 \237\176\128\237\160\189" }, -- halves of pairs
  { '"a\nb\\u0000"', "a\nb\0" }, { '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\\uFFFF"',
    '"\\/\b\f\n\r\tAé\239\191\191' },
  { '{"a":1,"a":2}', { a = 2 } }, { '{"a":1,"a":null}', {} },
  { "[-0,-0.0,0e5]", { 0, 0, 0 } }, { "[1.5,-2.25,1e-2,15E+1]", { 1.5, -2.25, 0.01, 150 } },
  { "[0.1,123456789012345678e-17,9e15,5e-324]", { 0.1, 123456789012345678e-17, 9e15, 5e-324 } },
  -- What a double cannot hold, or may have rounded, keeps its text.
  { "[9007199254740991,9007199254740992,-9007199254740993,12345678901234567890,1e400,-1E400]",
    { 9007199254740991, "9007199254740992", "-9007199254740993", "12345678901234567890", "1e400",
      "-1E400" } },
  { "[9007199254740993.0,-1234567890123456789.0,1.2345678901234567e+18,1e22]",
    { "9007199254740993.0", "-1234567890123456789.0", "1.2345678901234567e+18", "1e22" } },
  { '["\127\\u007f1.5",2.5,"\\u007f1.5"]', { "\127\1271.5", 2.5, "\1271.5" } },
  { ("["):rep(1000) .. ("]"):rep(1000), false },
}

local broken = { "", " ", "{", "[1,]", "[,1]", "{a:1}", "{'a':1}", '{"a"}', '{"a":}', '{"a":1,}',
  '{"a" 1}', '{"a":1 "b":2}', "nul", "nullx", "truefalse", "<html>", "{}{}", "{}]", "[}", "[1}",
  "{}\0", "{}\0{}", "\0", "7 7", "[1 2]", "[NaN]", "[Infinity]", "[-Infinity]", "[0x10]", "[01]",
  "[-]", "[+1]", "[.5]", "[5.]", "[1.e5]", "[1e]", "[1e+]", "[- 1]", "[1,2", '"a', '"\\', '"\\"',
  '"\\x"', '"\\u12"', '"\\u12g4"', ("["):rep(5000), ("["):rep(1001) .. ("]"):rep(1001),
  "\239\187\191{}" }

describe("JSON", function()
  it("is written of values without fields", function()
    for _, case in ipairs(any) do
      assert.equal(case[2], json.encode_any(case[1]))
    end
    if math.tointeger then
      assert.equal("9223372036854775807", json.encode_any(math.tointeger "9223372036854775807"))
    end
  end)

  it("is written in the declared order, without what is not there or stands in the path", function()
    local field = record({ "z", type = "string" }, { "id", type = "string", in_path = true },
      { "flag", type = "boolean" }, { "n", type = "integer" }, { "x", type = "number" },
      { "deep", type = "record", fields = { { "a", type = "string" } } }, list_of_texts)
    assert.equal('{"z":"a","flag":false,"n":0,"x":0.5,"deep":{"a":"b"},"list":["c","d"]}',
      json.encode(field, { z = "a", id = "path", flag = false, n = 0, x = 0.5,
        deep = { a = "b", unknown = 1 }, list = { "c", "d" } }))
    assert.equal('{"z":"a"}', json.encode(field, { z = "a" }))
  end)

  it("keeps empty lists and empty objects apart", function()
    local field = record(list_of_texts, { "deep", type = "record", fields = {} },
      { "any", type = "any" })
    assert.equal('{"list":[],"deep":{},"any":{}}',
      json.encode(field, { list = {}, deep = {}, any = {} }))
    assert.equal("{}", json.encode(field, {}))
  end)

  it("nests lists of records", function()
    local item = { type = "record", fields = { { "to", type = "array",
      items = { type = "record", fields = { { "dst", type = "string" } } } } } }
    local field = record { "messages", type = "array", items = item }
    assert.equal('{"messages":[{"to":[{"dst":"1"},{"dst":"2"}]},{"to":[]}]}',
      json.encode(field, { messages = { { to = { { dst = "1" }, { dst = "2" } } }, { to = {} } } }))
  end)

  it("takes members that are not declared", function()
    local field = record { "a", type = "string" }
    assert.equal('{"a":"x","b":{"c":[1]},"d":false}',
      json.encode(field, { a = "x" }, { d = false, b = { c = { 1 } } }))
    assert.equal('{"b":1}', json.encode(field, {}, { b = 1 }))
    assert.equal('{"a":"x"}', json.encode(field, { a = "x" }, {}))
  end)

  it("writes numbers in every host's locale with a point", function()
    local real = string.format
    string.format = function(...) -- luacheck: ignore
      return (real(...):gsub("%.", ","))
    end
    local ok, text = pcall(json.encode_any, 2.5)
    string.format = real -- luacheck: ignore
    assert.same({ true, "2.5" }, { ok, text })
  end)

  it("is read with integers as integers and without nulls", function()
    for _, case in ipairs(read) do
      local value, message = json.decode(case[1])
      if case[2] == false and case[1] ~= "false" then
        assert.is_table(value)
      else
        assert.same(case[2], value, case[1])
      end
      assert.equal(case[2] == nil and "the reply is not JSON" or nil, message, case[1])
    end
    assert.same({}, { json.decode "null" })
    if math.type then
      local value = json.decode '{"a":4294967296,"b":1.0,"c":1.5}'
      assert.same({ "integer", "integer", "float" },
        { math.type(value.a), math.type(value.b), math.type(value.c) })
    end
  end)

  it("has no zero with a sign, in no Lua", function()
    for _, text in ipairs { "[-0]", "[-0.0,1]", '{"a":-0}', "[[-0e5]]" } do
      local value = json.decode(text)
      while type(value) == "table" do
        value = value.a or value[1]
      end
      assert.equal("0", json.number_text(value), text)
    end
  end)

  it("is refused where a key stands twice with different values, if once is wanted", function()
    for text, is_fine in pairs {
      ['{"a":1,"b":1,"a":1}'] = true, ['{"a":"x","\\u0061":"x"}'] = true,
      ['{"a":{"b":1},"b":2}'] = true, ['{"a":{},"a":{}}'] = true,
      ['{"a":1,"a":2}'] = false, ['{"a":1,"a":"1"}'] = false, ['{"a":null,"a":1}'] = false,
      ['{"a":1,"a":null}'] = false, ['{"x":[{"a":true,"a":false}]}'] = false,
      ['{"a":"x","\\u0061":"y"}'] = false,
    } do
      assert.equal(is_fine, json.decode(text, true) ~= nil, text)
      assert.is_not_nil(json.decode(text), text)
    end
  end)

  it("is what lua-cjson reads, broken or not", function()
    local random, count = math.random, 0
    for _, case in ipairs(read) do
      for _ = 1, 300 do
        local at = random(#case[1] + 1)
        local text = case[1]:sub(1, at - 1) .. (MARKS[random(#MARKS)])
          .. case[1]:sub(at + random(0, 1))
        local value, message = json.decode(text)
        local ok, other = pcall(cjson.decode, text)
        if not (message or text:find(("%d"):rep(16)) or text:find "[eE]%+?%d%d"
          or text:find(("%d"):rep(7) .. "[%d.]*[eE]") -- from 2^53 on a number keeps its text
          or text:find "\\u[dD]" or text:find "%z") then
          assert.is_true(ok, text)
          assert.same(without_nulls(other), value, text)
          count = count + 1
        end
      end
    end
    assert.is_true(count > 500)
  end)

  it("has members as their texts", function()
    for text, expected in pairs {
      ["{}"] = {}, [" { } "] = {},
      ['{"a":1}'] = { "a", '"a"', "1" },
      [' {"a" : [1, 2] , "\\u0062":{"}":"]\\"" },"c":"x\\"y" ,"":null, "d": 1.50e+3}'] = {
        "a", '"a"', "[1, 2]", "b", '"\\u0062"', '{"}":"]\\"" }', "c", '"c"', '"x\\"y"', "", '""',
        "null", "d", '"d"', "1.50e+3" },
    } do
      assert.same(expected, json.members(text))
    end
    for _, text in ipairs { "", "[]", "7", '{"a"', '{"a":', '{"a":{', '{"a":1', '{"a":"', '{"a":]}',
      "{7:1}", '{"a":1]' } do
      assert.is_nil(json.members(text))
    end
  end)

  it("is refused where it is none, without any of the text", function()
    for _, text in ipairs(broken) do
      local value, message = json.decode(text)
      assert.is_nil(value)
      assert.equal("the reply is not JSON", message)
    end
  end)
end)
