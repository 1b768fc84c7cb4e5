-- Decoded replies in their documented shape.

local json = require "sms.base.json"
local layout = require "sms.schema.layout"
local response = require "sms.wire.response"

local FIELD = { type = "record", fields = {
  { "id", type = "string", required = true },
  { "text", type = "string", alias = "old-text" },
  { "count", type = "integer" },
  { "price", type = "number" },
  { "open", type = "boolean" },
  { "any", type = "any" },
  { "tags", type = "array", items = { type = "string" } },
  { "numbers", type = "array", always = true, items = { type = "record", fields = {
    { "msisdn", type = "string", required = true } } } },
} }

-- JSON -> what is made of it
local READ = {
  { '{"id":"a"}', { id = "a" } },
  { '{"id":7,"text":1.5}', { id = "7", text = "1.5" } },
  { '{"id":12345678901234}', { id = "12345678901234" } },
  { '{"id":true}', { id = "true" } },
  { '{"id":"a","count":"12","price":"0.0333"}', { id = "a", count = 12, price = 0.0333 } },
  { '{"id":"a","count":"-7","price":"1.5e2"}', { id = "a", count = -7, price = 150 } },
  { '{"id":"a","count":4294967296}', { id = "a", count = 4294967296 } },
  { '{"id":"a","text":null,"count":null,"open":null,"any":null,"tags":null,"numbers":null}',
    { id = "a" } },
  { '{"id":"a","old-text":"t"}', { id = "a", text = "t" } },
  { '{"id":"a","open":false}', { id = "a", open = false } },
  { '{"id":"a","tags":[]}', { id = "a", tags = {} } },
  { '{"id":"a","tags":["x",null,7]}', { id = "a", tags = { "x", "7" } } },
  { '{"id":"a","numbers":[{"msisdn":447700900000,"more":null}]}',
    { id = "a", numbers = { { msisdn = "447700900000" } } } },
  { '{"id":"a","any":{"b":[null,{"c":null,"d":1.0}]}}',
    { id = "a", any = { b = { { d = 1 } } } } },
  { '{"id":"a","unknown":{"b":null,"c":[1,2]},"Id":"b"}',
    { id = "a", unknown = { c = { 1, 2 } }, Id = "b" } },
  { '{"id":"\\u00e4\\u0000\\ud83d\\ude00"}', { id = "ä\0😀" } },
}

-- JSON -> what the message says
local WRONG = {
  { "null", "the reply is null" }, { "7", "the reply is not an object" },
  { '"a"', "the reply is not an object" }, { "[7]", "the reply is not an object" },
  { "{}", "id is missing" }, { '{"id":null}', "id is missing" },
  { '{"id":{}}', "id is not a string" }, { '{"id":["a"]}', "id is not a string" },
  { '{"id":"a","count":"many"}', "count is not a number" },
  { '{"id":"a","count":{}}', "count is not a number" },
  { '{"id":"a","count":"0x10"}', "count is not a number" },
  { '{"id":"a","count":"nan"}', "count is not a number" },
  { '{"id":"a","count":"inf"}', "count is not a number" },
  { '{"id":"a","count":""}', "count is not a number" },
  { '{"id":"a","count":1e400}', "count is not a number" },
  { '{"id":"a","price":true}', "price is not a number" },
  { '{"id":"a","open":"true"}', "open is not true or false" },
  { '{"id":"a","open":0}', "open is not true or false" },
  { '{"id":"a","tags":"x"}', "tags is not a list" },
  { '{"id":"a","tags":{"1":"x"}}', "tags is not a list" },
  { '{"id":"a","tags":["x",["y"]]}', "tags%[2%] is not a string" },
  { '{"id":"a","numbers":["x"]}', "numbers%[1%] is not an object" },
  { '{"id":"a","numbers":[{"msisdn":"1"},{}]}', "numbers%[2%]%.msisdn is missing" },
}

