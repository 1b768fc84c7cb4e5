-- A child that is forked while calls of sms.all are under way: they are its parent's, it is told so
-- and goes on with calls of its own.

local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"
local sandbox = require "spec.support.servers.sandbox"

local forks = rawget(_G, "jit") and it or pending -- Lua itself has none

local PROGRAM = [[
  local ffi = require "ffi"
  ffi.cdef "int fork(void); int waitpid(int, int *, int);"
  local sms = require "sms"
  local client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", retry = false,
    base_url = os.getenv "URL", rate_limit = false, timeout = 10 }
  local function send(text)
    return client:send_sms { from = "Acme", to = "447700900000", text = text,
      ["client-ref"] = text }
  end
  local process = 0
  local results = sms.all {
    function() return send "slow" end,
    function()
      process = ffi.C.fork()
      if process > 0 then ffi.C.waitpid(process, nil, 0) end
      return send(process > 0 and "of the parent" or "of the child")
    end,
  }
  for i, ended in ipairs(results) do
    local result, err = ended[1], ended[2]
    print(process > 0 and "parent" or "child", i, result and "sent" or err.outcome)
  end
]]

describe("A child that is forked amidst sms.all", function()
  local box = sandbox.for_specs()
  local _, program = lua_process.folder_for_specs(PROGRAM)

  forks("is told what it does not know, and makes calls of its own", function()
    box:fault { kind = "latency", seconds = 0.5, ref = "slow" }
    local command = lua_process.command(program, { URL = box.urls.nexmo })
    local ended = child.shell("timeout 20 " .. command)
    assert.equal("child\t1\tambiguous\nchild\t2\tsent\nparent\t1\tsent\nparent\t2\tsent\n",
      ended.out .. ended.err)
    assert.equal(3, #box:arrivals())
  end)
end)
