-- The command at a terminal: questions, colours, bars, Ctrl-C.

local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"
local terminal = require "spec.support.terminals.tmux"

local ESCAPE = "\27["

describe("At a terminal, the command", function()
  local home = run.home()
  local box = sandbox.for_specs()
  terminal.for_specs()

  local function environment(more)
    local all = run.with(box, { HOME = home, SMS_PROVIDER = "nexmo", TERM = "screen" })
    for name, value in pairs(more or {}) do all[name] = value end
    return all
  end

  local function open(words, more)
    return terminal.open(run.line(words, environment(more)))
  end

  local SEND = { "send", "--from", "Acme", "--to", "447700900000", "Hello" }

  describe("in colours", function()
    it("tells what was accepted", function()
      local screen = open(SEND)
      assert.same(0, screen:status())
      assert.matches(ESCAPE .. "32maccepted", screen:text "-e", 1, true)
    end)

    local WITHOUT = { NO_COLOR = { NO_COLOR = "1" }, ["TERM=dumb"] = { TERM = "dumb" } }
    for words, more in pairs(WITHOUT) do
      it("but not with " .. words, function()
        local screen = open(SEND, more)
        assert.same(0, screen:status())
        assert.matches("447700900000  accepted  %x+\n", screen:text())
        assert.not_matches(ESCAPE .. "3", screen:text "-e", 1, true)
      end)
    end
  end)

  describe("asked before it destroys", function()
    local id

    local function apps(...)
      return run.sms({ "apps", ... }, environment())
    end

    before_each(function()
      local made = apps("create", "--json", "--name", "mine", "--answer_url",
        "https://example.com/a", "--event_url", "https://example.com/e")
      assert.same(0, made.status, made.err)
      id = made.out:match '"id":"([^"]+)"'
    end)

    local function is_there()
      return apps("show", id).status == 0
    end

    it("does it after y", function()
      local screen = open { "apps", "delete", id }
      screen:see "[y/N]"
      assert.is_true(is_there())
      screen:type "y"
      screen:press "Enter"
      assert.same(0, screen:status())
      assert.is_false(is_there())
    end)

    it("does nothing after anything else", function()
      for _, answer in ipairs { "n", "", "yy" } do
        local screen = open { "apps", "delete", id }
        screen:see "[y/N]"
        screen:type(answer)
        screen:press "Enter"
        assert.not_same(0, screen:status())
        screen:close()
      end
      assert.is_true(is_there())
    end)

    it("does nothing after Ctrl-C or the end of the input", function()
      local screen = open { "apps", "delete", id }
      screen:see "[y/N]"
      screen:press "C-c"
      assert.same(130, screen:status())
      screen:close()
      screen = open { "apps", "delete", id }
      screen:see "[y/N]"
      screen:press "C-d"
      assert.not_same(0, screen:status())
      assert.is_true(is_there())
    end)

    it("does not ask with --yes", function()
      local screen = open { "apps", "delete", "--yes", id }
      assert.same(0, screen:status())
      assert.not_matches("[y/N]", screen:text(), 1, true)
      assert.is_false(is_there())
    end)

    it("needs --yes where there is no terminal", function()
      local ended = apps("delete", id)
      assert.same(2, ended.status)
      assert.matches("needs --yes", ended.err, 1, true)
      assert.is_true(is_there())
    end)
  end)

  it("tells after Ctrl-C what became of what was in flight", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 1 }
    local screen = open { "send", "--from", "Acme", "--to", "447700900000", "--to",
      "447700900001", "Hello" }
    process.wait("both", 10, function() return box:count() == 2 end)
    screen:press "C-c"
    assert.same(130, screen:status())
    local text = screen:text()
    for _, number in ipairs { "447700900000", "447700900001" } do
      assert.is_truthy(text:find(number .. "  accepted  %x+\n")
        or text:find(number .. ": ambiguous: "), text) -- LuaJIT may raise it inside of a call
    end
    assert.matches("sms: interrupted", text, 1, true)
  end)

  it("tells after Ctrl-C that a change may have been made", function()
    box:fault { operation = "create_application", kind = "latency", seconds = 5 }
    local screen = open { "apps", "create", "--name", "mine", "--answer_url",
      "https://example.com/a", "--event_url", "https://example.com/e" }
    process.wait("it", 10, function() return box:count() == 1 end)
    screen:press "C-c"
    assert.same(130, screen:status())
    assert.matches("create_application: it was under way: it may have been done or not",
      screen:text(), 1, true)
  end)

  it("shows that it waits, and takes that away", function()
    local throttled = { operation = "send_sms", kind = "throttle", http = true, retry_after = 2,
      count = 1 }
    box:fault(throttled)
    local screen = open(SEND)
    screen:see "next attempt in 2 s"
    assert.same(0, screen:status())
    assert.not_matches("next attempt", screen:text(), 1, true)
    box:fault(throttled)
    screen = open(SEND, { TERM = "dumb" })
    repeat
      local text = screen:text()
      assert.not_matches("next attempt", text, 1, true)
    until text:find("[status 0]", 1, true)
  end)

  describe("in a campaign", function()
    local path = home .. "/people.csv"

    before_each(function()
      local file = assert(io.open(path, "w"))
      file:write "number,text\n"
      for i = 1, 40 do
        file:write(("4477009%05d,Hello %d\n"):format(i, i))
      end
      file:close()
      os.execute("rm -f " .. path .. ".*")
    end)

    local WORDS = { "campaign", path, "--from", "Acme", "--in-flight", "8" }

    it("asks, shows a bar, ends with Ctrl-C, and goes on when it is run again", function()
      box:fault { operation = "send_sms", kind = "latency", seconds = 0.3 }
      local screen = open(WORDS)
      screen:see "[y/N]"
      assert.same(0, #box:arrivals "send_sms")
      screen:type "y"
      screen:press "Enter"
      screen:see " of 40, "
      screen:press "C-c"
      assert.same(130, screen:status())
      assert.not_matches("###", screen:text(), 1, true)
      assert.matches("run it again to go on", screen:text(), 1, true)
      local first = #box:arrivals "send_sms"
      assert.is_true(first > 0 and first < 40)
      box:clear_faults()
      screen:close()
      screen = open(WORDS)
      screen:see "[y/N]"
      screen:type "y"
      screen:press "Enter"
      assert.same(0, screen:status())
      local seen, twice = {}, 0
      for _, arrival in ipairs(box:arrivals "send_sms") do
        twice = twice + (seen[arrival.to] and 1 or 0)
        seen[arrival.to] = true
      end
      assert.same({ 40, 0 }, { #box:arrivals "send_sms", twice })
    end)

    it("sends nothing after n", function()
      local screen = open(WORDS)
      screen:see "[y/N]"
      screen:type "n"
      screen:press "Enter"
      assert.same(3, screen:status())
      assert.same(0, #box:arrivals "send_sms")
    end)
  end)

  it("follows a job until Ctrl-C", function()
    box:settings { job_open = 60 }
    local sent = run.sms({ "send", "--provider", "retarus", "--to", "447700900000", "Hello" },
      environment())
    local screen = open { "status", "--follow", sent.out:match "accepted  (%S+)" }
    screen:see "OPEN"
    screen:press "C-c"
    assert.same(130, screen:status())
  end)
end)
