-- Many calls of a provider of which one in twenty goes wrong somehow: each has an outcome, nothing
-- that was told as accepted is lost, nothing is taken twice, and what was told as rejected or not
-- sent was not taken; memory stays as it is, and descriptors do; also while the process forks, and
-- children make calls with the client that they inherit.
--
-- SMS_TEST_LONG=1: 600,000 calls, which take ten minutes where 1,000 a second are reached, and
-- 100,000 with 1,000 forks. The slope of memory is only told there: buffers and pools must have
-- found their size. It is that of what malloc has given, to Lua too, and not of resident pages:
-- these are coarser than what may be lost; and apart from how many idle connections there are after
-- a round, each of which is 2.3 KiB: their number goes up and down by dozens with the faults.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"

local LONG = os.getenv "SMS_TEST_LONG"

local PATIENCE = LONG and 3500 or 120 -- seconds: nothing waits for ever
-- Calls a second, at most: with the second or two in which the last of a round time out, 1,000 are
-- left of it.
local RATE = 1250
local MOST = 1 -- KiB in 10,000 calls

local CASES = LONG and {
  { "many calls", calls = 600000, round = 10000, forks = 0 },
  { "many calls and forks", calls = 100000, round = 5000, forks = 1000 },
} or {
  { "many calls", calls = 2000, round = 500, forks = 0 },
  { "many calls and forks", calls = 500, round = 250, forks = 10 },
}

local function run(case)
  local command = lua_process.command("spec/support/load/child.lua", {},
    { "" .. case.calls, "" .. case.round, "" .. RATE, "" .. case.forks })
  local ended = child.shell(("timeout %d %s"):format(PATIENCE, command))
  assert.equal("0 ", ended.status .. " " .. ended.err)
  assert.is_nil(ended.out:match "problem[^\n]*")
  local figures = {}
  for name, value in ended.out:gmatch "([%w_]+)=(%S+)" do figures[name] = tonumber(value) end
  return figures
end

describe("With", function()
  for _, case in ipairs(CASES) do
    it(case[1] .. " nothing is lost, nothing comes twice, and nothing grows", function()
      if build.is_sanitized then return pending "its memory is not the system's" end
      local told = run(case)
      assert.equal(case.calls + case.forks,
        told.accepted + told.rejected + told.not_sent + told.ambiguous)
      assert.equal(case.forks, told.forks)
      print(("# %d calls, %d forks: %.0f s, %.0f calls/s; %d accepted, %d ambiguous, %d not sent; "
        .. "%.0f KiB, then %.0f%s; %d connections"):format(told.calls, told.forks, told.seconds,
        told.rate, told.accepted, told.ambiguous, told.not_sent, told.first_KiB, told.last_KiB,
        LONG and (", %.3f ± %.3f KiB in 10,000 calls"):format(told.slope, told.error) or "",
        told.sockets))
      if LONG then
        assert.is_true(told.slope < MOST, "slope " .. told.slope)
      end
    end)
  end
end)
