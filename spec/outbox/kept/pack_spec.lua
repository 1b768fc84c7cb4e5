-- What Redis keeps for an outbox comes back as it went in, in every Lua; nothing else is read.

local json = require "sms.base.json"
local lua_process = require "spec.support.lua_process"
local pack = require "sms.outbox.kept.pack"

local function list(...) return setmetatable({ ... }, json.array_mt) end
local function empty() return setmetatable({}, json.empty_array_mt) end

--- What a value is, to the last bit and the last metatable.
local function picture(value)
  if value == json.null then
    return "null"
  elseif type(value) == "number" then
    local kind = math.type and math.type(value) or "number"
    if value == 0 and kind ~= "integer" then return kind .. " " .. (1 / value) end
    return kind .. " " .. ("%.17g"):format(value)
  elseif type(value) ~= "table" then
    return ("%s %q"):format(type(value), tostring(value))
  end
  local parts = {}
  for key, part in pairs(value) do
    parts[#parts + 1] = picture(key) .. "=" .. picture(part)
  end
  table.sort(parts)
  local meta = getmetatable(value)
  return (meta == json.array_mt and "list" or meta == json.empty_array_mt and "empty" or "")
    .. "{" .. table.concat(parts, ",") .. "}"
end

local all_bytes = {}
for byte = 0, 255 do all_bytes[byte + 1] = string.char(byte) end

local whole = { to = "447700900000", text = "Grüße, 5 €", ["client-ref"] = "a;b}s3:",
  ttl = 604800000, list = { "a", { 1, 2.5 }, {}, list(), empty(), list(1, "x") }, [1] = "one",
  [-7] = { [2] = "two" }, flags = { yes = true, no = false, none = json.null }, [""] = "" }

local VALUES = { whole, {}, list(), empty(), "", "\0", table.concat(all_bytes), true, false,
  json.null, 0, 1, -1, 2 ^ 31, 2 ^ 53, -2 ^ 53, 2 ^ 53 + 2, 2 ^ 63, 1e15, 1e16, 1e300, -1e-300,
  0.1, 0.1 + 0.2, 1 / 3, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, -0.5, 604800000.0,
  1 / 0, -1 / 0, 0 / 0, -1 / (1 / 0), { { { {} } } } }

-- Bytes that nobody packed.
local BROKEN = { "", "x", "\1", "\2", "\1s", "\1s1", "\1s2:a", "\1s1:ab", "\1s-1:a",
  "\1s1e1:0123456789", "\1s999999999999999999999:a", "\1n", "\1n;", "\1n1", "\1n1.5;", "\1nx;",
  "\1n--1;", "\1d;", "\1dx;", "\1d1e;", "\1d0x1;", "\1d" .. ("1"):rep(100) .. ";",
  "\1n" .. ("1"):rep(100) .. ";", "\1true", "\1tru;", "\1truefalse;", "\1t", "\1t{", "\1t{s1:a",
  "\1t{s1:a}", "\1t{s1:an1;", "\1t{true;n1;}", "\1t{t{}n1;}", "\1t{nan;n1;}", "\1t{d1.5;n1;}",
  "\1t{null;n1;}", "\1t{}}", "\1t{}x", "\1a", "\1e{", "\1b{}", "\1function;", "\1{}", "\1 t{}",
  "\0t{}", '{"to":"1"}', "\1" .. ("t{n1;"):rep(1e5),
  "\1" .. ("t{n1;"):rep(200) .. "n1;" .. ("}"):rep(200), 7, true, {} }

local function cyclic()
  local one, two = {}, {}
  one.a, one.b, two.a, two.b = two, two, one, one
  return one
end

-- Why a value has no bytes.
local KEY = "a key of a table that is neither a text nor a whole number cannot be kept"
local REFUSED = { { { print }, "a function cannot be kept" },
  { io.stdout, "a userdata cannot be kept" }, { { [true] = 1 }, KEY }, { { [1.5] = 1 }, KEY },
  { ("x"):rep(1024 * 1024), "more than 1048512 bytes cannot be kept" },
  { cyclic(), "tables more than 100 deep cannot be kept" } }

describe("What is packed", function()
  it("comes back as it went in", function()
    for _, value in ipairs(VALUES) do
      local bytes = assert(pack.encode(value))
      local again, why = pack.decode(bytes)
      assert.is_nil(why)
      assert.equal(picture(value), picture(again))
      assert.equal(bytes, pack.encode(again))
    end
  end)

  it("is the same bytes whatever the order of keys", function()
    local one, two = { a = 1, b = 2 }, { b = 2 }
    two.a = 1
    assert.equal(pack.encode(one), pack.encode(two))
    assert.equal("\1t{s1:an1;s1:bn2;}", pack.encode(one))
  end)

  it("tells floats that are whole from integers, where Lua does", function()
    if not math.type then return end
    for _, value in ipairs { 2.0, -0.0, 2 ^ 53, 2 ^ 62 } do
      assert.equal("float", math.type((pack.decode(pack.encode(value)))))
    end
    for _, value in ipairs { 2, 0, 9223372036854775807,
      math.tointeger(-2 ^ 63) } do
      local again = pack.decode(pack.encode(value))
      assert.equal("integer", math.type(again))
      assert.equal(value, again)
    end
  end)

  it("is read by the other Lua", function()
    for _, case in ipairs { { "t{s1:ad0.1;s1:bn2;s1:cd2;s1:da{}s1:ee{}}", "0.1 2 2 [] []" },
      { "t{s1:ad1e+300;s1:bn-9007199254740991;s1:cd-0;s1:da{n1;n2;}s1:et{}}",
        "1e+300 -9007199254740991 0 [2] {}" } } do
      local value = assert(pack.decode("\1" .. case[1]))
      value.c = math.abs(value.c)
      local texts = {}
      for i, name in ipairs { "a", "b", "c", "d", "e" } do
        texts[i] = json.encode_any(value[name])
      end
      assert.equal(case[2], table.concat(texts, " "))
    end
    -- A Lua of doubles alone says of what is larger which it was.
    assert.equal(math.type and "number" or "string", type((pack.decode "\1n9007199254740993;")))
    assert.equal("9007199254740993", ("%s"):format((pack.decode "\1n9007199254740993;")))
  end)

  it("keeps lists of a lua-cjson that another has not", function()
    assert.equal("[] [] {}", lua_process.run [[
      local cjson = require "cjson"
      local array_mt = cjson.array_mt or { __name = "array" }
      local new = cjson.new
      function cjson.new()
        local instance = new()
        instance.array_mt = array_mt
        return instance
      end
      local json, pack = require "sms.base.json", require "sms.outbox.kept.pack"
      local bytes = pack.encode { setmetatable({}, array_mt),
        setmetatable({}, json.empty_array_mt), {} }
      local value = pack.decode(bytes)
      io.write(json.encode_any(value[1]), " ", json.encode_any(value[2]), " ",
        json.encode_any(value[3]))
    ]])
  end)

  it("follows no locale", function()
    assert.equal("\1d0.5; 0.5", lua_process.run [[
      for _, name in ipairs { "de_DE.UTF-8", "de_DE.utf8", "C" } do
        if os.setlocale(name) then break end
      end
      local pack = require "sms.outbox.kept.pack"
      local bytes = pack.encode(0.5)
      local value = pack.decode(bytes)
      os.setlocale "C"
      io.write(bytes, " ", value)
    ]])
  end)

  it("has a reason where there is none", function()
    for _, case in ipairs(REFUSED) do
      local bytes, why = pack.encode(case[1])
      assert.is_nil(bytes)
      assert.equal(case[2], why)
    end
    local _, why = pack.encode({ text = ("x"):rep(1000) }, nil, 1000)
    assert.equal("more than 936 bytes cannot be kept", why)
  end)

  it("is told from bytes of anybody else", function()
    for _, bytes in ipairs(BROKEN) do
      local value, why = pack.decode(bytes)
      assert.is_nil(value)
      assert.is_string(why)
    end
    local _, why = pack.decode "\9t{}"
    assert.equal("it was packed by a later version of lua-sms (format 9)", why)
    _, why = pack.decode "\2anything"
    assert.equal("it is sealed, and no secret is given here (seal)", why)
  end)

  it("is refused or read, cut or changed anywhere", function()
    local bytes = pack.encode(whole)
    for at = 1, #bytes - 1 do
      assert.is_nil((pack.decode(bytes:sub(1, at))))
      for _, byte in ipairs { "\0", "9", "s", "{", "}", ";", "\255" } do
        local value, why = pack.decode(bytes:sub(1, at - 1) .. byte .. bytes:sub(at + 1))
        assert.is_true(value ~= nil or type(why) == "string")
      end
    end
  end)
end)
