-- Checkouts that ./dev runs in, in scratch folders: what it needs of this one, and a project of
-- CMake's that has nothing to compile, with the module that the specs use.
--
--     local copy = checkout.new()       copy.dir
--     copy:run("./dev demo", "cd ..")   a shell command in it; another before
--     copy:remove()

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local process = require "spec.support.process"

local checkout = {}

local methods = {}
local Checkout = { __name = "checkout", __index = methods }

local PARTS = "dev tools demo sandbox lua examples"

--- A checkout, which has been built.
function checkout.new()
  local dir = process.output_of "mktemp -d"
  local ended = child.shell(([[
    set -e
    chmod 755 %s
    cp -r %s %s
    cd %s
    echo 'cmake_minimum_required(VERSION 3.18)
    project(nothing NONE)
    set(used "${CMAKE_EXPORT_COMPILE_COMMANDS} ${SMS_TESTS}")' >CMakeLists.txt
    cmake -S . -B build
    mkdir build/5.4 build/5.4/sms
    cp %s/5.4/sms/core.so build/5.4/sms]]):format(dir, PARTS, dir, dir,
    build.folder:gsub("^%.", process.output_of "pwd")))
  assert(ended.status == 0, ended.err)
  return setmetatable({ dir = dir }, Checkout)
end

--- Runs a shell command in it, or after another.
function methods:run(command)
  return child.shell(("unset LUA_PATH LUA_CPATH LUA_CPATH_5_4; cd %s && %s"):format(self.dir,
    command))
end

function methods:remove()
  child.shell("rm -rf " .. self.dir)
end

return checkout
