-- What is said of files of slots that do not last, on files that stand for the system's.

local core = require "sms.core"
local process = require "spec.support.process"
local slots_place = require "sms.client.slots_place"

local USER = "Name:\tlua\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\n"

-- A desktop or a server that people log in to.
local function system(more)
  local files = {
    ["/proc/self/status"] = USER,
    ["/run/systemd/seats/seat0"] = "IS_SEAT0=1\n",
    ["/etc/passwd"] = "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n",
    ["/etc/systemd/logind.conf"] = "[Login]\n#RemoveIPC=no\n",
  }
  for path, text in pairs(more or {}) do files[path] = text end
  return function(path) return files[path] or nil end
end

describe("Slots in /dev/shm", function()
  local in_container = core.in_container
  after_each(function() core.in_container = in_container end)

  it("are lost at logout by an ordinary user", function()
    for _, more in ipairs {
      {}, { ["/etc/systemd/logind.conf"] = false }, { ["/etc/passwd"] = false },
      { ["/etc/systemd/logind.conf"] = "[Login]\nRemoveIPC=yes\n" },
      { ["/var/lib/systemd/linger/bob"] = "" },
    } do
      core.in_container = function() return false end
      local said = slots_place.cannot_last(system(more))
      assert.matches("RemoveIPC=no", said)
      assert.matches("slots_path .* Redis", said)
    end
  end)

  it("stay where nothing removes them", function()
    for _, more in ipairs {
      { ["/proc/self/status"] = USER:gsub("1000", "33") },
      { ["/proc/self/status"] = USER:gsub("1000", "65534") },
      { ["/proc/self/status"] = false }, { ["/run/systemd/seats/seat0"] = false },
      { ["/var/lib/systemd/linger/ann"] = "" },
      { ["/etc/systemd/logind.conf"] = "[Login]\nRemoveIPC=no\n" },
      { ["/etc/systemd/logind.conf"] = "[Login]\n RemoveIPC = False\n" },
    } do
      core.in_container = function() return false end
      assert.is_nil(slots_place.cannot_last(system(more)))
    end
  end)

  it("are lost at each start of a container", function()
    core.in_container = function() return true end
    assert.matches("each start of this container", slots_place.cannot_last())
  end)

  it("are in a container where process 1 began a minute after the kernel", function()
    local folder = process.output_of "mktemp -d"
    process.output_of("mkdir " .. folder .. "/1")
    for ticks, expected in pairs { [3] = false, [6000] = false, [6001] = true } do
      local file = assert(io.open(folder .. "/1/stat", "w"))
      file:write("1 (a b) S", (" 0"):rep(18), " ", ticks, " 0\n")
      file:close()
      assert.equal(expected, core.in_container(folder))
    end
    process.output_of("rm -r " .. folder)
    assert.is_false(core.in_container(folder))
  end)

  it("are another's where a process of the same nginx is another user", function()
    local function nginx(more)
      return system { ["/proc/self/status"] = USER .. "PPid:\t7\n", ["/proc/8/status"] = USER,
        ["/proc/7/cmdline"] = more.command or "nginx: master process nginx",
        ["/proc/7/task/7/children"] = more.children or "8 9 ",
        ["/proc/9/status"] = USER:gsub("1000", more.user or "0") }
    end
    assert.equal("0", slots_place.other_user(nginx {}))
    for _, more in ipairs { { user = "1000" }, { children = "8 " }, { children = "" },
      { children = "8 10 " }, { command = "/sbin/init" } } do
      assert.is_nil(slots_place.other_user(nginx(more)), more)
    end
    assert.is_nil(slots_place.other_user(system { ["/proc/self/status"] = false }))
  end)
end)
