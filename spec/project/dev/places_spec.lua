-- Where ./dev stands: in a copy of a checkout that has been built, and where it may not write.

local checkout = require "spec.support.dev.checkout"
local child = require "spec.support.child"
local process = require "spec.support.process"

local may_mount = child.shell("[ $(id -u) = 0 ] && unshare --mount true").status == 0

local NOBODY = "setpriv --reuid nobody --regid nogroup --clear-groups env TMPDIR=/tmp "

describe("In its place, ./dev", function()
  local copy

  before_each(function() copy = checkout.new() end)
  after_each(function() copy:remove() end)

  it("builds, under any name that leads there", function()
    local ended = copy:run "./dev build && ln -s . other && cd other && ./dev build"
    assert.equal(0, ended.status, ended.err)
  end)

  it("tells of a build folder that came with a copy, or with a move", function()
    local other = copy.dir .. ".other"
    for _, way in ipairs { "cp -r", "mv" } do
      for _, command in ipairs { "build", "demo", "lint", "test" } do
        local ended = copy:run(("%s %s %s && cd %s && ./dev %s"):format(way, copy.dir, other, other,
          command))
        assert.equal(1, ended.status)
        assert.equal("", ended.out)
        assert.equal(("dev: build/ was built for the checkout in %s, and has been copied or moved "
          .. "from there;\nremove it, since all in it is made anew: rm -rf '%s/build'\n"):format(
          copy.dir, other), ended.err)
        child.shell(("[ -e %s ] && rm -rf %s || mv %s %s"):format(copy.dir, other, other, copy.dir))
      end
    end
  end)

  it("does what it said there: what is removed is made anew", function()
    local ended = copy:run(("cp -r . %s.other && cd %s.other && rm -rf build && ./dev build")
      :format(copy.dir, copy.dir))
    child.shell(("rm -rf %s.other"):format(copy.dir))
    assert.equal(0, ended.status, ended.err)
  end)

  it("says that it cannot write on what is read-only, and why", function()
    if not may_mount then return pending "this needs root that may mount" end
    local ended = copy:run(("unshare --mount sh -c 'mount --bind . . && mount -o remount,bind,ro . "
      .. "&& cd %s && ./dev demo'"):format(copy.dir))
    assert.equal(1, ended.status)
    assert.equal(([[dev: cannot write in %s/build, where all is built: it is read-only.
A copy of yours will do: cp -r '%s' ~/lua-sms && rm -rf ~/lua-sms/build && cd ~/lua-sms
]]):format(copy.dir, copy.dir), ended.err)
  end)

  it("says whose a folder is in which it cannot write", function()
    if not may_mount then return pending "this needs root" end
    local ended = copy:run(NOBODY .. "./dev build")
    assert.equal(1, ended.status)
    assert.matches("^dev: cannot write in [^\n]*, where all is built: it belongs to root.\n",
      ended.err)
    ended = copy:run("rm -rf build && " .. NOBODY .. "./dev build")
    assert.matches("it belongs to root.\n", ended.err, 1, true)
  end)

  it("says where the disk is full, before it builds half of it, and builds when there is room",
    function()
      if not may_mount then return pending "this needs root that may mount" end
      local ended = copy:run("unshare --mount sh -c 'mkdir -p build && "
        .. "mount -t tmpfs -o size=4m none build && ./dev build; s=$?; ls build; exit $s'")
      assert.same({ 1, "" }, { ended.status, ended.out })
      assert.equal(("dev: no room in %s/build, where all is built: it takes 16 MB, and the tests "
        .. "more\n"):format(copy.dir), ended.err)
      ended = copy:run "./dev build"
      assert.equal(0, ended.status, ended.err)
    end)

  it("says so where there is no place for temporary files", function()
    local ended = copy:run "TMPDIR=/none ./dev build"
    assert.equal(1, ended.status)
    assert.equal("dev: cannot write in /none, where temporary files go (TMPDIR names another "
      .. "folder)\n", ended.err)
  end)

  it("plays the providers where it cannot write", function()
    if not may_mount then return pending "this needs root that may mount" end
    local out = copy.dir .. ".out"
    os.execute(("cd %s && exec unshare --mount sh -c 'mount --bind . . && "
      .. "mount -o remount,bind,ro . && cd %s && exec ./dev sandbox' >%s 2>&1 & echo $! >%s.pid")
      :format(copy.dir, copy.dir, out, out))
    local function told() return (process.read(out) or ""):find "for the Voice API" end
    local ok = pcall(process.wait, "the sandbox", 20, told)
    local text = process.read(out)
    child.shell(("kill $(cat %s.pid); rm -f %s %s.pid"):format(out, out, out))
    assert.matches("for the Voice API", text)
    assert.is_true(ok)
  end)
end)
