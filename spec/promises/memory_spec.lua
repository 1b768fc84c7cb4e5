-- Memory that runs out anywhere in an operation, once or for good: an error or the result, never a
-- crash, a second arrival, a leak, or words that are not true; and the next call goes well. It is
-- that of the C core with libcurl, OpenSSL and libc below it, and that of Lua. SMS_TEST_LONG=1: at
-- each place.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"

local LONG = os.getenv "SMS_TEST_LONG"

local PATIENCE = LONG and 1800 or 120 -- seconds: nothing waits for ever
local EACH = { core = LONG and 1 or 11, lua = LONG and 1 or 37 } -- place

-- Its allocator has a sanitizer's place; LuaJIT's own memory is not in the heap.
local starved = (build.is_sanitized or rawget(_G, "jit")) and pending or it

local function run(...)
  local command = lua_process.command("spec/support/starved/child.lua",
    { LD_PRELOAD = build.folder .. "/5.4/failing_heap.so" }, { ... })
  local ended = child.shell(("timeout %d %s"):format(PATIENCE, command))
  assert.matches("^%d+ runs, 0 problems\n$", ended.out .. ended.err)
  assert.equal(0, ended.status)
  print("# " .. ended.out:match "[^\n]+")
end

describe("Where memory runs out", function()
  for name, what in pairs { ["the C core"] = "core", ["Lua"] = "lua" } do
    starved("of " .. name .. ", an operation ends in words and the next one goes well", function()
      run(what, tostring(EACH[what]))
    end)
  end

  -- Libcurl 7.88 would send some without their query.
  starved("a question arrives whole or not at all", function()
    run("core", "1", "nexmo:list_owned_numbers")
  end)
end)
