-- What is shown of foreign text: no secret in any spelling, no text of a message, no number; and
-- how long that takes.

local core = require "sms.core"
local json = require "sms.base.json"
local outcome = require "sms.wire.outcome"
local nexmo = require "sms.providers.nexmo"

local SECRET = "p@ss/word 22"
local LIMIT = 4096 -- bytes of a page that are looked at

local send_sms
for _, operation in ipairs(nexmo.operations) do
  if operation[1] == "send_sms" then send_sms = operation end
end

describe("A page that a call is answered with", function()
  local credentials

  setup(function()
    credentials = assert(core.credentials({ identity = "abcd1234", password = SECRET },
      nexmo.auth_parameters))
  end)

  local function shown(page, text)
    local _, failure = outcome.read(nexmo, send_sms, 502, page, { text = text or "Hello" },
      credentials)
    return failure.message
  end

  for _, case in ipairs {
    { "wrong: p@ss/word 22", "wrong: ***" },
    { "wrong: p%40ss%2Fword+22 or p%40ss/word%2022", "wrong: *** or ***" },
    { [[{"password":"p@ss\/word 22"]], [[{"password":"***"]] },
    { "Basic YWJjZDEyMzQ6cEBzcy93b3JkIDIy", "Basic ***" },
    { "you wrote 'Hello' to +44 7700 900123", "you wrote '***' to …0123" },
    { "code 7 of Hello", "code 7 of ***" },
  } do
    it("is shown without what is secret: " .. case[1], function()
      assert.equal(case[2], shown(case[1]))
    end)
  end

  it("is shown so where a code stands, too", function()
    for code, expected in pairs { [SECRET] = "***", Hello = "***", ["447700900123"] = "…0123",
      ["4001"] = "4001", BAD_REQUEST = "BAD_REQUEST" } do
      local body = ('{"error-code":"%s","error-code-label":"a"}'):format(code)
      local _, failure = outcome.read(nexmo, send_sms, 400, body, { text = "Hello" }, credentials)
      assert.equal(expected, failure.code)
    end
  end)

  it("is the result of what failed, without secrets that are whole", function()
    local long = ("x"):rep(LIMIT - 5) .. SECRET .. ("y"):rep(LIMIT)
    for given, expected in pairs { ["a " .. SECRET .. "!"] = "a ***!", ["p@ss/word"] = "p@ss/word",
      [("y"):rep(3 * LIMIT)] = ("y"):rep(3 * LIMIT), [long] = ("x"):rep(LIMIT - 5) .. "***",
      [("y"):rep(2 * LIMIT) .. SECRET] = ("y"):rep(LIMIT), Hello = "Hello",
      ["+447700900123"] = "+447700900123", p = "p" } do
      local body = json.encode_any { title = given, [given] = { given, 7, { true } } }
      local _, failure = outcome.read(nexmo, send_sms, 400, body, { text = "Hello" }, credentials)
      assert.same({ title = expected, [expected] = { expected, 7, { true } } }, failure.result)
    end
  end)

  it("is not shown where the client was closed meanwhile, nor what it says", function()
    local closed = assert(core.credentials({ identity = "abcd1234", password = SECRET },
      nexmo.auth_parameters))
    closed:close()
    local _, failure = outcome.read(nexmo, send_sms, 502, "wrong: " .. SECRET, {}, closed)
    assert.matches("the client was closed, and the answer is not shown", failure.message)
    local body = json.encode_any { title = SECRET }
    _, failure = outcome.read(nexmo, send_sms, 400, body, {}, closed)
    assert.same({ ["***"] = "***" }, failure.result)
  end)

  it("is shown as it is where there are no credentials", function()
    local _, failure = outcome.read(nexmo, send_sms, 400, '{"title":"wrong"}', {})
    assert.same({ title = "wrong" }, failure.result)
  end)

  it("shows no half of a secret, wherever it is cut", function()
    for at = LIMIT - 20, LIMIT + 5 do
      local page = (SECRET .. " "):rep(400):sub(1, at) .. SECRET
      for part in shown(page):gmatch "%a+" do assert.is_nil(part) end
    end
  end)

  it("shows no text of a message that does not end where it is cut", function()
    local text = ("A word of mine. "):rep(300)
    for _, before in ipairs { "", "You sent: ", ("x"):rep(200) } do
      local message = shown(before .. text .. "!", text)
      assert.is_nil(message:find("word", 1, true), message)
    end
  end)

  it("is read in next to no time, whatever its length and what is in it", function()
    for _, page in ipairs { ("p@ss/word 2"):rep(100000), (SECRET):rep(100000),
      ("Hello"):rep(200000), ("4 "):rep(500000), ("4"):rep(2 ^ 20), ("eyJhbGciOi"):rep(100000) } do
      local began = os.clock()
      assert.is_true(#shown(page) <= 303)
      assert.is_true(os.clock() - began < 5) -- what goes by the square takes days
    end
  end)
end)
