-- The steps of docs/guides/nginx.md for OpenResty's LuaJIT, which lies where no other does: with
-- the one that is here, laid out as OpenResty lays out its own. The long form has it: it builds.

local child = require "spec.support.child"
local process = require "spec.support.process"

local has_luajit = process.output_of "command -v luajit" ~= ""

describe("A rock for OpenResty's LuaJIT", function()
  local dir
  before_each(function() dir = process.output_of "mktemp -d" end)
  after_each(function() child.shell("rm -rf " .. dir) end)

  local function run(command)
    local ended = child.shell(("unset LUA_PATH LUA_CPATH; dir=%s HOME=%s\n%s"):format(dir, dir,
      command))
    assert.equal(0, ended.status, ended.err .. ended.out)
    return ended.out
  end

  it("is built with its headers, and runs the command in it", function()
    if not os.getenv "SMS_TEST_LONG" then return pending "the long form has it" end
    if not has_luajit then return pending "there is no luajit" end
    run [[
      mkdir -p $dir/luajit/bin $dir/luajit/include $dir/luajit/lib
      ln -s "$(command -v luajit)" $dir/luajit/bin/luajit
      ln -s "$(pkg-config --variable=includedir luajit)" $dir/luajit/include/luajit-2.1
      flock CMakeLists.txt luarocks --lua-dir=$dir/luajit --lua-version=5.1 --tree=$dir/tree \
        make --deps-mode none]]
    assert.equal(("#!%s/luajit/bin/luajit\n"):format(dir), run "head -n 1 $dir/tree/bin/sms")
    local said = run "cd / && $dir/tree/bin/sms --version"
    assert.equal(("sms %s\n"):format(require("sms").version), said)
    run "luarocks --lua-dir=$dir/luajit --lua-version=5.1 --tree=$dir/tree remove lua-sms"
    assert.equal("", run "find $dir/tree ! -type d ! -name 'manifest*'")
  end)
end)
