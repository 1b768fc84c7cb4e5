-- Every command at a terminal: what it tells there, and that Ctrl-C ends it while it waits for an
-- answer. Those with questions, bars or no end of their own have suites beside this one.

local process = require "spec.support.process"
local run = require "spec.support.runs.command"
local sandbox = require "spec.support.servers.sandbox"
local terminal = require "spec.support.terminals.tmux"

-- By their words: what is shown, and the operation that is waited for. JOB is the id of a job, FILE
-- a list of recipients.
local COMMANDS = {
  ["send --from Acme --to 447700900000 Hello"] = { "accepted", "send_sms" },
  ["job FILE --from Acme --yes"] = { "J.", "send_job" },
  ["status JOB"] = { "+447700900000", "list_recipients" },
  ["numbers owned"] = { "mobile-lvn", "list_owned_numbers" },
  ["numbers search GB"] = { "GB", "list_inbound_numbers" },
  ["apps list"] = { "sms: there are none", "list_applications" },
  ["call --to 447700900000 Hello"] = { "accepted", "send_voice" },
  ["balance"] = { "EUR", "get_balance" },
  ["check --provider nexmo"] = { "nexmo: ok", "get_balance" },
  ["measure Hello"] = { "1 part" },
  ["doctor"] = { "a client can be made" },
}

describe("At a terminal,", function()
  local home = run.home()
  local box = sandbox.for_specs()
  terminal.for_specs()

  local function open(line, job)
    local words = {}
    for word in line:gmatch "%S+" do
      words[#words + 1] = word == "JOB" and job or word == "FILE" and home .. "/people.csv" or word
    end
    return terminal.open(run.line(words, run.with(box, { HOME = home, SMS_PROVIDER = "nexmo",
      TERM = "screen" })))
  end

  setup(function()
    local file = assert(io.open(home .. "/people.csv", "w"))
    file:write "number,text\n+447700900000,Hello\n"
    file:close()
  end)

  local function new_job()
    local sent = run.sms({ "send", "--provider", "retarus", "--to", "+447700900000", "Hello" },
      run.with(box, { HOME = home }))
    return sent.out:match "accepted  (%S+)"
  end

  for line, case in pairs(COMMANDS) do
    it(("sms %s tells what became of it"):format(line), function()
      local screen = open(line, line:find "JOB" and new_job())
      assert.same(0, screen:status(), screen:text())
      assert.matches(case[1], screen:text(), 1, true)
    end)

    if case[2] then
      it(("Ctrl-C ends sms %s"):format(line), function()
        local job = line:find "JOB" and new_job()
        box:clear_arrivals()
        box:fault { operation = case[2], kind = "latency", seconds = 5 }
        local screen = open(line, job)
        process.wait("its request", 10, function() return #box:arrivals(case[2]) == 1 end)
        screen:press "C-c"
        assert.same(130, screen:status(), screen:text())
      end)
    end
  end
end)
