-- What LuaRocks makes of a release, without a net: of the source rock, and of the rockspec with the
-- tarball beside it; and what is left when it is removed.

local child = require "spec.support.child"
local process = require "spec.support.process"
local tarball = require "spec.support.dev.tarball"

local VERSION = tarball.version()
local LUA = _VERSION:match "%d%.%d"
local OF_LUA = rawget(_G, "jit") and "" or "--lua-version " .. LUA -- Debian's LuaRocks is for 5.1

local offline = child.shell("unshare --net true").status == 0 and "unshare --net " or ""

-- One of them in each Lua; the long form has both.
local WAYS = rawget(_G, "jit") and { "rockspec", "src.rock" } or { "src.rock", "rockspec" }
WAYS[2] = os.getenv "SMS_TEST_LONG" and WAYS[2]

describe("A released rock", function()
  local copy, tree, made

  setup(function()
    copy = tarball.new()
    local ended = copy:run "./dev release"
    assert(ended.status == 0, ended.err)
    made = copy.dir .. "/build/release"
  end)
  teardown(function() copy:remove() end)
  before_each(function() tree = process.output_of "mktemp -d" end)
  after_each(function() child.shell("rm -rf " .. tree) end)

  local function luarocks(words)
    local ended = child.shell(("unset LUA_PATH LUA_CPATH LUA_CPATH_5_4; cd %s && HOME=%s %s"
      .. "luarocks %s --tree %s %s"):format(made, tree, offline, OF_LUA, tree, words))
    assert.equal(0, ended.status, ended.err .. ended.out)
    return ended.out
  end

  --- What stands in the tree that is neither a folder nor LuaRocks' own list.
  local function left()
    return process.output_of(("find %s ! -type d ! -name 'manifest*' ! -path '*/.cache/*'"):format(
      tree))
  end

  for _, way in ipairs(WAYS) do
    it(("is built from its %s, and leaves nothing when it is removed"):format(way), function()
      luarocks(("build --deps-mode none lua-sms-%s-1.%s"):format(VERSION, way))
      local listed = luarocks "list --porcelain"
      assert.matches("lua-sms\t" .. VERSION .. "-1\tinstalled\t", listed, 1, true)
      local sms = child.shell(("cd / && env -i PATH=\"$PATH\" HOME=%s %s/bin/sms --version"):format(
        tree, tree))
      assert.equal("sms " .. VERSION .. "\n", sms.out, sms.err)
      local share = ("%s/lib/luarocks/rocks-%s/lua-sms/%s-1/share/doc/lua-sms/"):format(tree, LUA,
        VERSION)
      for _, name in ipairs { "docs/reference.md", "examples/send.lua", "LICENSE" } do
        assert.is_truthy(process.read(share .. name), name)
      end
      local own = ("%s/share/lua/%s/own.lua"):format(tree, LUA)
      child.shell("echo >" .. own)
      luarocks "remove lua-sms"
      assert.equal(own, left())
    end)
  end
end)
