-- Memory that is given back stays in the process where a client asks for that, and only there. For
-- Lua 5.4: LuaJIT has a heap of its own.

local lua_process = require "spec.support.lua_process"

local ROUNDS = 20

-- Takes memory in pieces that glibc has from its heap, gives it back, takes it again, and prints
-- how many pages it asked the system for.
local PROGRAM = [[
  local nexmo = require "sms".nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
    keep_free_memory = %s }
  local function fetched()
    local file = io.open "/proc/self/stat"
    local text = file:read "*a"
    file:close()
    return tonumber(text:match "%%) %%S+ %%S+ %%S+ %%S+ %%S+ %%S+ %%S+ (%%d+)")
  end
  local function work(rounds)
    for _ = 1, rounds do
      local pieces = {}
      for i = 1, 20 do pieces[i] = ("x"):rep(100000 + i) end
      pieces = nil
      collectgarbage()
    end
  end
  work(3) -- a heap grows at first
  local before = fetched()
  work(%d)
  print(fetched() - before)
]]

describe("Free memory", function()
  local function fetched(keeps)
    local output = lua_process.run(PROGRAM:format(tostring(keeps), ROUNDS))
    return (assert(tonumber(output), output))
  end

  it("stays in a process that keeps it, and goes back to the system from another", function()
    assert.is_true(fetched(true) < ROUNDS)
    assert.is_true(fetched(false) > 100 * ROUNDS) -- as without the library
  end)
end)
