-- What cmake installs, where, and that all of it goes away again.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local process = require "spec.support.process"

local OWN = "share/lua/5.4/sms/own.lua" -- a file of the user's, in a folder of ours

-- What there is to find below a prefix, beside the modules.
local FOUND = [[
bin/sms
lib/lua/5.1/sms/core.so
lib/lua/5.4/sms/core.so
lib/systemd/system/sms-sandbox.service
share/bash-completion/completions/sms
share/doc/lua-sms/CHANGELOG.md
share/doc/lua-sms/LICENSE
share/doc/lua-sms/README.md
share/doc/lua-sms/SECURITY.md
share/doc/lua-sms/docs/guides/first_message.md
share/doc/lua-sms/docs/reference.md
share/doc/lua-sms/examples/nginx/otp.lua
share/doc/lua-sms/examples/send.lua
share/doc/lua-sms/examples/testing/spec/orders_spec.lua
share/lua-sms/grafana/sms.json
share/lua-sms/installed.txt
share/lua-sms/logrotate/sms
share/lua-sms/nginx/status.conf
share/lua-sms/prometheus/sms.rules.yml
share/doc/lua-sms/docs/page_wide.png
share/lua-sms/sandbox/page/index.html
share/lua-sms/sandbox/page/page.css
share/lua-sms/sandbox/page/page.js
share/lua-sms/sandbox/start
share/lua/5.1/sms/init.lua
share/lua/5.1/sms_command/init.lua
share/lua/5.4/sms/init.lua
share/lua/5.4/sms/meta.lua
share/lua/5.4/sms_command/init.lua
share/man/man1/sms.1
share/zsh/site-functions/_sms
]]

describe("An installation by cmake", function()
  local tree

  before_each(function() tree = process.output_of "mktemp -d" end)
  after_each(function() child.shell("rm -rf " .. tree) end)

  --- Commands in the build folder, which other specs install from, too; what is in the tree then.
  local function run(commands)
    local ended = child.shell(("flock CMakeLists.txt sh -ec %s"):format(child.quoted(("build=%s\n"
      .. "tree=%s\ninstall() { cmake --install $build \"$@\" >/dev/null; }\n"
      .. "uninstall() { cmake --build $build --target uninstall >/dev/null; }\n%s"):format(
      build.folder, tree, commands))))
    assert.equal(0, ended.status, ended.err)
    return process.output_of(("cd %s && find . -mindepth 1 | LC_ALL=C sort"):format(tree))
  end

  it("brings command, sandbox, reference, examples, units", function()
    local all = "\n" .. run "install --prefix $tree" .. "\n"
    for path in FOUND:gmatch "[^\n]+" do
      assert(all:find("\n./" .. path .. "\n", 1, true), path)
    end
    assert.is_nil(all:gsub("/examples/[^\n]*", ""):find "_spec%.lua" or all:find "/sandbox/spec")
    local unit = process.read(tree .. "/lib/systemd/system/sms-sandbox.service")
    assert.matches("\nExecStart=sms sandbox ", unit) -- which systemd finds in /usr/local, too
  end)

  for name, commands in pairs {
    ["a prefix"] = "install --prefix $tree/opt/sms; uninstall",
    ["a prefix that is relative"] = "build=$(realpath $build); cd $tree; install --prefix opt; "
      .. "uninstall",
    ["DESTDIR"] = "export DESTDIR=$tree; install --prefix /usr; uninstall",
    ["a prefix that other things are in"] = "mkdir -p $tree/bin $tree/share/man/man1\n"
      .. "echo >$tree/bin/other; install --prefix $tree; uninstall",
    ["one after another"] = "install --prefix $tree/opt/sms; install --prefix $tree/opt/sms; "
      .. "uninstall",
  } do
    it("goes away without a trace from " .. name, function()
      local before = name:find "other things" and "./bin\n./bin/other\n./share\n./share/man\n"
        .. "./share/man/man1" or ""
      assert.equal(before, run(commands))
    end)
  end

  it("has what it says of itself where it says it is", function()
    run "install --prefix $tree"
    assert.equal("", process.output_of(([[
      while read -r path; do [ -e "$path" ] || echo "$path"; done <%s/share/lua-sms/installed.txt]])
      :format(tree)))
    assert.equal("", process.output_of(([[
      cd %s && find . ! -type d | sed 's|^\.|%s|' | LC_ALL=C sort >all
      grep -v '/$' share/lua-sms/installed.txt | LC_ALL=C sort | comm -3 - all | grep -v '/all$']])
      :format(tree, tree)))
  end)

  it("leaves what is the user's own", function()
    assert.equal("./share\n./share/lua\n./share/lua/5.4\n./share/lua/5.4/sms\n./" .. OWN,
      run(("install --prefix $tree; echo >$tree/%s; uninstall"):format(OWN)))
  end)

  it("takes away what only the version before had", function()
    local old = "lib/lua/5.4/sms/older/part.so"
    local all = run(([[
      install --prefix $tree
      mkdir $tree/lib/lua/5.4/sms/older
      echo >$tree/%s
      echo "$tree/%s" >>$tree/share/lua-sms/installed.txt
      echo >$tree/%s
      install --prefix $tree]]):format(old, old, OWN))
    assert.is_nil(all:find("/older", 1, true))
    assert.is_truthy(all:find(OWN, 1, true))
  end)

  it("says so where there is nothing to take away", function()
    local ended = child.shell(("flock CMakeLists.txt sh -c %s"):format(child.quoted(([[
      cmake --install %s --prefix %s >/dev/null && rm -r %s/* &&
      cmake --build %s --target uninstall]]):format(build.folder, tree, tree, build.folder))))
    assert.not_equal(0, ended.status)
    assert.matches("nothing is installed in\n? *" .. tree, ended.err)
  end)
end)
