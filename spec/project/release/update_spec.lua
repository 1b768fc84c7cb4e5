-- An installation is updated while a program of it is at work with an open journal, and then goes
-- away: the short form, by cmake and below a prefix. The long one, from 0.1.0 and in empty roots:
-- spec/project/release/ways_spec.lua.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"

describe("While a program is at work, an installation", function()
  local dir, box

  setup(function() box = sandbox.start() end)
  teardown(function() box:stop() end)
  before_each(function() dir = process.output_of "mktemp -d" end)
  after_each(function() child.shell("rm -rf " .. dir) end)

  local function cmake(words)
    local ended = child.shell(("flock CMakeLists.txt sh -c %s"):format(child.quoted(words)))
    assert.equal(0, ended.status, ended.err)
  end

  it("is updated; the next one goes on in its journal; it goes and leaves that", function()
    local prefix = dir .. "/prefix"
    local install = ("cmake --install %s --prefix %s"):format(build.folder, prefix)
    local worker = ([[cd / && P=%s && env -i PATH="$PATH" NEXMO_API_KEY=abcd1234 \
      NEXMO_API_SECRET=Secret0123456789 NEXMO_BASE_URL=%s LUA_CPATH="$P/lib/lua/5.4/?.so;;" \
      LUA_PATH="$P/share/lua/5.4/?.lua;$P/share/lua/5.4/?/init.lua;;" \
      lua5.4 %s/spec/support/dev/worker.lua %s/journal ]]):format(prefix, box.urls.nexmo,
      process.output_of "pwd", dir)
    cmake(install)
    local core = prefix .. "/lib/lua/5.4/sms/core.so"
    child.shell("touch -d 2001-01-01 " .. core) -- as of another build
    local inode = process.output_of("stat -c %i " .. core)
    os.execute(("(%s 8 %s/go >%s/out 2>&1; echo $? >%s/status) &"):format(worker, dir, dir, dir))
    process.wait("half of it", 20, function() return process.read(dir .. "/go.half") end)
    cmake(install)
    assert.not_equal(inode, process.output_of("stat -c %i " .. core))
    child.shell(("touch %s/go"):format(dir))
    process.wait("its end", 20, function() return process.read(dir .. "/status") end)
    assert.equal(sms.version .. "\t8\n", process.read(dir .. "/out"))
    assert.equal(8, box:count())
    local ended = child.shell(worker .. "10")
    assert.equal(sms.version .. "\t2\n", ended.out, ended.err)
    assert.equal(10, box:count())
    cmake(("%s && cmake --build %s --target uninstall"):format(install, build.folder))
    assert.equal("go go.half journal out status",
      process.output_of(("cd %s && LC_ALL=C ls | tr '\\n' ' ' | sed 's/ $//'"):format(dir)))
  end)
end)
