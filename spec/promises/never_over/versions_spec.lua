-- share = "machine" where two versions of the library share one file of slots, and the later
-- one's has something in it that the earlier does not know. By what the provider saw.

local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local windows = require "spec.support.windows"

local CALLS, PERIOD, EACH = 10, 0.4, 12

-- Sends one text after the other; says how many, the longest wait it was told of, and warnings.
local PROGRAM = [[
package.cpath = os.getenv "BUILD" .. package.cpath
local sms = require "sms"
local longest, warnings, sent = 0, {}, 0
local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
  base_url = os.getenv "URL", slots_path = os.getenv "SLOTS",
  rate_limit = { calls = 10, period = 0.4, share = "machine" },
  on_event = function(event)
    if event.name == "wait" then longest = math.max(longest, event.seconds) end
    if event.name == "warning" then warnings[#warnings + 1] = event.message end
  end }
for _ = 1, tonumber(os.getenv "MOST") do
  sent = sent + (nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hi" } and 1 or 0)
end
io.write(sent, " ", longest, " ", table.concat(warnings, " "), "\n")
]]

describe("A limit of the machine", function()
  local box = sandbox.for_specs { workers = 2 }
  local folder, program = lua_process.folder_for_specs(PROGRAM)

  -- Where the module of the later version is: beside that of this one.
  local core = assert(package.searchpath and package.searchpath("sms.core", package.cpath))
  local LATER = core:gsub("sms/core.so$", "later/?.so;")

  local function start(build, place, most)
    return assert(io.popen(lua_process.command(program, { URL = box.urls.nexmo, BUILD = build,
      SLOTS = place, MOST = tostring(most) }) .. " 2>&1"))
  end

  local function told(pipe)
    local line = pipe:read "*a"
    pipe:close()
    local sent, longest, warnings = line:match "^(%d+) ([%d.]+) ([^\n]*)\n$"
    assert.is_string(sent, line)
    return tonumber(sent), tonumber(longest), warnings
  end

  local function size_of(place)
    return #process.read(process.output_of("ls -d " .. place .. "/*"))
  end

  for _, case in ipairs { { "the later", LATER, 128 }, { "the earlier", "", 0 } } do
    it("holds for two versions on a file that " .. case[1] .. " has made", function()
      local place = ("%s/%s"):format(folder, case[1]:gsub(" ", "-"))
      os.execute("mkdir " .. place)
      told(start(case[2], place, 1))
      local size = size_of(place)
      local pipes, sent, longest = {}, 0, 0
      for i = 1, 8 do
        pipes[i] = start(i % 2 == 0 and LATER or "", place, EACH)
      end
      for _, pipe in ipairs(pipes) do
        local some, wait, warnings = told(pipe)
        sent, longest = sent + some, math.max(longest, wait)
        assert.equal("", warnings)
      end
      local most = windows.most(box:arrivals(), PERIOD)
      print(("# %d calls, at most %d in %g s; the longest wait told was %.3f s"):format(sent, most,
        PERIOD, longest))
      assert.equal(8 * EACH, sent)
      assert.is_true(most <= CALLS)
      assert.is_true(longest > 0 and longest < PERIOD * 1.011)
      assert.equal(448 + CALLS * 8 + case[3], size)
      assert.equal(size, size_of(place)) -- nobody has replaced it
    end)
  end
end)
