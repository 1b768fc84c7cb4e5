-- The words of `./dev` and of the sandbox's commands: misuse ends with status 2 and a sentence,
-- before anything is built, started or installed for it.

local child = require "spec.support.child"

local DEMO = child.interpreter .. " demo/demo.lua"

local MISUSED = {
  ["./dev build x"] = "'./dev build' takes nothing more, but there is 'x'",
  ["./dev lint --fast"] = "'./dev lint' takes nothing more, but there is '--fast'",
  ["./dev release 1.0.0"] = "'./dev release' takes nothing more, but there is '1.0.0'",
  ["./dev deb x"] = "'./dev deb' takes nothing more, but there is 'x'",
  ["./dev sandbox a b"] = "'./dev sandbox' takes nothing more, but there is 'a b'",
  ["./dev help me"] = "'./dev help' takes nothing more, but there is 'me'",
  ["./dev demo a b"] = "usage: ./dev demo [CSV]",
  ["./dev demo none.csv"] = "cannot read none.csv",
  ["./dev test --lang"] = "usage: ./dev test [--long]",
  ["./dev test --long x"] = "usage: ./dev test [--long]",
  ["./dev on sid"] = "usage: ./dev on SUITE COMMAND",
  ["./dev on ../x build"] = "'../x' is not the name of a Debian suite",
  ["./dev on sid build x"] = "'./dev build' takes nothing more, but there is 'x'",
  ["./dev on sid nothing"] = "there is no command 'nothing'",
  ["./dev on sid on sid test"] = "'./dev on' goes with any command but itself",
  ["./dev booted"] = "usage: ./dev booted COMMAND",
  ["./dev busy build x"] = "'./dev build' takes nothing more, but there is 'x'",
  ["./dev nothing"] = "there is no command 'nothing'",
  ["sandbox/start"] = "which folder; usage: sandbox/start [options] DIR",
  ["sandbox/start a b"] = "two folders, a and b; usage: sandbox/start [options] DIR",
  ["sandbox/start --port x a"] = "--port takes a number; usage: sandbox/start [options] DIR",
  ["sandbox/start a --workers"] = "--workers takes a number; usage: sandbox/start [options] DIR",
  ["sandbox/start --fast a"] = "there is no option --fast; usage: sandbox/start [options] DIR",
  ["sandbox/stop"] = "usage: sandbox/stop DIR",
  ["sandbox/stop a b"] = "usage: sandbox/stop DIR",
  [DEMO] = "usage: lua5.4 demo/demo.lua URLS [recipients.csv]",
  [DEMO .. " a b c"] = "usage: lua5.4 demo/demo.lua URLS [recipients.csv]",
}

describe("A command", function()
  for command, sentence in pairs(MISUSED) do
    it(("says what is wrong with '%s'"):format(command), function()
      local ended = child.shell("timeout 60 " .. command)
      assert.equal(2, ended.status)
      assert.equal("", ended.out)
      assert.equal(sentence, ended.err:match "([^\n]*)\n$":gsub("^%l+: ", "", 1))
    end)
  end

  it("runs another one beside loops, which end with it", function()
    local pipe = io.popen "./dev busy help"
    assert.matches("^usage: ./dev COMMAND\n", pipe:read "*a") -- which a loop would hold open
    pipe:close()
  end)

  it("tells its usage when asked for help", function()
    for command, usage in pairs { ["demo --help"] = "usage: ./dev demo [CSV]",
      ["release --help"] = "usage: ./dev release", ["build --help"] = "usage: ./dev COMMAND",
      ["test -h"] = "usage: ./dev COMMAND" } do
      local ended = child.shell("./dev " .. command)
      assert.equal(0, ended.status)
      assert.equal(usage, ended.out:match "^[^\n]*")
    end
  end)

  it("is named by ./dev alone", function()
    local ended = child.shell "./dev"
    assert.equal(0, ended.status)
    for _, name in ipairs { "demo", "test", "bench", "build", "lint", "coverage", "sandbox",
      "release", "deb", "on", "booted", "busy" } do
      assert.matches("\n  " .. name .. " ", ended.out)
    end
  end)
end)
