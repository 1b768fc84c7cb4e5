-- The example project runs as its users run it: busted, in its folder, with the library installed.

local child = require "spec.support.child"
local process = require "spec.support.process"

describe("examples/testing", function()
  it("is a program with a spec that passes, and finds what is wrong with the program", function()
    local here, folder = process.output_of "pwd", process.output_of "mktemp -d"
    local function absolute(paths)
      return (paths:gsub("([^;]+)", function(path)
        return path:find "^%./" and here .. path:sub(2) or path
      end))
    end
    child.shell(("cp -R examples/testing %s"):format(folder))
    local path = folder .. "/testing"
    local line = ("cd %s && env -u LUA_PATH_5_4 -u LUA_CPATH_5_4 LUA_PATH=%s LUA_CPATH=%s %s "
      .. "/usr/bin/busted -o TAP"):format(path, child.quoted("./?.lua;" .. absolute(package.path)),
      child.quoted(absolute(package.cpath)), child.interpreter)
    local passed = child.shell(line)
    child.shell(("sed -i 's/\"unclear\" or/\"confirmed\" or/' %s/orders.lua"):format(path))
    local failed = child.shell(line)
    child.shell("rm -rf " .. folder)
    assert.same(0, passed.status, passed.out .. passed.err)
    assert.matches("1..6\n", passed.out, 1, true)
    assert.same(1, failed.status)
    assert.matches("not ok %d+ %- An order is unclear where the answer was lost", failed.out)
  end)
end)
