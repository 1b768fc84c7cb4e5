-- A sandbox of specs ends with the process that started it, and says what it lacks.

local child = require "spec.support.child"
local process = require "spec.support.process"

local START = [[
  local box = require("sms.testing").start {}
  local file = assert(io.open(box.dir .. "/nginx.pid"))
  print(box.dir, (file:read "*l"))
  io.stdout:flush()
  file:close()
]]

describe("A sandbox of specs", function()
  local folder

  setup(function()
    folder = process.output_of "mktemp -d"
  end)

  teardown(function() child.shell("rm -rf " .. folder) end)

  local function program(text)
    local path = folder .. "/program.lua"
    local file = assert(io.open(path, "w"))
    assert(file:write(text))
    file:close()
    return path
  end

  -- Waits until the sandbox that a program told of has ended, and its folder has gone.
  local function has_gone(name, told)
    local dir, nginx = told:match "^(%S+)\t(%d+)"
    assert.is_truthy(dir, told)
    process.wait("its end, " .. name, 20, function()
      return not process.lives(tonumber(nginx)) and not process.read(dir .. "/nginx.conf")
    end)
  end

  it("ends with the process that started it, however that ends", function()
    local all = {}
    for name, ending in pairs {
      ["at its end"] = "", ["by an error"] = "error 'over'", ["by os.exit"] = "os.exit(3)",
      ["stopped before"] = "box:stop()",
    } do
      all[name] = child.run(program(START .. ending), {}, { TMPDIR = folder }).out
    end
    local out = folder .. "/out"
    child.shell(("%s >%s 2>&1 & echo $! >%s/pid"):format(child.command(
      program(START .. "while true do os.execute 'sleep 0.1' end"), {}, { TMPDIR = folder }), out,
      folder))
    process.wait("its start", 20, function() return (process.read(out) or ""):find "\n" end)
    process.signal("KILL", tonumber(process.read(folder .. "/pid")))
    all["by SIGKILL"] = process.read(out)
    for name, told in pairs(all) do has_gone(name, told) end
  end)

  it("says where nginx is missing, at the caller's line, and leaves nothing behind", function()
    local dir = folder .. "/empty"
    child.shell("mkdir " .. dir)
    for message, variables in pairs {
      ["SMS_NGINX: there is no program /nowhere/nginx"] = { SMS_NGINX = "/nowhere/nginx" },
      ["there is no ngx_http_lua_module.so in /nowhere"] = { SMS_NGINX_MODULES = "/nowhere" },
      ["set TMPDIR"] = { TMPDIR = "/nowhere" },
    } do
      variables.TMPDIR = variables.TMPDIR or dir
      local ended = child.run(program(START), {}, variables)
      assert.same({ 1, "" }, { ended.status, ended.out })
      assert.matches("program.lua:1: testing.start: ", ended.err, 1, true)
      assert.matches(message, ended.err, 1, true)
    end
    process.wait("an empty folder", 20, function() return not child.names_in(dir)[1] end)
  end)

  it("says where the library has been installed without it", function()
    child.shell(("mkdir -p %s/share && cp -R lua/sms %s/share"):format(folder, folder))
    local ended = child.run(program(START), {},
      { LUA_PATH = ("%s/share/?.lua;%s/share/?/init.lua;;"):format(folder, folder) })
    assert.matches("the sandbox is not installed beside this library (Debian has it as "
      .. "lua-sms-sandbox)", ended.err, 1, true)
  end)

  it("says what Debian calls a module that is missing", function()
    local nginx, dir = folder .. "/nginx", folder .. "/without"
    child.shell("mkdir -p " .. dir)
    local file = assert(io.open(nginx, "w"))
    file:write("#!/bin/sh\n[ \"$1\" = -V ] && exit 0\n"
      .. "echo 'nginx: [emerg] unknown directive \"lua_package_path\" in x:9' >&2\nexit 1\n")
    file:close()
    child.shell("chmod +x " .. nginx)
    local ended = child.run(program(START), {}, { SMS_NGINX = nginx, TMPDIR = dir })
    assert.matches("has no Lua module; Debian has it as libnginx-mod-http-lua", ended.err, 1, true)
  end)
end)
