-- What users install: by LuaRocks and by CMake, into an empty tree, for the Lua this runs in; the
-- command, too. One way in each Lua; SMS_TEST_LONG=1: both in both.

local process = require "spec.support.process"
local tarball = require "spec.support.dev.tarball"

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

-- The version the module in a tree tells, by an interpreter that can see nothing of this checkout.
local function version_in(tree)
  local share = ("%s/share/lua/%s/"):format(tree, version)
  local lib = ("%s/lib/lua/%s/"):format(tree, version)
  return run(([[cd / && env -i LUA_PATH=%s LUA_CPATH=%s %s -e 'io.write(require("sms").version)']])
    :format(quoted(share .. "?.lua;" .. share .. "?/init.lua;;"), quoted(lib .. "?.so;;"),
      "\"$(command -v " .. interpreter .. ")\""))
end

-- What `sms` of a tree says, run in an environment that has nothing.
local function sms(tree, words, environment)
  return ("(cd / && exec env -i PATH=%s TMPDIR=%s HOME=%s %s %s/bin/sms %s)"):format(
    quoted(os.getenv "PATH"), quoted(tree), quoted(tree), environment or "", quoted(tree), words)
end

-- Tells the version, sends to its own sandbox, and ends that.
local function check_command(tree)
  assert.equal("sms " .. tarball.version() .. "\n", run(sms(tree, "--version")))
  local box, said, sent = tree .. "/box", tree .. "/said", nil
  local page
  local line = ("sh -c %s"):format(quoted(("exec >%s; exec "):format(said)
    .. sms(tree, "sandbox --dir " .. box):match "exec (.*)%)"))
  local ended = process.interrupted(line, function()
    if not (process.read(said) or ""):find "nexmo_api" then return false end
    local url = process.read(said):match "\npage +(%S+)"
    page = run(("curl -s %s %spage.js %spage.css"):format(url, url, url))
    sent = run(sms(tree, "send --provider nexmo --from Acme --to 447700900000 Hello",
      "SMS_SANDBOX=" .. box))
    return true
  end)
  assert.equal(130, ended.status, ended.err)
  assert.matches("^export SMS_SANDBOX=", process.read(said))
  assert(page:find("<title>SMS sandbox", 1, true) and page:find("textContent", 1, true)
    and page:find("prefers-color-scheme", 1, true))
  assert.matches("^447700900000  accepted  %x+\n$", sent)
end

-- Runs the spec of the example project, which uses the sandbox of the tree.
local function check_testing(tree)
  local share = ("%s/share/lua/%s/"):format(tree, version)
  run(("cp -R examples/testing %s && cd %s/testing && env -i PATH=%s TMPDIR=%s LUA_PATH=%s "
    .. "LUA_CPATH=%s %s /usr/bin/busted"):format(quoted(tree), quoted(tree),
    quoted(os.getenv "PATH"), quoted(tree), quoted(share .. "?.lua;" .. share .. "?/init.lua;;"),
    quoted(("%s/lib/lua/%s/?.so;;"):format(tree, version)), interpreter))
end

-- The man page, the completions and the unit of workers that lie below a folder.
local function check_pages(folder, units)
  assert.matches("ExecStart=sms worker", process.read(("%s/%s/sms-worker@.service"):format(folder,
    units)) or "", 1, true)
  for path, text in pairs { ["man/man1/sms.1"] = ".TH SMS 1", ["zsh/site-functions/_sms"] =
    "#compdef sms", ["bash-completion/completions/sms"] = "complete -F _sms" } do
    assert.matches(text, process.read(("%s/share/%s"):format(folder, path)) or "", 1, true)
  end
end

local LONG = os.getenv "SMS_TEST_LONG"

-- Both write in the checkout, where specs under another Lua may do the same: hence flock.
describe("An installation", function()
  local tree
  before_each(function() tree = run("mktemp -d"):gsub("\n", "") end)
  after_each(function() run("rm -rf " .. quoted(tree)) end)

  local function by_luarocks()
    -- Rocks it would fetch from the net: Debian's packages of them stand in.
    run(("echo 'rocks_provided = { [%q] = %q, argparse = %q }' >%s/config.lua"):format("lua-cjson",
      "2.1.0-1", "0.7.1-1", tree))
    local of_lua = jit and "" or "--lua-version " .. version -- Debian's LuaRocks is for 5.1
    run(("export LUAROCKS_CONFIG=%s/config.lua; flock CMakeLists.txt luarocks %s make --tree %s")
      :format(quoted(tree), of_lua, quoted(tree)))
    assert.equal(tarball.version(), version_in(tree))
    check_command(tree)
    check_testing(tree)
    check_pages(("%s/lib/luarocks/rocks-%s/lua-sms/scm-1"):format(tree, version), "share/lua-sms")
  end

  local function by_cmake()
    run(("flock CMakeLists.txt cmake --install %s --prefix %s"):format(quoted(build),
      quoted(tree)))
    assert.equal(tarball.version(), version_in(tree))
    check_command(tree)
    check_testing(tree)
    check_pages(tree, "lib/systemd/system")
  end

  if LONG or jit then
    it("by luarocks make works, with nothing more to say than the Lua", by_luarocks)
  end
  if LONG or not jit then it("by cmake works", by_cmake) end
end)
