-- The demo against the sandbox: its own list and others, and every way in which it ends.

local child = require "spec.support.child"
local columns = require "demo.columns"
local csv = require "sms_command.csv"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local NO_PROXY = { http_proxy = false, all_proxy = false, ALL_PROXY = false }

--- All records of a text; nil and what is wrong.
local function records_of(text)
  local list, next_record = {}, csv.records((text .. "\n"):gmatch "(.-)\n")
  local record, why = next_record()
  while record do
    list[#list + 1] = record
    record, why = next_record()
  end
  return not why and list or nil, why
end

describe("The CSV reader of examples and demo", function()
  it("reads quotes, commas, line ends and blank fields", function()
    for text, expected in pairs {
      ["a,b\n1,2\n"] = { { "a", "b", line = 1 }, { "1", "2", line = 2 } },
      ["a,b\r\n1,2"] = { { "a", "b", line = 1 }, { "1", "2", line = 2 } },
      ["\239\187\191a\n"] = { { "a", line = 1 } },
      ['"a, b","say ""hi""",""\n'] = { { "a, b", 'say "hi"', "", line = 1 } },
      ['a,"b"\r\n"",""""\r\n'] = { { "a", "b", line = 1 }, { "", '"', line = 2 } },
      ['"two\nlines",x\ny,\n'] = { { "two\nlines", "x", line = 1 }, { "y", "", line = 3 } },
      ['"\r\n\n""\n",x\ny,z'] = { { '\r\n\n"\n', "x", line = 1 }, { "y", "z", line = 5 } },
      [",\n,"] = { { "", "", line = 1 }, { "", "", line = 2 } },
      ["\n\na\n\r\n"] = { { "a", line = 3 } },
      [" a , b "] = { { " a ", " b ", line = 1 } },
      [""] = {},
    } do
      assert.same(expected, records_of(text))
    end
  end)

  it("says in which line something is wrong", function()
    for text, message in pairs {
      ['a\n"b'] = "line 2: a quoted field does not end",
      ['a\n"b\nc\nd\n'] = "line 2: a quoted field does not end",
      ['a\n"b\n"c\n'] = "line 3: a comma or the end of the line was expected",
      ['a\n"b" \n'] = "line 2: a comma or the end of the line was expected",
      ['a\n5" pipe\n'] = "line 2: a quote inside of a field that does not begin with one",
      ['a,b\n1, "c"\n'] = "line 2: a quote inside of a field that does not begin with one",
      ["a\rb\rc"] = "line 1: a carriage return inside of a field that is not in quotes",
      ["a,b\n1,2\n\n1,2,3\n"] = "line 4: 3 fields, and the first line has 2",
      ["a,b\n1\n"] = "line 2: 1 field, and the first line has 2",
      ['a,b\n"1\n2"\n'] = "line 2: 1 field, and the first line has 2",
      ["a,b\n1\t2\n"] =
        "line 2: 1 field, and the first line has 2, where a tab stands in the place of a comma",
    } do
      local records, said = records_of(text)
      assert.is_nil(records)
      assert.equal(message, said)
    end
  end)

  it("reads what it writes", function()
    local fields = { "a", "", 'say "hi"', "a, b", "two\r\nlines", "x" }
    local read = records_of(csv.line(fields))[1]
    for i, field in ipairs(fields) do assert.equal(field, read[i]) end
    assert.equal('a,"b,""c"""\n', csv.line { "a", 'b,"c"' })
  end)
end)

describe("The demo's columns", function()
  it("count cells, not bytes", function()
    for text, width in pairs {
      [""] = 0, abc = 3, ["Zoë"] = 3, ["Zoe\204\136"] = 3, ["Ελένη"] = 5, ["Анна"] = 4,
      ["محمد"] = 4, ["王小明"] = 6, ["佐藤さくら"] = 10, ["김민준"] = 6, ["🌻"] = 2,
      ["ใจดี"] = 3, ["！"] = 2,
    } do
      assert.equal(width, columns.width(text), text)
    end
  end)

  it("cut what is too long, and print no control characters", function()
    assert.equal("abcd", columns.fit("abcd", 4))
    assert.equal("abc…", columns.fit("abcde", 4))
    assert.equal("王…", columns.fit("王小明", 4))
    assert.equal("?[31m?", columns.fit("\27[31m\194\155", 9))
  end)

  it("stand below each other", function()
    assert.same({ "  who    n", "  王小   1", "  a     10" }, columns.lines(
      { { "who" }, { "n", right = true } }, { { "王小", "1" }, { "a", "10" } }))
  end)
end)

describe("The demo", function()
  local box = sandbox.for_specs()
  local list

  before_each(function()
    list = os.tmpname()
  end)
  after_each(function() os.remove(list) end)

  local function write(text)
    local file = assert(io.open(list, "wb"))
    file:write(text)
    file:close()
  end

  local function demo(...)
    return child.run("demo/demo.lua", { ... }, NO_PROXY)
  end

  it("sends its own list through both providers", function()
    local ended = demo(box.dir .. "/urls")
    assert.equal("", ended.err)
    assert.equal(0, ended.status)
    for _, expected in ipairs {
      "^37 texts: 47 parts; 19 with characters beyond GSM%-7%.\n",
      "\n  王小明                       1  0%.0333  0A%x+  sent\n",
      "\n  Hugo Lindqvist               2  0%.0333  0A%x+  sent in part\n",
      "\nRetarus, job J%.%S+\n",
      "\n  Nora Quist                   1  S%.%S+  not accepted\n",
      "\n  Maximilian Zahlendreher, line 27\n    nexmo    not sent: must be a phone number.*"
        .. "\n    retarus  left out: must be a phone number",
      "\n    nexmo    unknown: Internal Error %(code 5%); it may have been sent\n",
      "\nNexmo    31 texts sent, 40 parts, 1%.3320 EUR\n"
        .. "Retarus  35 texts in the job, 45 parts, 32 delivered",
    } do
      assert.matches(expected, ended.out)
    end
    assert.is_nil(ended.out:find("[\27\r]"))
  end)

  it("gives each text to each provider once", function()
    demo(box.dir .. "/urls")
    local seen, jobs = {}, box:arrivals "send_job"
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
    end
    assert.is_true(seen["line-2"] and seen["line-41"])
    assert.equal(1, #jobs)
    assert.equal(35, jobs[1].recipients)
  end)

  it("takes a list of one's own", function()
    write 'Number, name\n447700900000,"100% \27[31mred"\n+491760000007,"Li, Wei"\n'
    local ended = demo(box.dir .. "/urls", list)
    assert.equal(0, ended.status, ended.err)
    assert.matches("\n  100%% %?%[31mred .*  sent\n  Li, Wei .*  sent\n", ended.out)
    assert.matches("2 texts in the job, 3 parts, 2 delivered", ended.out)
    assert.matches("Hello%20100%25", box:arrivals("send_sms")[1].body, 1, true)
  end)

  it("says what is wrong with a list", function()
    for text, message in pairs {
      [""] = "nobody is on the list", ["name,number\n"] = "nobody is on the list",
      ["a,b\n1,2\n"] = "the first line must name the columns 'name' and 'number', and is: a,b",
      ["name;number\nx;1\n"] = "the first line must name the columns 'name' and 'number', and is: "
        .. "name;number; columns are separated by commas, not by ';'",
      ["\255\254n\0a\0m\0e\0"] = "the file is UTF-16; save it as UTF-8",
      ['name,number\n"x,1\n'] = "line 2: a quoted field does not end",
      ["name,number\nx,1,2\n"] = "line 2: 3 fields, and the first line has 2",
      ["name,number\nx;447700900000\n"] =
        "line 2: 1 field, and the first line has 2, where ';' stands in the place of a comma",
      ['name,number\nx,"447700\n900000"\n'] = "line 2: a line end in a number",
    } do
      write(text)
      local ended = demo(box.dir .. "/urls", list)
      assert.equal(1, ended.status)
      assert.equal(("demo: %s: %s\n"):format(list, message), ended.err)
    end
    local ended = demo(box.dir .. "/urls", list .. ".none")
    assert.equal(1, ended.status)
    assert.matches("^demo: cannot read .*No such file", ended.err)
    assert.matches("^demo: cannot read /tmp: Is a directory", demo(box.dir .. "/urls", "/tmp").err)
    assert.matches("^demo: usage: ", demo().err)
    assert.matches("is not the file 'urls' of a running sandbox", demo("demo/demo.lua").err)
    assert.equal(0, box:count())
  end)

  it("sends no job where nobody can be in it", function()
    write "name,number\nA,letters\nB,1234567890123456\n"
    local ended = demo(box.dir .. "/urls", list)
    assert.equal(1, ended.status)
    assert.matches("^demo: Retarus: messages: must have at least one entry", ended.err)
    assert.equal(0, box:count())
  end)

  it("ends where the sandbox is gone", function()
    write("nexmo_rest=http://127.0.0.1:9\nnexmo_api=http://127.0.0.1:9\n"
      .. "retarus_send=http://127.0.0.1:9\nretarus_de1=http://127.0.0.1:9\n"
      .. "retarus_de2=http://127.0.0.1:9\n")
    local ended = demo(list)
    assert.equal(1, ended.status)
    assert.matches("^demo: Nexmo: .*while connecting %(not sent%)\n$", ended.err)
    assert.matches("\n  Zoë Müller +1 +not sent\n", ended.out)
    assert.matches("\nNexmo    0 texts sent, 0 parts, 0%.0000 EUR\n", ended.out)
  end)

  it("ends cleanly on Ctrl-C, and says what was sent", function()
    box:settings { visible_after = 60 }
    local ended = process.interrupted(
      child.command("demo/demo.lua", { box.dir .. "/urls" }, NO_PROXY),
      function() return box:arrivals "list_recipients"[1] end)
    assert.equal(130, ended.status)
    assert.equal("demo: interrupted\n", ended.err)
    assert.matches("\nNexmo    31 texts sent", ended.out)
    assert.matches("\n  Zoë Müller +1 +under way\n", ended.out)
  end)

  it("shows its progress on a terminal", function()
    local ended = child.shell(("script -qec %s /dev/null"):format(child.quoted(
      child.command("demo/demo.lua", { box.dir .. "/urls" }, NO_PROXY))))
    assert.equal(0, ended.status, ended.out)
    assert.matches("Nexmo: 37 of 37\r\27%[K", ended.out)
    assert.matches("Retarus: %d+ of 35 have ended\r\27%[K", ended.out)
  end)
end)
