-- Every way to install the library, in an empty root of the Debian that this is: the commit before
-- releases could be made, as 0.1.0, is updated while a program of it is at work with an open
-- journal; the new version is tried from Lua 5.4, LuaJIT and nginx; and it goes without a trace.
-- build/ways/ has the lists of files then: before, installed and after.
-- A part of the long form, for root; the short one is spec/project/release/update_spec.lua.

local child = require "spec.support.child"
local process = require "spec.support.process"
local tarball = require "spec.support.dev.tarball"

local SUITE = process.output_of "sed -n 's/^VERSION_CODENAME=//p' /etc/os-release"

local function cannot()
  if not os.getenv "SMS_TEST_LONG" then
    return "the long form has it"
  elseif child.shell("[ $(id -u) = 0 ] && unshare --mount true").status ~= 0 then
    return "this needs root that may mount"
  elseif child.shell("git rev-parse HEAD").status ~= 0 then
    return "there is no history to update from"
  end
end

-- The last commit of which the version was 0.1.0: the one before that which changed it.
local BEFORE = [[git rev-parse "$(git log --format=%H -n 1 -G'^project\(lua-sms VERSION 0' \
  -- CMakeLists.txt)^"]]

-- Debian packages of 0.1.0, which had none: what its cmake installs, below /usr.
local OLD_PACKAGES = [[
  set -e
  cmake -S old -B old/build/cmake >/dev/null
  cmake --build old/build/cmake -j2 >/dev/null
  DESTDIR=$PWD/old/build/root cmake --install old/build/cmake --prefix /usr >/dev/null
  cd old/build
  mkdir -p box/usr/share/lua-sms deb root/DEBIAN box/DEBIAN
  mv root/usr/share/lua-sms/sandbox box/usr/share/lua-sms
  rmdir root/usr/share/lua-sms
  for name in root box; do
    package=lua-sms
    [ $name = root ] || package=lua-sms-sandbox
    printf '%s\n' "Package: $package" "Version: 0.1.0-1" "Description: of before" \
      "Architecture: $(dpkg --print-architecture)" "Maintainer: nobody <nobody@packages.invalid>" \
      >$name/DEBIAN/control
    dpkg-deb --root-owner-group --build $name deb >/dev/null
  done]]

describe("In an empty root of " .. SUITE, function()
  local given

  setup(function()
    if cannot() then return end
    local copy = tarball.new()
    given = process.output_of "mktemp -d"
    child.shell(("chmod 755 %s && mv %s %s/new"):format(given, copy.dir, given))
    local ended = child.shell(([[
      mkdir %s/old && git archive $(%s) | tar -x -C %s/old && cd %s || exit 1
      (cd new && unset LUA_PATH LUA_CPATH LUA_CPATH_5_4 && ./dev release && ./dev deb) || exit 1
      %s]]):format(given, BEFORE, given, given, OLD_PACKAGES))
    assert(ended.status == 0, ended.out .. ended.err)
  end)
  teardown(function()
    if given then
      child.shell(("rm -rf build/ways; cp -r %s/lists build/ways; rm -rf %s"):format(given, given))
    end
  end)

  for _, way in ipairs { "cmake", "rock", "deb" } do
    it(("it is installed, updated, used and removed by %s"):format(way), function()
      if cannot() then return pending(cannot()) end
      local ended = child.shell(("spec/support/dev/empty_root %s sh "
        .. "/given/new/spec/support/dev/ways %s %s"):format(given, way, tarball.version()))
      local told, left = {}, {}
      for line in ended.out:gmatch "[^\n]+" do
        local list = line:find "^#" and told or left
        list[#list + 1] = line
      end
      assert.same({ "done" }, left, ended.out .. ended.err)
      print(table.concat(told, "\n"))
    end)
  end
end)
