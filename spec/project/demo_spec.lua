-- The demo against the sandbox: its own list and others, and every way in which it ends.

local child = require "spec.support.child"
local columns = require "demo.columns"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local NO_PROXY = { http_proxy = false, all_proxy = false, ALL_PROXY = false }

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
      [""] = "has no first line, which names the columns",
      ["name,number\n"] = "nobody is on the list",
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
    assert.matches("^demo: .*No such file", ended.err)
    assert.matches("^demo: /tmp: Is a directory", demo(box.dir .. "/urls", "/tmp").err)
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
