-- The one shape of errors, and what is kept out of them.

local errors = require "sms.base.errors"
local sms = require "sms"

-- foreign text, what may be shown of it
local shown = {
  { "all is well", "all is well" },
  { "number 447700900123 is barred", "number …0123 is barred" },
  { "+447700900123", "…0123" }, { "a4477009001b", "a…9001b" }, { "1234567", "…4567" },
  { "code 123456", "code 123456" },
  { "+44 7700 900123", "…0123" }, { "0049-176/123 456 7", "…4567" },
  { "+1 (202) 555.0190.", "…0190." },
  { "44\194\1607700\194\160900123 is barred", "…0123 is barred" },
  { "447700\n900123", "…0123" }, { "no 447700\t900\r\n123!", "no …0123!" },
  { "4477\226\128\1750090\226\128\1370123", "…0123" }, -- narrow and thin blanks
  { "44\226\128\1457700\226\128\145900…", "…0900…" },
  { "to=44+7700+900123&x", "to=…0123&x" }, { "44%207700%20900123, 5%", "…0123, 5%" },
  { "to 01 23 45 67 89, twice", "to …6789, twice" }, { "x 44 77 00 90 01 23 y", "x …0123 y" },
  { "code 7 447700900123", "code 7 …0123" }, { "error: 15 44 7700 900123", "error: 15 …0123" },
  { "7 447700900123", "7 …0123" }, { "status 7", "status 7" }, { "Code=3 for 4477 0090 0123",
    "Code=3 for …0123" },
  { "since 2026-11-28 14:43, 28.11.2026", "since 2026-11-28 14:43, 28.11.2026" },
  { "2026-11-28T14:43:04Z 447700900123", "2026-11-28T14:43:04Z …0123" },
  { "192.168.100.200 port 8443 after 1000 ms", "192.168.100.200 port 8443 after 1000 ms" },
  { "447.700.900.000 or 192.168.256.10", "…0000 or …5610" },
  { "http://user:pass@proxy:3128/ is away", "http://***@proxy:3128/ is away" },
  { "two: 447700900123, 447700900456", "two: …0123, …0456" },
  { "GET /x?api_key=k&api_secret=hush&a=b", "GET /x?api_key=k&api_secret=***&a=b" },
  { "sig=0a0b0c rest", "sig=*** rest" }, { "api_secret=", "api_secret=***" },
  { "a\r\nb\0c\27[0m\127", "a b c [0m " },
  { "Füße €", "Füße €" },
  { "F\252\223e of 447700900123 \226\130", "F��e of …0123 ��" },
  { "\237\160\189 \192\175 \244\144\128\128", "��� �� ����" },
}

describe("Foreign text", function()
  for _, case in ipairs(shown) do
    it(("%q is fit to be shown"):format(case[1]), function()
      assert.equal(case[2], errors.safe_text(case[1]))
    end)
  end

  it("is cut, and not inside a character", function()
    assert.equal(("x"):rep(300), errors.safe_text(("x"):rep(300)))
    assert.equal(("x"):rep(300) .. "…", errors.safe_text(("x"):rep(301)))
    for padding = 0, 3 do
      assert.is_table(sms.measure(errors.safe_text(("x"):rep(padding) .. ("\252"):rep(5000))))
      local text = errors.safe_text(("x"):rep(padding) .. ("😀"):rep(100))
      assert.is_table(sms.measure(text))
      assert.matches("…$", text)
      assert.is_true(#text <= 303)
    end
  end)

  it("masks a number down to its last four digits", function()
    assert.equal("…0123", errors.mask_number "+44 7700 900123")
  end)
end)

local function plain(err)
  local copy = {}
  for name, value in pairs(err) do
    copy[name] = value
  end
  return copy
end

describe("An error", function()
  it("is a table with its fields, and one sentence", function()
    local err = errors.new { kind = "server", outcome = "ambiguous", message = "it broke",
      provider = "nexmo", operation = "send_sms", status = 500, code = "5" }
    assert.same({ kind = "server", outcome = "ambiguous", message = "it broke",
      provider = "nexmo", operation = "send_sms", status = 500, code = "5", retryable = false },
      plain(err))
    assert.equal("nexmo send_sms: it broke [server, ambiguous]", tostring(err))
  end)

  it("says what it knows of where it comes from", function()
    local fields = { kind = "internal", outcome = "not_sent", message = "no memory" }
    assert.equal("sms: no memory [internal, not_sent]", tostring(errors.new(fields)))
    fields.provider = "retarus"
    assert.equal("retarus: no memory [internal, not_sent]", tostring(errors.new(fields)))
  end)

  it("is told from other tables", function()
    assert.is_true(errors.is(errors.new { kind = "server", outcome = "ambiguous", message = "" }))
    for _, value in ipairs { {}, "x", 5, true } do
      assert.is_false(errors.is(value))
    end
    assert.is_false(errors.is(nil))
  end)

  it("keeps what it is told of retryable", function()
    assert.is_true(errors.new({ kind = "server", message = "", retryable = true }).retryable)
  end)
end)

describe("An error of wrong params", function()
  it("names the first problem and counts the others", function()
    local problems = { { path = "a[1].b", message = "is required" } }
    local err = errors.invalid(problems)
    assert.same({ "invalid", "not_sent", "a[1].b: is required", false },
      { err.kind, err.outcome, err.message, err.retryable })
    assert.equal(problems, err.problems)
    problems[2], problems[3] = problems[1], problems[1]
    assert.equal("a[1].b: is required (and 2 more)", errors.invalid(problems).message)
  end)

  it("says no path where it is the whole that is wrong", function()
    assert.equal("must be a table",
      errors.invalid({ { path = "", message = "must be a table" } }).message)
  end)

  it("shows no number that somebody took for a key, but keeps it in the problem", function()
    local err = errors.invalid { { path = "messages[1].447700900123", message = "is not known" } }
    assert.equal("messages[1].…0123: is not known", err.message)
    assert.equal("messages[1].447700900123", err.problems[1].path)
  end)
end)
