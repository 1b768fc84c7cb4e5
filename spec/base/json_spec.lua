-- JSON as the declared fields say.

local json = require "sms.base.json"

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
  { '  {"a" : true }\n', { a = true } },
}

local broken = { "", " ", "{", "[1,]", "{a:1}", "{'a':1}", "nul", "<html>", "{}{}", "[NaN]",
  "[Infinity]", "[-Infinity]", "[0x10]", '"\\ud800"', '"a', "[1 2]", ("["):rep(5000) }

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
      assert.same(case[2], json.restore(assert(json.decode(case[1]))), case[1])
    end
    assert.is_nil(json.restore(json.decode "null"))
    if math.type then
      local value = json.restore(json.decode '{"a":4294967296,"b":1.0,"c":1.5}')
      assert.same({ "integer", "integer", "float" },
        { math.type(value.a), math.type(value.b), math.type(value.c) })
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
