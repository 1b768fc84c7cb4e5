-- sms send, through both providers.

local child = require "spec.support.child"
local cjson = require "cjson"
local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"

local NUMBER = "447700900000"

describe("sms send", function()
  local home = run.home()
  local box = sandbox.for_specs()

  local function send(provider, words, input, more)
    local environment = (more and run.with_account or run.with)(box,
      { HOME = home, SMS_PROVIDER = provider })
    for name, value in pairs(more or {}) do environment[name] = value or nil end
    local all = { "send" }
    for _, word in ipairs(words) do all[#all + 1] = word end
    return run.sms(all, environment, input)
  end

  it("sends a text through Nexmo", function()
    local ended = send("nexmo", { "--from", "Acme", "--to", NUMBER, "Hello" })
    assert.same(0, ended.status, ended.err)
    assert.same("", ended.err)
    assert.matches("^447700900000  accepted  %x+\n$", ended.out)
    local arrivals = box:arrivals "send_sms"
    assert.same(1, #arrivals)
    assert.matches("from=Acme", arrivals[1].body, 1, true)
  end)

  it("sends a text through Retarus, as one job of all numbers", function()
    local ended = send("retarus", { "--from", "Acme", "--to", NUMBER, "--to", "+49 176 00000000",
      "--status-requested", "--customerRef", "r-1", "Hello" })
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("^447700900000  accepted  (%S+)\n%+49 176 00000000  accepted  %1\n$", ended.out)
    local arrivals = box:arrivals "send_job"
    assert.same(1, #arrivals)
    local job = cjson.decode(arrivals[1].body)
    assert.same({ src = "Acme", statusRequested = true, customerRef = "r-1" }, job.options)
    assert.same(1, #job.messages)
    assert.same(2, #job.messages[1].recipients)
  end)

  it("has a text arrive whole at Retarus", function()
    local ended = send("retarus", { "--to", NUMBER, ("ż"):rep(71) })
    assert.same(0, ended.status, ended.err)
    assert.same({ encoding = "UTF-16", maxParts = 2 },
      cjson.decode(box:arrivals("send_job")[1].body).options)
  end)

  it("takes the provider there are credentials for", function()
    local words = { "--from", "Acme", "--to", NUMBER, "Hello" }
    local ended = send(nil, words, nil, { RETARUS_USERNAME = false })
    assert.same(0, ended.status, ended.err)
    assert.same(1, #box:arrivals "send_sms")
    ended = send(nil, words)
    assert.same(2, ended.status)
    assert.matches("--provider", ended.err, 1, true)
  end)

  it("reads the text from its standard input", function()
    local ended = send("nexmo", { "--from", "Acme", "--to", NUMBER, "-" }, "from stdin\n")
    assert.same(0, ended.status, ended.err)
    assert.matches("text=from%%20stdin$", box:arrivals("send_sms")[1].body)
  end)

  it("prints JSON also where an argument is no UTF-8", function()
    local ended = send("nexmo", { "--json", "--from", "Acme", "--to",
      "é4477\2550\237\160\128", "Hi" })
    assert.same({ 3, "é4477�0���" }, { ended.status, cjson.decode(ended.out).to })
  end)

  it("shows with --dry-run what it would send, secrets masked", function()
    for provider, pattern in pairs { nexmo = "POST http.*/sms/json\n.*text=Hello",
      retarus = "POST http.*/rest/v1/jobs\n.*\"text\":\"Hello\"" } do
      local ended = send(provider, { "--dry-run", "--from", "Acme", "--to", NUMBER, "Hello" })
      assert.same({ 0, "" }, { ended.status, ended.err })
      assert.matches(pattern, ended.out)
      assert.not_matches("Secret0123456789", ended.out, 1, true)
      ended = send(provider, { "--dry-run", "--json", "--from", "Acme", "--to", NUMBER, "Hello" })
      assert.same("POST", cjson.decode(ended.out).method)
    end
    assert.same(0, box:count())
  end)

  it("gives JSON to programs, a line a number", function()
    box:fault { operation = "send_sms", kind = "nexmo_status", code = 6, count = 1 }
    local ended = send("nexmo", { "--json", "--from", "Acme", "--to", NUMBER, "--to",
      "447700900001", "Hello" })
    local outcomes = {}
    for line in ended.out:gmatch "[^\n]+" do
      local value = cjson.decode(line)
      outcomes[#outcomes + 1] = value.outcome
      assert.is_true(value.result.messages[1].status ~= nil)
    end
    table.sort(outcomes)
    assert.same({ "accepted", "rejected" }, outcomes)
    assert.same(6, ended.status)
  end)

  it("is refused where its words are wrong, and sends nothing", function()
    for _, case in ipairs {
      { "nexmo", { "Hello" }, "--to NUMBER" },
      { "nexmo", { "--to", NUMBER, "--to", "+44 7700 900000", "a" }, "is there twice" },
      { "nexmo", { "--to", NUMBER, "--flash", "a" }, "--flash is no option of nexmo" },
      { "retarus", { "--to", NUMBER, "--ttl", "1", "a" }, "--ttl is no option of retarus" },
      { "nexmo", { "--to", NUMBER, "--provider", "other", "a" }, "must be one of" },
      { "other", { "--to", NUMBER, "a" }, "there is no provider 'other'" },
    } do
      local ended = send(case[1], case[2])
      assert.same(2, ended.status, ended.err)
      assert.matches(case[3], ended.err, 1, true)
    end
    assert.same(0, box:count())
  end)

  describe("ends with the code", function()
    local function code(fault, provider, ...)
      if fault then box:fault(fault) end
      local words = { "--from", "Acme", "Hello", "--to", NUMBER, ... }
      return send(provider or "nexmo", words)
    end

    it("3 where nothing was sent", function()
      local ended = send("nexmo", { "--from", "Acme", "--to", "nobody", "Hello" })
      assert.same({ 3, "" }, { ended.status, ended.out })
      assert.matches("nobody: not sent: to: ", ended.err)
      assert.same(3, send("retarus", { "--to", "nobody", "Hello" }).status)
      assert.same(3, send("nexmo", { "--from", "Acme", "--to", NUMBER }).status)
      ended = send("nexmo", { "--from", "Acme", "--to", NUMBER, "Hello" }, nil,
        { NEXMO_BASE_URL = "http://127.0.0.1:9" })
      assert.same(3, ended.status, ended.err)
    end)

    it("4 where it was refused", function()
      assert.same(4, code { operation = "send_sms", kind = "nexmo_status", code = 6 }.status)
      assert.same(4, send("nexmo", { "--from", "Acme", "--to", NUMBER, "Hello" }, nil,
        { NEXMO_API_SECRET = "wrong" }).status)
      assert.same(4, send("retarus", { "--to", NUMBER, "--to", "4917600000000", "Hello" }, nil,
        { RETARUS_PASSWORD = "wrong" }).status)
    end)

    it("5 where one is ambiguous", function()
      local fault = { operation = "send_sms", kind = "lost_answer", count = 1 }
      local ended = code(fault, "nexmo", "--to", "447700900001")
      assert.same(5, ended.status)
      assert.matches("ambiguous", ended.err)
      assert.matches("accepted", ended.out)
      assert.same(5, code({ operation = "send_job", kind = "lost_answer", count = 1 },
        "retarus").status)
    end)

    it("6 where some were taken", function()
      assert.same(6, send("nexmo", { "--from", "Acme", "--to", NUMBER, "--to", "nobody", "a" })
        .status)
      box:fault { operation = "send_sms", kind = "nexmo_status", code = 6, parts = { 2 } }
      local ended = send("nexmo", { "--from", "Acme", "--to", NUMBER, ("long "):rep(60) })
      assert.same({ 6, "" }, { ended.status, ended.out })
      assert.matches("taken in part", ended.err, 1, true)
    end)

    it("of a failing send, without a terminal and without a HOME", function()
      local words = { "send", "--provider", "nexmo", "--from", "Acme", "--to", "nobody", "Hello" }
      local ended = run.sms(words, run.with(box, { PATH = "/usr/bin:/bin" }))
      assert.same(3, ended.status)
    end)
  end)

  it("tells what became of the rest where nobody reads it", function()
    local words = { "send", "--from", "Acme", "--to", NUMBER, "--to", "447700900001", "Hello" }
    local line = run.line(words, run.with(box, { HOME = home, SMS_PROVIDER = "nexmo" }))
    local ended = child.shell(("sh -c %s"):format(child.quoted("trap '' PIPE; { " .. line
      .. "; echo $? >&2; } | :")))
    assert.same("141\n", ended.err)
    assert.same(2, #box:arrivals "send_sms")
  end)

  it("after Ctrl-C waits for what is in flight, and tells what became of each", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.5 }
    local words = { "send", "--from", "Acme", "Hello" }
    for i = 1, 40 do
      words[#words + 1], words[#words + 2] = "--to", ("4477009%05d"):format(i)
    end
    local line = run.line(words, run.with(box, { HOME = home, SMS_PROVIDER = "nexmo" }))
    local ended = process.interrupted(line, function() return box:count() > 0 end)
    assert.same(130, ended.status, ended.err)
    local _, accepted = ended.out:gsub("accepted", "")
    local _, left = ended.err:gsub(": not sent\n", "")
    local _, doubtful = ended.err:gsub(": ambiguous: ", "") -- LuaJIT may raise it inside of a call
    assert.same(40, accepted + left + doubtful, ended.out .. ended.err)
    assert.is_true(accepted > 0)
    assert.is_true(#box:arrivals "send_sms" <= accepted + doubtful)
    assert.matches("sms: interrupted\n$", ended.err)
  end)

  it("is ended by a closed pipe without a word", function()
    local line = run.line({ "measure", "Hello" })
    local ended = child.shell(("{ sleep 0.1; %s; echo $? >&2; } | :"):format(line))
    assert.same("141\n", ended.err)
  end)

  it("never exceeds the limit of an account, however many runs there are", function()
    local environment = run.with_account(box, { HOME = home, SMS_PROVIDER = "nexmo" })
    local words = { "send", "--from", "Acme", "Hello" }
    for i = 1, 12 do
      words[#words + 1], words[#words + 2] = "--to", ("4477009%05d"):format(i)
    end
    local line = run.line(words, environment)
    local ended = child.shell(("for i in 1 2 3; do %s & done; wait"):format(line))
    assert.same("", ended.err)
    local arrivals = box:arrivals "send_sms"
    assert.same(36, #arrivals)
    assert.is_true(arrivals[31].time - arrivals[1].time >= 1e6)
  end)
end)
