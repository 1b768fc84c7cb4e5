-- A run of send_all whose end is broken off while calls are under way: its journal is free.

local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local texts = require "spec.support.texts"
local wire = require "spec.support.wire"

local COUNT = 8

describe("send_all whose end is interrupted", function()
  local box = sandbox.for_specs()

  --- Closes a run; a Ctrl-C comes after so many instructions. Whether it came in time.
  local function interrupt(run, instructions)
    local ok, message = pcall(function()
      debug.sethook(function() -- as a signal does
        debug.sethook()
        error("interrupted!", 0)
      end, "", instructions)
      run:close()
      debug.sethook()
    end)
    assert.is_true(ok or message == "interrupted!", message)
    return not ok
  end

  local function refs_of_arrivals()
    local refs = {}
    for _, arrival in ipairs(box:arrivals "send_sms") do
      refs[arrival.ref] = (refs[arrival.ref] or 0) + 1
    end
    return refs
  end

  --- What is wrong after a run that was interrupted, and another one.
  local function check(nexmo, path, told)
    for item, _, err in nexmo:send_all(texts.list_of(COUNT), { journal = path }) do
      assert.is_table(item, tostring(err))
      local outcome = err and err.outcome or "accepted"
      assert.is_true(not err or outcome == "ambiguous", tostring(err))
      told[item["client-ref"]] = outcome
    end
    sms.all { function() return nexmo:get_balance() end } -- drives what is left of the first one
    local refs = refs_of_arrivals()
    for i = 1, COUNT do
      local ref = "r" .. i
      assert.is_true(refs[ref] == 1 or not refs[ref] and told[ref] == "ambiguous", ref)
    end
  end

  it("lets the next run have its journal, at whatever instruction that was", function()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.02 }
    local instructions, was_interrupted, runs = 1, true, 0
    while was_interrupted do
      local path, told = os.tmpname(), {}
      os.remove(path)
      local nexmo = wire.nexmo(box)
      local run = nexmo:send_all(texts.list_of(COUNT), { journal = path, in_flight = 4 })
      local item = run()
      told[item["client-ref"]] = "accepted"
      was_interrupted = interrupt(run, instructions)
      if was_interrupted then run:close() end -- again, where it came before all else
      check(nexmo, path, told)
      box:clear_arrivals()
      nexmo:close()
      os.remove(path)
      instructions, runs = instructions + math.ceil(instructions / 6), runs + 1
    end
    assert.is_true(runs > 10)
  end)
end)
