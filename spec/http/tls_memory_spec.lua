-- What answers over TLS take of memory and give back stays in the process. For Lua 5.4: LuaJIT
-- has a heap of its own, and fetches pages for that.

local lua_process = require "spec.support.lua_process"
local sandbox = require "spec.support.servers.sandbox"

local ROUNDS, TOGETHER = 60, 64
local FETCHED = 0.1 -- pages a text; a heap may grow a little

-- Sends texts, many at once, and prints how many pages it asked the system for meanwhile.
local SENDER = [[
  local sms = require "sms"
  local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
    base_url = "%s", ca_file = "%s", rate_limit = false }
  local function fetched()
    local file = io.open "/proc/self/stat"
    local text = file:read "*a"
    file:close()
    return tonumber(text:match "%%) %%u %%S+ %%S+ %%S+ %%S+ %%S+ %%S+ (%%d+)")
  end
  local function send(rounds)
    local functions = {}
    for i = 1, %d do
      functions[i] = function()
        for _ = 1, rounds do
          assert(nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hello" })
        end
      end
    end
    for _, result in ipairs(sms.all(functions)) do assert(not result[2], result[2]) end
  end
  local rounds = %d
  send(rounds) -- a heap grows at first
  local before = fetched()
  send(rounds)
  print(fetched() - before)
]]

describe("Over TLS", function()
  local box

  setup(function() box = sandbox.start { tls = true } end)
  teardown(function() box:stop() end)

  local function fetched()
    local output = lua_process.run(SENDER:format(box.urls.nexmo_tls, box.urls.ca_file, TOGETHER,
      ROUNDS))
    return (assert(tonumber(output), output))
  end

  it("an answer finds the memory of the last one", function()
    for _ = 1, 4 do -- the heap does not lie alike in all
      local pages = fetched()
      assert.is_true(pages < ROUNDS * TOGETHER * FETCHED, pages .. " pages")
    end
  end)
end)
