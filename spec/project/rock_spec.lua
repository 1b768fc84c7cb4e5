-- What users install: by LuaRocks and by CMake, into an empty tree, for the Lua this runs in.

local version = _VERSION:match "%d%.%d"
local interpreter = jit and "luajit" or "lua" .. version
local build = assert(package.searchpath and package.searchpath("sms.core", package.cpath))
  :match "^(.*)/[^/]+/sms/core%.so$"

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function run(command)
  local pipe = assert(io.popen("{ " .. command .. "; } 2>&1; echo \"status $?\""))
  local output, status = pipe:read("*a"):match "^(.*)status (%d+)\n$"
  pipe:close()
  assert(status == "0", command .. "\n" .. tostring(output))
  return output
end

local function declared_version()
  local file = assert(io.open "CMakeLists.txt")
  local text = file:read "*a"
  file:close()
  return text:match "project%(lua%-sms VERSION (%S+)"
end

-- The version the module in a tree tells, by an interpreter that can see nothing of this checkout.
local function version_in(tree)
  local share = ("%s/share/lua/%s/"):format(tree, version)
  local lib = ("%s/lib/lua/%s/"):format(tree, version)
  return run(([[cd / && env -i LUA_PATH=%s LUA_CPATH=%s %s -e 'io.write(require("sms").version)']])
    :format(quoted(share .. "?.lua;" .. share .. "?/init.lua;;"), quoted(lib .. "?.so;;"),
      "\"$(command -v " .. interpreter .. ")\""))
end

-- Both write in the checkout, where specs under another Lua may do the same: hence flock.
describe("An installation", function()
  local tree
  before_each(function() tree = run("mktemp -d"):gsub("\n", "") end)
  after_each(function() run("rm -rf " .. quoted(tree)) end)

  it("by luarocks make works", function()
    run(("flock CMakeLists.txt luarocks --lua-version %s make --deps-mode none --tree %s")
      :format(version, quoted(tree)))
    assert.equal(declared_version(), version_in(tree))
  end)

  it("by cmake works", function()
    run(("flock CMakeLists.txt cmake --install %s --prefix %s"):format(quoted(build),
      quoted(tree)))
    assert.equal(declared_version(), version_in(tree))
  end)
end)
