-- sms worker told to end: what is in flight ends first, and what is left stays in the outbox.

local outboxes = require "spec.support.outbox.commands"
local terminal = require "spec.support.terminals.tmux"

describe("sms worker", function()
  local made = outboxes.for_specs()
  terminal.for_specs()

  local cases = { TERM = { 0, "ended by SIGTERM" }, INT = { 130, "interrupted" } }
  for signal, case in pairs(cases) do
    it("ends what is in flight at SIG" .. signal, function()
      made.box:fault { kind = "latency", seconds = 0.5 }
      made:add(30)
      local ended = made:stopped(signal, function() return made.box:count() >= 4 end,
        "--in-flight", "4")
      assert.equal(case[1], ended.status, ended.err)
      local counts, total = made:arrived()
      assert.is_true(total >= 4 and total < 30)
      for _, count in pairs(counts) do assert.equal(1, count) end
      assert.matches(("\nsms: %s: %d accepted\n$"):format(case[2], total), ended.err)
      local status = made:outbox():status()
      assert.same({ 30 - total, 0, 0, 0 }, { status.queued, status.taken, status.begun,
        status.ambiguous })
    end)
  end

  it("ends at once while there is nothing to do", function()
    local ended = made:stopped("TERM", function(said) return said():find "Ctrl%-C ends it" end)
    assert.equal(0, ended.status, ended.err)
    assert.matches("\nsms: ended by SIGTERM: nothing was sent\n$", ended.err)
  end)

  it("gives back what waits for the rate limit", function()
    made:add(40)
    made.box:fault { operation = "send_sms", kind = "throttle", http = true, retry_after = 100 }
    local ended = made:stopped("TERM", function() return made.box:count() >= 1 end)
    assert.equal(0, ended.status, ended.err)
    local status = made:outbox():status()
    assert.same({ 40, 0, 0 }, { status.queued + status.delayed, status.taken, status.begun })
  end)

  it("waits for no answer longer than an attempt may take", function()
    made.box:fault { kind = "latency", seconds = 20 }
    made:add(1)
    local began
    local ended = made:stopped("TERM", function()
      began = os.time()
      return made.box:count() == 1
    end, "--timeout", "1")
    assert.equal(0, ended.status, ended.err)
    assert.is_true(os.time() - began <= 4)
    assert.matches("\nsms: ended by SIGTERM: 1 ambiguous\n$", ended.err)
    assert.equal(1, made:outbox():status().ambiguous)
  end)

  it("leaves what it had to others where it is killed", function()
    made.box:fault { kind = "latency", seconds = 0.3 }
    made:add(20)
    local ended = made:stopped("KILL", function() return made.box:count() >= 4 end, "--in-flight",
      "4", "--lease", "1")
    assert.equal(137, ended.status)
    ended = made:sms("worker", "--block", "2", "--lease", "1")
    assert.equal(5, ended.status, ended.err)
    local counts = made:arrived()
    for _, count in pairs(counts) do assert.equal(1, count) end
    local status = made:outbox():status()
    assert.is_true(status.ambiguous >= 1 and status.ambiguous <= 4)
    assert.same({ 0, 0, 0 }, { status.queued, status.taken, status.begun })
  end)

  it("shows at a terminal how far it is, until Ctrl-C", function()
    made:add(3)
    local screen = terminal.open(made:line("worker", { TERM = "screen" }))
    screen:see "3 ended, 3 accepted"
    screen:press "C-c"
    assert.equal(130, screen:status())
    assert.matches("interrupted: 3 accepted", screen:text(), 1, true)
  end)
end)
