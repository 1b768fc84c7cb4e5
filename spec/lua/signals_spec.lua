-- sms.catch_signals: SIGTERM and Ctrl-C end loops of send_all, and a second one the process.

local child = require "spec.support.child"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

-- Sends without an end, and prints how each ended; then what came.
local PROGRAM = [[
  local sms = require "sms"
  local caught, count = sms.catch_signals(), 0
  local function next_item()
    count = count + 1
    if count == 4 then io.stdout:write "begun\n" io.stdout:flush() end
    return { from = "Acme", to = ("4477009%05d"):format(count), text = "Hello" }
  end
  local last
  for item, _, err in sms.nexmo():send_all(next_item, { in_flight = 4 }) do
    if item then print(err and err.outcome or "accepted") end
    last = err
  end
  print(caught(), last.kind, last.message)
]]

describe("sms.catch_signals", function()
  local box = sandbox.for_specs()
  local path

  setup(function()
    path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(PROGRAM)
    file:close()
  end)
  teardown(function() os.remove(path) end)

  local function run(signal)
    box:fault { kind = "latency", seconds = 0.3 }
    return process.interrupted(child.command(path, {}, { SMS_SANDBOX = box.dir }), function()
      return box:count() >= 4
    end, signal)
  end

  for _, signal in ipairs { "TERM", "INT" } do
    it("lets what is in flight end at SIG" .. signal, function()
      local ended = run(signal)
      assert.same({ 0, "" }, { ended.status, ended.err })
      local _, accepted = ended.out:gsub("accepted\n", "")
      assert.equal(box:count(), accepted)
      assert.matches(("\n%s\tcancelled\tthe process was told to end by SIG%s\n$"):format(signal,
        signal), ended.out)
    end)
  end

  it("ends the process at the second one", function()
    box:fault { kind = "latency", seconds = 20 }
    local out = child.quoted(path .. ".out")
    local ended = child.shell(([[
      %s >%s & pid=$!
      until grep -q begun %s 2>/dev/null; do sleep 0.02; done
      kill $pid
      while grep -q '^SigCgt:.*[4-7c-f]...$' /proc/$pid/status; do sleep 0.02; done
      kill $pid; wait $pid; status=$?; rm -f %s; exit $status]]):format(
      child.command(path, {}, { SMS_SANDBOX = box.dir }), out, out, out))
    assert.equal(143, ended.status)
  end)

  it("tells nothing before one came", function()
    local ended = child.shell(child.interpreter
      .. [[ -e 'print(require("sms").catch_signals()())']])
    assert.equal("nil\n", ended.out)
  end)
end)
