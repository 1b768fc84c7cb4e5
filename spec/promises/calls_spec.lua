-- A call of the system that fails once anywhere in an operation: an error or the result, and the
-- result alone where it was only interrupted; never a crash, a second arrival, a descriptor or a
-- lock that is left; and the next call goes well. It is those of sockets, files, memory and threads
-- that the library, libcurl and OpenSSL make, each with one of the errnos that it may have.
-- SMS_TEST_LONG=1: each of them at each place.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"

local LONG = os.getenv "SMS_TEST_LONG"

local PATIENCE = LONG and 1800 or 120 -- seconds: nothing waits for ever
local EACH = LONG and 1 or 9 -- place

-- Its interceptors have a sanitizer's place.
local refused = build.is_sanitized and pending or it

describe("Where a call of the system fails", function()
  refused("an operation ends in words, and the next one goes well", function()
    local lua = rawget(_G, "jit") and "luajit" or "5.4"
    local command = lua_process.command("spec/support/starved/child.lua",
      { LD_PRELOAD = ("%s/%s/failing_calls.so"):format(build.folder, lua) },
      { "calls", tostring(EACH) })
    local ended = child.shell(("timeout %d %s"):format(PATIENCE, command))
    assert.matches("^%d+ runs, 0 problems\n$", ended.out .. ended.err)
    assert.equal(0, ended.status)
    print("# " .. ended.out:match "[^\n]+")
  end)
end)
