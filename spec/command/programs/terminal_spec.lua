-- sms sandbox, sms webhook listen and sms numbers at a terminal: keys, questions, Ctrl-C.

local child = require "spec.support.child"
local nginx = require "spec.support.servers.nginx"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"
local terminal = require "spec.support.terminals.tmux"

describe("At a terminal", function()
  local home = run.home()
  local box = sandbox.for_specs()
  local temporary = home .. "/temporary"
  setup(function() child.shell("mkdir -p " .. temporary) end)
  terminal.for_specs()

  local function open(words)
    return terminal.open(run.line(words, { HOME = home, SMS_SANDBOX = box.dir, TERM = "screen",
      TMPDIR = temporary }))
  end

  it("Ctrl-C ends the sandbox", function()
    local screen = open { "sandbox" }
    screen:see "control "
    screen:press "C-c"
    assert.equal(130, screen:status())
    assert.same({}, child.names_in(temporary))
  end)

  it("webhooks are shown as they come, until Ctrl-C", function()
    if nginx.sanitized then return pending "a module with a sanitizer needs a nginx with it" end
    local port = nginx.free_port()
    local screen = open { "webhook", "listen", "--port", tostring(port) }
    screen:see "Listening on"
    box:settings { webhook_signature = "md5hash",
      webhook_url = ("http://127.0.0.1:%d/"):format(port) }
    box:inbound { from = "447700900111", to = "447700900500", text = "Is this on?" }
    screen:see "Is this on?"
    assert.not_matches("[status", screen:text(), 1, true)
    screen:press "C-c"
    assert.equal(130, screen:status())
    assert.same({}, child.names_in(temporary))
  end)

  it("a number is bought after y alone", function()
    for answer, code in pairs { n = 3, y = 0 } do
      local screen = open { "numbers", "buy", "GB", "447700900103" }
      screen:see "which costs 1.25 EUR a month and 0.00 EUR once? [y/N]"
      assert.equal(0, #box:arrivals "buy_number")
      screen:type(answer)
      screen:press "Enter"
      assert.equal(code, screen:status())
      assert.equal(code == 0 and 1 or 0, #box:arrivals "buy_number")
      box:reset()
    end
  end)
end)
