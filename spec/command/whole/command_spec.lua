-- What holds for `sms` whatever the subcommand: words, help, credentials, outputs.

local child = require "spec.support.child"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"
local tree = require "spec.support.rooms.tree"

describe("The command", function()
  local home = run.home()

  local function misuse(words, ...)
    local ended = run.sms(words, { HOME = home })
    assert.same(2, ended.status, ended.err)
    assert.same("", ended.out)
    for _, text in ipairs { ... } do
      assert.matches(text, ended.err, 1, true)
    end
  end

  it("tells its version", function()
    local ended = run.sms { "--version" }
    assert.same(0, ended.status)
    assert.same("sms " .. require("sms").version .. "\n", ended.out)
  end)

  it("tells its commands and the exit codes", function()
    local ended = run.sms { "--help" }
    assert.same(0, ended.status)
    for _, text in ipairs { "send", "measure", "doctor", "Exit codes", "130", "not sent" } do
      assert.matches(text, ended.out, 1, true)
    end
    assert.same(ended.out, run.sms({ "help" }).out)
  end)

  it("tells the options of a command in two ways", function()
    local ended = run.sms { "help", "send" }
    assert.same(0, ended.status)
    assert.matches("--client-ref", ended.out, 1, true)
    assert.matches("--statusRequested", ended.out, 1, true)
    assert.same(ended.out, run.sms({ "send", "--help" }).out)
    assert.same(run.sms({ "numbers", "buy", "-h" }).out,
      run.sms({ "help", "numbers", "buy" }).out)
  end)

  it("tells of commands within one which flags they have", function()
    for words, flags in pairs { ["numbers buy"] = { true, true, true },
      ["numbers search"] = { true, true, false }, ["apps delete"] = { true, true, true },
      ["webhook listen"] = { true, false, false }, status = { true, true, false },
      numbers = { false, false, false }, worker = { true, true, true },
      ["outbox status"] = { true, true, false }, ["outbox resend"] = { true, true, true },
      job = { true, true, false } } do
      local help = run.sms({ "help", words:match "%S+", words:match " (%S+)" }).out
      for i, flag in ipairs { "  --json", "  --dry-run", "  --yes" } do
        assert.same({ words, flag, flags[i] }, { words, flag, help:find(flag, 1, true) ~= nil })
      end
      assert.matches("Exit codes", help, 1, true)
    end
    assert.matches("--to VALUE +%C+ Required%.\n", run.sms({ "call", "--help" }).out)
  end)

  it("without a word shows its help, and fails", function()
    misuse({}, "usage: sms")
  end)

  it("names what is near to a wrong word", function()
    misuse({ "sned" }, "there is no command 'sned'; did you mean 'send'?", "sms --help")
    misuse({ "send", "--form", "Acme" }, "there is no option '--form'; did you mean '--from'?",
      "sms send --help")
    misuse({ "send", "--client_reff", "a" }, "did you mean '--client-ref'?")
    misuse({ "send", "--status-Requested", "a" }, "did you mean '--statusRequested'?")
    misuse({ "help", "sned" }, "did you mean 'send'?")
    misuse({ "send", "-5 degrees" }, "comes after '--'")
    misuse({ "measure", "--quick", "a" }, "there is no option '--quick'")
    misuse({ "--json", "send" }, "there is no option '--json'; options come after the command")
    misuse({ "numbers", "serach" }, "did you mean 'search'?", "sms numbers --help")
    misuse({ "help", "numbers", "sell" }, "there is no command 'sell'")
    misuse({ "measure", "Hello", "there" }, "a text of several words stands in quotes")
  end)

  it("takes no secret from its arguments", function()
    for _, word in ipairs { "--api-secret", "--api-key=a", "--password", "--private_key",
      "NEXMO_API_SECRET=a", "SMS_REDIS_PASSWORD=a", "--redis-password=a" } do
      misuse({ "send", word }, "secrets are not taken from arguments")
    end
  end)

  it("names the credentials that are missing", function()
    misuse({ "send", "--to", "447700900000", "a" }, "there are no credentials",
      "NEXMO_API_KEY", "~/.config/sms/credentials")
    misuse({ "check", "--provider", "nexmo" }, "api_key is missing: set NEXMO_API_KEY")
  end)

  describe("with a file of credentials", function()
    local box = sandbox.for_specs()
    local folder = home .. "/.config/sms"
    local path = folder .. "/credentials"
    local key
    before_each(function() key = run.with_account(box).NEXMO_API_KEY end)

    local function write(text, mode)
      child.shell(("mkdir -p %s"):format(folder))
      local file = assert(io.open(path, "wb"))
      file:write((text:gsub("MINE", key)))
      file:close()
      child.shell(("chmod %s %s"):format(mode or "600", path))
    end
    teardown(function() os.remove(path) end)

    local function check(environment)
      environment = environment or {}
      environment.HOME = environment.HOME or home
      environment.NEXMO_BASE_URL = box.urls.nexmo
      environment.RETARUS_BASE_URL = box.urls.retarus
      return run.sms({ "check" }, environment)
    end

    it("reads it", function()
      write '# mine\n\nNEXMO_API_KEY=MINE\nexport NEXMO_API_SECRET="Secret0123456789"\n'
      local ended = check()
      assert.same({ status = 0, out = "nexmo: ok\n", err = "" }, ended)
    end)

    it("looks where XDG_CONFIG_HOME says", function()
      write "RETARUS_USERNAME=MINE\nRETARUS_PASSWORD=pass\r\n"
      local ended = check { HOME = "/nowhere", XDG_CONFIG_HOME = home .. "/.config" }
      assert.same({ status = 0, out = "retarus: ok\n", err = "" }, ended)
    end)

    it("takes what the environment has before it", function()
      write "NEXMO_API_KEY=MINE\nNEXMO_API_SECRET=Secret0123456789\n"
      local ended = check { NEXMO_API_SECRET = "another" }
      assert.same(1, ended.status)
      assert.matches("^sms: nexmo: ", ended.err)
    end)

    it("reads neither it nor the environment where SMS_SANDBOX names a sandbox", function()
      write("NEXMO_API_KEY abcd1234\n", "644")
      box:reset()
      local ended = run.sms({ "check" }, { HOME = home, SMS_SANDBOX = box.dir,
        NEXMO_API_KEY = "real", NEXMO_BASE_URL = "http://127.0.0.1:1" })
      assert.same({ status = 0, out = "nexmo: ok\nretarus: ok\n", err = "" }, ended)
      ended = run.sms({ "check" }, { HOME = home, SMS_SANDBOX = "/nowhere" })
      assert.same(2, ended.status)
      assert.matches("^sms: SMS_SANDBOX: no sandbox runs in '/nowhere'", ended.err)
    end)

    it("refuses one that others may read", function()
      for _, mode in ipairs { "640", "604", "660" } do
        write("NEXMO_API_KEY=MINE\n", mode)
        local ended = check()
        assert.same(2, ended.status)
        assert.matches("may be read by others: chmod 600", ended.err, 1, true)
      end
    end)

    it("refuses one that cannot be read", function()
      os.remove(path)
      child.shell("mkdir -m 700 " .. path)
      finally(function() child.shell("rmdir " .. path) end)
      local ended = check()
      assert.same(2, ended.status, ended.err)
      assert.same(("sms: %s: Is a directory\n"):format(path), ended.err)
    end)

    it("refuses what is no credential, and shows none", function()
      write "NEXMO_API_KEY=MINE\nNEXMO_API_SECRETS=Secret0123456789\n"
      local ended = check()
      assert.same(2, ended.status)
      assert.matches("line 2: NEXMO_API_SECRETS is not a name that is known here; "
        .. "did you mean 'NEXMO_API_SECRET'?", ended.err, 1, true)
      write "NEXMO_API_KEY MINE\n"
      ended = check()
      assert.matches("line 1: is not NAME=value", ended.err, 1, true)
      assert.not_matches(key, ended.err)
    end)
  end)

  it("knows the environment's names of every provider", function()
    package.path = "lua/?.lua;" .. package.path
    local known = require("sms_command.credentials").NAMES
    for _, path in ipairs(tree.files "lua/sms/providers -mindepth 2 -maxdepth 2 -name init.lua") do
      local name = path:match "providers/([^/]+)/"
      local declared = assert(dofile(path))
      local names = { [name:upper() .. "_BASE_URL"] = "base_url" }
      for option, variable in pairs(declared.environment) do
        names[variable] = option
      end
      assert.same(names, known[name])
    end
  end)

  it("is found through a link, and from any folder", function()
    child.shell(("ln -s $PWD/bin/sms %s/linked"):format(home))
    local ended = child.shell(("here=$PWD; cd %s && env -i PATH=\"$PATH\" %s ./linked --version")
      :format(home, child.interpreter))
    assert.same({ 0, "" }, { ended.status, ended.err })
    assert.matches("^sms %d", ended.out)
  end)

  it("says in a sentence that its modules are not there", function()
    child.shell(("cp bin/sms %s/alone"):format(home))
    local ended = child.shell(("cd %s && env -i PATH=\"$PATH\" %s alone --version")
      :format(home, child.interpreter))
    assert.same(1, ended.status)
    assert.matches("^sms: ", ended.err)
    assert.not_matches("traceback", ended.err)
  end)

  it("says that argparse is too old", function()
    child.shell(("mkdir -p %s/old && sed s/hidden_name/other_name/ \"$(%s -e %s)\" "
      .. ">%s/old/argparse.lua"):format(home, "lua5.4", child.quoted(
      'print(package.searchpath("argparse", package.path))'), home))
    local ended = run.sms({ "--version" }, { LUA_PATH = home .. "/old/?.lua;" .. package.path })
    assert.same({ status = 1, out = "",
      err = "sms: the Lua module argparse is too old: 0.7.1 is needed\n" }, ended)
  end)

  it("writes what it says into no file, where standard descriptors are closed", function()
    local box = sandbox.start()
    finally(function() box:stop() end)
    local path = home .. "/people.csv"
    local file = assert(io.open(path, "w"))
    file:write "number,text\n447700900000,Hello\n"
    file:close()
    for _, closed in ipairs { ">&-", "2>&- >&-", "<&- >&- 2>&-" } do
      child.shell("rm -f " .. path .. ".*")
      child.shell(run.line({ "campaign", path, "--from", "Acme", "--yes" },
        run.with(box, { HOME = home, SMS_PROVIDER = "nexmo" })) .. " " .. closed)
      local result = child.shell("cat " .. path .. ".result*").out
      local _, lines = result:gsub("\n", "")
      assert.same(2, lines, result)
      assert.matches("447700900000,accepted", result)
    end
  end)

  it("says what fails on the way out", function()
    for _, word in ipairs { "measure a", "measure --help", "--help", "help" } do
      local ended = child.shell(run.line {} .. " " .. word .. " >/dev/full")
      assert.same({ word, 1 }, { word, ended.status })
      assert.matches("^sms: the results cannot be written: ", ended.err)
    end
  end)

  it("ends quietly where nobody reads what it says", function()
    local ended = child.shell(("sh -c %s"):format(child.quoted("trap '' PIPE; "
      .. "{ sleep 0.2; " .. run.line { "--help" } .. "; echo $? >&2; } | :")))
    assert.same("141\n", ended.err)
  end)
end)