describe("A reply", function()
  it("gets the documented types and spelling, without nulls, with what is unknown", function()
    for _, case in ipairs(READ) do
      local expected = case[2]
      expected.numbers = expected.numbers or {}
      assert.same(expected, response.shape(FIELD, json.decode(case[1])))
    end
  end)

  it("of another shape is refused with a path", function()
    for _, case in ipairs(WRONG) do
      local result, message = response.shape(FIELD, json.decode(case[1]))
      assert.is_nil(result, case[1])
      assert.matches("^" .. case[2] .. "$", message)
    end
  end)

  it("gives integers where Lua has them", function()
    local read = response.shape(FIELD, json.decode '{"id":"a","count":5.0,"price":5.0,"any":[5]}')
    assert.equal("5 5 5", ("%s %s %s"):format(read.count, read.price, read.any[1]))
  end)

  it("of an operation that returns nothing is an empty table", function()
    assert.same({}, (response.read({ returns = FIELD }, { status = 204, body = "" })))
    assert.same({}, (response.read({}, { status = 200, body = "x" })))
  end)
end)

describe("A reply read in C", function()
  local math_type = math.type or type

  --- A value as text, with the kinds of its numbers.
  local function text_of(value)
    if type(value) ~= "table" then
      return (math_type(value) or type(value)) .. " " .. tostring(value)
    end
    local parts = {}
    for key, part in pairs(value) do
      parts[#parts + 1] = tostring(key) .. "=" .. text_of(part)
    end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
  end

  --- Reads JSON in C and in Lua; true where C took it.
  local function compare(read, field, text)
    local decoded = json.decode(text)
    local taken = read(decoded)
    local expected = response.shape(field, json.decode(text))
    if taken then
      assert.equal(text_of(expected), text_of(decoded), text)
    else -- what it left half done is fit for Lua
      assert.equal(text_of(expected), text_of((response.shape(field, decoded))), text)
    end
    return taken
  end

  it("is what it is in Lua, for all of the above", function()
    local read = layout.reader(FIELD)
    for _, list in ipairs { READ, WRONG } do
      for _, case in ipairs(list) do
        compare(read, FIELD, case[1])
      end
    end
    assert.is_true(compare(read, FIELD, '{"id":"a","count":5,"any":7,"tags":["x"],"more":1,'
      .. '"numbers":[{"msisdn":"1"},{"msisdn":"2"}],"price":1.5,"open":true,"text":null}'))
    assert.is_false(compare(read, FIELD, '{"id":"a","numbers":[],"old-text":"t"}'))
  end)

  local LITERALS = { '"a"', '"7"', "7", "1.5", "-0.0", "1e15", "1e400", "true", "false", "null",
    "[]", "{}", "[1]", '{"a":null}', '[null,"x"]', "4294967296" }
  local FITTING = { string = '"a"', number = "1.5", integer = "7", boolean = "true", any = "7" }
  local random = math.random

  local json_of

  local function record_of(field)
    local parts = {}
    for _, part in ipairs(field.fields) do
      if part.required or random(3) > 1 then
        local name = random(40) == 1 and part.alias or part[1]
        parts[#parts + 1] = ('"%s":%s'):format(name, json_of(part))
      end
    end
    if random(10) == 1 then
      parts[#parts + 1] = '"unknown":' .. LITERALS[random(#LITERALS)]
    end
    return "{" .. table.concat(parts, ",") .. "}"
  end

  function json_of(field)
    if random(40) == 1 then
      return LITERALS[random(#LITERALS)]
    elseif field.type == "record" then
      return record_of(field)
    elseif field.type == "array" then
      local items = {}
      for i = 1, random(0, 3) do
        items[i] = json_of(field.items)
      end
      return "[" .. table.concat(items, ",") .. "]"
    end
    return FITTING[field.type]
  end

  it("is what it is in Lua, for random replies to every operation", function()
    local seed = os.time()
    math.randomseed(seed)
    for _, name in ipairs { "nexmo", "retarus" } do
      for _, operation in ipairs(require("sms.providers." .. name).operations) do
        local field, taken = operation.returns, 0
        local read = field and layout.reader(field)
        for _ = 1, read and 400 or 0 do
          local ok, result = pcall(compare, read, field, json_of(field))
          assert.is_true(ok, ("seed %d, %s: %s"):format(seed, operation[1], tostring(result)))
          taken = taken + (result and 1 or 0)
        end
        assert.is_true(not read or taken > 50, operation[1])
      end
    end
  end)
end)
