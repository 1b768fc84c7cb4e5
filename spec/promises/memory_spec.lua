-- Memory that runs out anywhere in an operation, once or for good: an error or the result, never a
-- crash, a second arrival, a leak, or words that are not true; and the next call goes well. It is
-- that of the C core with libcurl, OpenSSL and libc below it, and that of Lua. SMS_TEST_LONG=1: at
-- each place.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"

local LONG = os.getenv "SMS_TEST_LONG"

local PATIENCE = LONG and 1800 or 120 -- seconds: nothing waits for ever
local EACH = { core = LONG and 1 or 31, lua = LONG and 1 or 101 } -- place
local FIRST = { core = LONG and 11 or 997, lua = LONG and 31 or 2003 } -- likewise, with `require`

local jit = rawget(_G, "jit")

-- Its allocator has a sanitizer's place.
local starved = build.is_sanitized and pending or it

local function run_program(name, without, ...)
  local heap = ("%s/%s/failing_heap.so"):format(build.folder, jit and "luajit" or "5.4")
  local command = lua_process.command(("spec/support/starved/%s.lua"):format(name),
    { LD_PRELOAD = heap }, { ... })
  local ended = child.shell(("timeout %d %s"):format(PATIENCE, command))
  assert.matches("^%d+ runs, 0 problems\n$", ended.out .. (ended.err:gsub(without, "")))
  assert.equal(0, ended.status)
  print("# " .. ended.out:match "[^\n]+")
end

local function run(...) run_program("child", "^$", ...) end

describe("Where memory runs out", function()
  for name, what in pairs { ["the C core"] = "core", ["Lua"] = "lua" } do
    starved("of " .. name .. ", an operation ends in words and the next one goes well", function()
      run(what, tostring(EACH[what]))
    end)
  end

  -- Some libcurls bring libraries along that print what they lack. After a `require` that failed
  -- LuaJIT lets each later one fail.
  local at_first = jit and pending or starved
  for what, step in pairs(FIRST) do
    at_first("in the first call, with that of " .. what .. ", it is said, and the next goes well",
    function()
      run_program("first", "Error in GnuTLS initialization: [^\n]*\n", what, tostring(step))
    end)
  end

  starved("a send that failed is told as what it may have become", function()
    for _, name in ipairs { "lost answer", "error of the server", "refusal" } do
      run("lua", "1", name)
    end
  end)

  starved("a campaign tells the truth, and leaves its journal to the next run", function()
    for _, what in ipairs { "core", "lua" } do run(what, LONG and "1" or "7", "send_all") end
  end)

  -- Libcurl 7.88 would send some without their query.
  starved("a question arrives whole or not at all", function()
    run("core", "1", "nexmo:list_owned_numbers")
  end)

  -- docs/guides/production.md says so; where it happens depends on what else takes memory.
  starved("of lua-cjson, which needs as much as the text in one piece, the process ends", function()
    local program = [[require "cjson".decode('["' .. ("a"):rep(32e6) .. '"]')]]
    local statuses, ended = {}, nil
    for mebibytes = 40, 200, 4 do
      ended = child.shell(("ulimit -v %d; %s -e %s"):format(mebibytes * 1024, child.interpreter,
        child.quoted(program)))
      statuses[ended.status] = ended.out .. ended.err
      if ended.status == 0 then break end
    end
    assert.equal(0, ended.status)
    assert.equal("Out of memory\n", statuses[255])
    assert.matches("not enough memory", statuses[1])
  end)
end)
