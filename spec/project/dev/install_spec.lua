-- What ./dev says and does where packages are missing: with a real apt and a real dpkg, whose
-- packages are without contents and come to a folder.

local child = require "spec.support.child"
local process = require "spec.support.process"

local may_mount = child.shell("[ $(id -u) = 0 ] && unshare --mount true").status == 0

local WHAT = "3 packages, and 1 that they need: less than 1 MB to download, 12 MB on disk"
local NAMES = "nginx libnginx-mod-http-lua openssl"

local AS_NOBODY = "env TMPDIR=/tmp setpriv --reuid nobody --regid nogroup --clear-groups "

describe("Where packages are missing, ./dev", function()
  local folder

  before_each(function() folder = process.output_of "mktemp -d" end)
  after_each(function() child.shell("rm -rf " .. folder) end)

  --- Runs a command there until it ends or says something; all that it says.
  local function run(command, last)
    local status = folder .. ".status"
    os.execute(("mkdir -p %s; (spec/support/dev/packages %s %s; echo $? >%s) >%s.out 2>&1 "
      .. "</dev/null & echo $! >%s.pid"):format(folder, folder, command, status, folder, folder))
    local function said() return process.read(folder .. ".out") or "" end
    process.wait("what it says", 60, function()
      return last and said():find(last, 1, true) or tonumber(process.read(status) or "")
    end)
    for _, pid in ipairs(process.children(process.read(folder .. ".pid"))) do
      process.signal("TERM", pid)
    end
    local ended = tonumber(process.wait("its end", 20, function()
      return tonumber(process.read(status) or "")
    end))
    local text = said()
    child.shell(("rm -f %s.status %s.out %s.pid"):format(folder, folder, folder))
    return text, ended
  end

  it("says what it installs and how much that is, and how far it is", function()
    if not may_mount then return pending "this needs root that may mount" end
    local text = run("./dev sandbox", "for the Voice API")
    local before = "packages are missing; reading apt's lists\ninstalling " .. WHAT .. "\n  "
      .. NAMES .. "\n  downloading: 0 %\n"
    assert.equal(before, text:sub(1, #before))
    assert.matches("\n  installing: 75 %%\nBoth providers on loopback", text)
    assert.is_nil(text:find "Reading package lists" or text:find "Setting up")
    assert.equal("101\n", process.read(folder .. "/policy")) -- nginx must not start
    assert.equal("nginx disable\n", process.read(folder .. "/disabled"))
    assert.is_nil(process.read(folder .. "/sbin/policy-rc.d"))
    text = run("./dev sandbox", "for the Voice API")
    assert.matches("^Both providers on loopback", text)
  end)

  it("shows that in one line on a terminal", function()
    if not may_mount then return pending "this needs root that may mount" end
    local text = run("script -qec './dev sandbox' /dev/null", "for the Voice API")
    assert.matches("\r\27%[K  downloading: 100 %%", text)
    assert.matches("\r\27%[K  installing: +%d+ %%  Unpacking nginx", text)
    assert.matches("\r\27%[KBoth providers", text)
  end)

  it("shows apt's last lines alone, and only where it fails", function()
    if not may_mount then return pending "this needs root that may mount" end
    child.shell(("touch %s/broken"):format(folder))
    local text, status = run "./dev sandbox"
    assert.equal(2, status)
    assert.matches("\n100\nnginx is broken\n", text)
    assert.is_nil(text:find("\n1\n", 1, true))
    assert.matches("\ndev: could not install " .. NAMES:gsub("%-", "%%-") .. "\n$", text)
  end)

  it("goes on to the end where nobody listens any more", function()
    if not may_mount then return pending "this needs root that may mount" end
    run "sh -c './dev sandbox | head -n 5'"
    assert.equal("nginx disable\n", process.read(folder .. "/disabled"))
  end)

  it("leaves it to root where it may not, and says what there is to do", function()
    if not may_mount then return pending "this needs root" end
    child.shell(("spec/support/dev/packages %s apt-get update"):format(folder))
    local text, status = run(AS_NOBODY .. "./dev sandbox")
    assert.equal(2, status)
    assert.equal(("dev: packages are missing, %s; as root:\napt-get install "
      .. "--no-install-recommends %s\n"):format(WHAT, NAMES), text)
  end)

  it("names no packages to root before apt has lists of them", function()
    if not may_mount then return pending "this needs root" end
    local text, status = run(AS_NOBODY .. "./dev sandbox")
    assert.equal(2, status)
    assert.equal("dev: packages are missing, and apt has no lists of them yet; as root:\n"
      .. "apt-get update\nAfter that the same command again says what to install.\n", text)
  end)
end)
