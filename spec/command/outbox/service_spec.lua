-- The unit of systemd for workers.

local child = require "spec.support.child"
local process = require "spec.support.process"

local PATH = "packaging/sms-worker@.service"

local can_verify = child.shell("command -v systemd-analyze").status == 0

describe("sms-worker@.service", function()
  local text = process.read(PATH)

  it("is understood by systemd, to its last option", function()
    if not can_verify then return pending "there is no systemd-analyze" end
    local folder = process.output_of "mktemp -d"
    child.shell(("sed 's|ExecStart=sms|ExecStart=%s/bin/sms|' %s >'%s/sms-worker@.service'"):format(
      process.output_of "pwd", PATH, folder))
    local ended = child.shell(("systemd-analyze verify --man=no '%s/sms-worker@codes.service'")
      :format(folder))
    child.shell("rm -rf " .. folder)
    assert.same({ 0, "", "" }, { ended.status, ended.out, ended.err })
  end)

  it("starts the command with options that it has", function()
    local words = text:match "\nExecStart=sms ([^$\n]*)"
    local help = child.shell(child.interpreter .. " bin/sms " .. words:match "^%w+" .. " --help")
    for option in words:gmatch "%-%-[%w-]+" do
      assert.matches(option .. " ", help.out, 1, true)
    end
  end)

  it("leaves an account that was refused to people", function()
    assert.matches("\nRestart=always\n", text, 1, true)
    assert.matches("\nRestartPreventExitStatus=4[ \n]", text)
  end)

  it("gives what is in flight the time of an attempt", function()
    assert.is_true(tonumber(text:match "\nTimeoutStopSec=(%d+)\n") > 30 + 5)
    assert.not_matches("\nKillSignal=", text)
  end)
end)
