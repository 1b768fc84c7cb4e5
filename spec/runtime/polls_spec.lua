-- A poll that fails, once or for good, is none of the caller's affairs: nothing is raised, each
-- call is told how it ended, and that is so by what the provider saw.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local lua_process = require "spec.support.lua_process"

local PATIENCE = 120 -- seconds: nothing waits for ever
local FOLDER = rawget(_G, "jit") and "luajit" or "5.4"

-- It has no place before a sanitizer's own.
local preloaded = build.is_sanitized and pending or it

describe("A poll that fails", function()
  preloaded("breaks no call, and loses no result", function()
    local command = lua_process.command("spec/support/starved/polls.lua",
      { LD_PRELOAD = ("%s/%s/failing_poll.so"):format(build.folder, FOLDER) })
    local ended = child.shell(("timeout %d %s"):format(PATIENCE, command))
    local runs, failed = ended.out:match "(%d+) runs, (%d+) polls failed, 0 problems\n$"
    assert(runs and ended.status == 0, ended.out .. ended.err)
    assert.is_true(tonumber(failed) > 0)
    print("# " .. ended.out:match "[^\n]+")
  end)
end)
