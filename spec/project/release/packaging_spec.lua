-- What packaging/ has for whoever runs a machine: systemd takes the units, logrotate its file,
-- Debian's packages all that is installed.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local process = require "spec.support.process"
local tree = require "spec.support.rooms.tree"

local function has(command)
  return process.output_of("command -v " .. command) ~= ""
end

local UNITS = tree.files "packaging -name '*.service'"

describe("A unit of systemd", function()
  local folder
  before_each(function() folder = process.output_of "mktemp -d" end)
  after_each(function() child.shell("rm -rf " .. folder) end)

  for _, path in ipairs(UNITS) do
    local name = path:match "[^/]*$"

    it("is taken by systemd: " .. name, function()
      if not has "systemd-analyze" then return pending "there is no systemd" end
      -- With the command where it is here; a template as one of its instances.
      local unit = name:gsub("@", "@codes")
      local ended = child.shell(("sed 's|^ExecStart=sms |ExecStart=%s/bin/sms |' %s >%s/%s; "
        .. "cd %s && systemd-analyze verify --man=no ./%s"):format(process.output_of "pwd", path,
        folder, unit, folder, unit))
      local own = {}
      for line in ended.err:gmatch "[^\n]+" do
        own[#own + 1] = line:find("sms", 1, true) and line or nil
      end
      assert.same({}, own)
    end)

    it("is kept from what it does not need: " .. name, function()
      local text = tree.read(path)
      for _, line in ipairs { "DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict",
        "ProtectHome=yes", "PrivateTmp=yes", "CapabilityBoundingSet=", "UMask=0077",
        "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "SystemCallFilter=@system-service" } do
        assert(text:find("\n" .. line .. "\n", 1, true), line)
      end
      assert.is_nil(text:find "StandardOutput=" or text:find "StandardError=") -- to the journal
    end)
  end
end)

describe("What logrotate takes", function()
  it("rotates logs that are appended to, and loses nobody's place", function()
    if not has "logrotate" then return pending "there is no logrotate" end
    local folder = process.output_of "mktemp -d"
    finally(function() child.shell("rm -rf " .. folder) end)
    local ended = child.shell(([[
      set -e
      chmod 755 %s && cd %s
      sed "s|/var/log/sms|$PWD|; s|^  weekly|  su $(id -un) $(id -gn)\n&|" \
        %s/packaging/logrotate/sms >conf
      chmod 644 conf
      exec 3>>worker.log
      echo first >&3
      logrotate -f -s $PWD/state conf
      echo second >&3
      cat worker.log worker.log.1]]):format(folder, folder, process.output_of "pwd"))
    assert.equal("second\nfirst\n", ended.out, ended.err)
  end)
end)

describe("What Debian's packages take", function()
  local installed = {}

  --- The patterns of a file of debhelper's, as those of Lua; a folder is all that is in it.
  local function patterns(name)
    local found = {}
    for line in tree.read("packaging/debian/" .. name):gmatch "[^\n]+" do
      found[line] = "^" .. line:gsub("[%-.+]", "%%%0"):gsub("%*", "[^/]*") .. "/"
    end
    return found
  end

  setup(function()
    local folder = process.output_of "mktemp -d"
    local ended = child.shell(("DESTDIR=%s flock CMakeLists.txt cmake --install %s --prefix /usr")
      :format(folder, build.folder))
    assert(ended.status == 0, ended.err)
    for path in process.output_of("cd " .. folder .. " && find * ! -type d"):gmatch "[^\n]+" do
      -- As debian/rules has them: the folder of the machine, and that of zsh.
      path = path:gsub("^usr/lib/lua/", "usr/lib/machine/lua/")
      installed[#installed + 1] = path:gsub("/site%-functions/", "/vendor-completions/") .. "/"
    end
    child.shell("rm -rf " .. folder)
  end)

  it("is all that cmake installs, once, but for what they leave out by name", function()
    local taken = {}
    for _, name in ipairs { "lua-sms.install", "lua-sms-sandbox.install", "not-installed" } do
      for line, pattern in pairs(patterns(name)) do
        local some = false
        for _, path in ipairs(installed) do
          if path:find(pattern) then
            some, taken[path] = true, (taken[path] or 0) + 1
          end
        end
        assert(some or name == "not-installed", line .. " takes nothing")
      end
    end
    for _, path in ipairs(installed) do
      assert.equal(1, taken[path] or 0, path)
    end
  end)
end)
