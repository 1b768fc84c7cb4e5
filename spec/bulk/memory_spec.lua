-- What many items of send_all take of memory: no more than few. SMS_TEST_LONG=1: a million.

local bulk_run = require "spec.support.runs.bulk_run"
local child = require "spec.support.child"
local sandbox = require "spec.support.servers.sandbox"

local LONG = os.getenv "SMS_TEST_LONG"
local FEW_JOBS = 40000 -- items; 10,000 are four jobs, before LuaJIT has compiled all that runs
local MORE = _VERSION == "Lua 5.3" and 4096 or 2048 -- kilobytes; that one collects later

describe("send_all", function()
  local box, folder

  setup(function()
    box = sandbox.start()
    box:settings { record = false }
    folder = child.shell("mktemp -d").out:match "[^\n]+"
  end)

  teardown(function()
    child.shell("rm -r " .. child.quoted(folder))
    box:stop()
  end)

  local function peak_with(case, items)
    child.shell("rm -f " .. child.quoted(folder) .. "/*")
    local run = bulk_run.new { provider = case[1], url = box.urls[case[1]], items = items,
      in_flight = case.in_flight, folder = folder, journal = case.journal }
    run:start():wait()
    assert.equal(items, run.accepted)
    return run.peak
  end

  for _, case in ipairs {
    { "nexmo", in_flight = 32, few = LONG and 10000 or 500, many = LONG and 1000000 or 5000 },
    { "nexmo", in_flight = 32, few = LONG and 10000 or 500, many = LONG and 1000000 or 5000,
      journal = true },
    { "retarus", in_flight = 2, few = FEW_JOBS, many = LONG and 1000000 or 100000, journal = true },
  } do
    local name = case[1] .. (case.journal and ", with a journal" or "")
    it(("takes the same memory for many items of %s"):format(name), function()
      local few = math.max(peak_with(case, case.few), peak_with(case, case.few))
      local many = peak_with(case, case.many)
      print(("# %s: peak of %d items %d KiB, of %d items %d KiB"):format(name, case.few, few,
        case.many, many))
      assert.is_true(many - few <= MORE)
    end)
  end
end)
