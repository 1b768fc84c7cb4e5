-- A declared shape, replies in JSON, and what is made of them.

local cases = {}

cases.field = { type = "record", fields = {
  { "id", type = "string", required = true },
  { "text", type = "string", alias = "old-text" },
  { "count", type = "integer" },
  { "price", type = "number" },
  { "open", type = "boolean" },
  { "any", type = "any" },
  { "name", type = "string", not_blank = true },
  { "tags", type = "array", items = { type = "string" } },
  { "numbers", type = "array", always = true, items = { type = "record", fields = {
    { "msisdn", type = "string", required = true } } } },
} }

-- JSON -> what is made of it
cases.read = {
  { '{"id":"a"}', { id = "a" } },
  { '{"id":7,"text":1.5}', { id = "7", text = "1.5" } },
  { '{"id":12345678901234}', { id = "12345678901234" } },
  { '{"id":-0,"text":-0.0}', { id = "0", text = "0" } },
  { '{"id":1234567890123456789.0,"price":1e22}', { id = "1234567890123456789.0", price = 1e22 } },
  { '{"id":true}', { id = "true" } },
  { '{"id":"a","count":"12","price":"0.0333"}', { id = "a", count = 12, price = 0.0333 } },
  { '{"id":"a","count":"-7","price":"1.5e2"}', { id = "a", count = -7, price = 150 } },
  { '{"id":"a","count":4294967296}', { id = "a", count = 4294967296 } },
  { '{"id":"a","text":null,"count":null,"open":null,"any":null,"tags":null,"numbers":null}',
    { id = "a" } },
  { '{"id":"a","old-text":"t"}', { id = "a", text = "t" } },
  { '{"id":"a","open":false}', { id = "a", open = false } },
  { '{"id":"","name":" a"}', { id = "", name = " a" } },
  { '{"id":"a","name":7}', { id = "a", name = "7" } },
  { '{"id":12345678901234567890,"any":-12345678901234567890,"count":9007199254740991}',
    { id = "12345678901234567890", any = "-12345678901234567890", count = 9007199254740991 } },
  { '{"id":"a","count":"9007199254740991","price":"1.5e-1"}',
    { id = "a", count = 9007199254740991, price = 0.15 } },
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
cases.wrong = {
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
  { '{"id":"a","name":true}', "name is not a string" },
  { '{"id":"a","name":""}', "name is blank" }, { '{"id":"a","name":" \\n\\t"}', "name is blank" },
  { '{"id":"a","count":"1,5"}', "count is not a number" },
  { '{"id":"a","tags":{"1":"x"}}', "tags is not a list" },
  { '{"id":"a","tags":["x",["y"]]}', "tags%[2%] is not a string" },
  { '{"id":"a","numbers":["x"]}', "numbers%[1%] is not an object" },
  { '{"id":"a","numbers":[{"msisdn":"1"},{}]}', "numbers%[2%]%.msisdn is missing" },
}

return cases
