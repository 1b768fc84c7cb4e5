-- Copies of the tree in scratch folders, as somebody has it who unpacked a tarball: without git,
-- without a build.
--
--     local copy = tarball.new()         copy.dir
--     copy:run("./dev release")          a shell command in it
--     copy:remove()

local child = require "spec.support.child"
local process = require "spec.support.process"

local tarball = {}

local methods = {}
local Tarball = { __name = "tarball", __index = methods }

--- A copy of the tree.
function tarball.new()
  local dir = process.output_of "mktemp -d"
  local ended = child.shell(([[chmod 755 %s && tar --create --exclude=./build --exclude=./.git \
    --exclude=./build.luarocks --exclude='./*.rock' . | tar --extract --no-same-owner -C %s]])
    :format(dir, dir))
  assert(ended.status == 0, ended.err)
  return setmetatable({ dir = dir }, Tarball)
end

--- Runs a shell command in it, in an environment that tells no paths of Lua.
function methods:run(command)
  return child.shell(("unset LUA_PATH LUA_CPATH LUA_CPATH_5_4; cd %s && %s"):format(self.dir,
    command))
end

--- The text of a file in it.
function methods:read(path)
  return process.read(self.dir .. "/" .. path)
end

--- Replaces some text of a file; there must be one such.
function methods:change(path, from, to)
  local text = self:read(path)
  local first, last = text:find(from, 1, true)
  assert(first, path)
  local file = assert(io.open(self.dir .. "/" .. path, "wb"))
  file:write(text:sub(1, first - 1), to, text:sub(last + 1))
  file:close()
end

function methods:remove()
  child.shell("rm -rf " .. self.dir)
end

--- The version that CMakeLists.txt names; what stands between it and its suffix.
function tarball.version(between)
  local text = process.read "CMakeLists.txt"
  local suffix = text:match '\nset%(SMS_VERSION_SUFFIX "([^"]*)"%)'
  local version = text:match "\nproject%(lua%-sms VERSION (%S+)"
  return suffix == "" and version or version .. (between or "") .. suffix
end

return tarball
