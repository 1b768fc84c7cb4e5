-- Hosts that lack something: few descriptors, little address space, a file system that is read-only
-- or full, no HOME, no /dev/shm, no CA bundle. What can be done is done; the rest is told in words
-- that say what is missing, as not sent, and it is true: the provider saw as many as were accepted.
-- SMS_TEST_LONG=1: all words of
-- the command, on each of them.

local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local commands = require "spec.support.runs.command"
local lua_process = require "spec.support.lua_process"
local sandbox = require "spec.support.servers.sandbox"

local unpack = table.unpack or unpack -- luacheck: ignore

local LONG = os.getenv "SMS_TEST_LONG"
local PATIENCE = 60 -- seconds: nothing waits for ever
local CAN_MOUNT = child.shell("unshare -m mount -t tmpfs none /tmp").status == 0

-- What a thing is told, as a pattern; of those that are left out each call is accepted.
local NO_FILES = "^not_sent .*no more files may be opened %(ulimit %-n"
local NO_SHM = "^not_sent .*there is no /dev/shm; name a folder .* slots_path"
local FULL = "^not_sent .*No space left on device; name a folder .* slots_path"
local TOO_LONG = "^not_sent .*no file may be that long %(ulimit %-f%)"

-- A /dev with what programs need, and without shm.
local WITHOUT_SHM = [[mkdir -p "$D/dev"; for f in null zero random urandom; do
  : >"$D/dev/$f"; mount --bind /dev/$f "$D/dev/$f"; done; mount --rbind "$D/dev" /dev]]

-- `before`: in a shell, with a /dev/shm and a folder $D of its own; `told`: by things; `doctor`: by
-- checks; `command`: what words of the command end with, "STATUS PATTERN"; `set`: variables;
-- `apart`: the loop has a process of its own, since luv and cqueues take descriptors, too.
local HOSTS = {
  { "16 descriptors", before = "ulimit -n 16", everywhere = true, may = NO_FILES, apart = true },
  { "64 MiB of address space", before = "ulimit -v 65536", everywhere = true },
  { "a read-only file system", before = "mount -o remount,ro,bind /; mount -o remount,ro /dev/shm",
    told = { ["end of bulk"] = "^not_sent .*/journal: Read%-only file system",
      limited = "^not_sent .*Read%-only file system; name a folder .* slots_path" },
    doctor = { slots = "Read%-only file system" },
    command = { send = "3 not sent: .*/dev/shm.*Read%-only file system",
      key = "2 Read%-only file system; XDG_STATE_HOME", campaign = "2 Read%-only file system",
      doctor = "1 state +wrong" } },
  { "a full disk", before = [[mount -t tmpfs -o size=4k none /dev/shm; chmod 1777 /dev/shm
      mount -t tmpfs -o size=4k none "$D"; for f in "$D/full" /dev/shm/full; do
      dd if=/dev/zero of=$f bs=1k 2>/dev/null; done]],
    told = { ["end of bulk"] = "^not_sent .*/journal: No space left", limited = FULL },
    doctor = { slots = "No space left on device; name a folder" },
    command = { send = "3 not sent: .*No space left", key = "2 No space left",
      campaign = "3 3 not sent", doctor = "1 state +wrong .*No space left" } },
  { "ulimit -f 0", before = "ulimit -f 0",
    told = { ["end of bulk"] = TOO_LONG, limited = TOO_LONG .. "; name a folder" },
    doctor = { slots = "no file may be that long" },
    command = { send = "3 not sent: .*ulimit %-f", key = "2 ulimit %-f",
      campaign = "3 ulimit %-f", doctor = "1 state +wrong .*ulimit %-f" } },
  { "no HOME", before = "unset HOME", set = { HOME = false }, everywhere = true,
    command = { key = "2 set HOME or XDG_STATE_HOME", doctor = "1 state +wrong .*set HOME" } },
  { "no /dev/shm", before = WITHOUT_SHM, told = { limited = NO_SHM },
    doctor = { slots = "there is no /dev/shm; name a folder" },
    command = { send = "3 not sent: there is no /dev/shm; .*SMS_REDIS",
      key = "3 there is no /dev/shm", campaign = "3 3 not sent",
      doctor = "1 slots +wrong .*there is no /dev/shm" } },
  { "no CA bundle", before = "mount -t tmpfs none /etc/ssl/certs", ca = false,
    told = { secure = "^not_sent .*install ca%-certificates, or give ca_file" },
    doctor = { ca = "install ca%-certificates, or give the client option ca_file" } },
  { "an empty CA bundle", ca = false,
    before = "mount -t tmpfs none /etc/ssl/certs; : >/etc/ssl/certs/ca-certificates.crt",
    told = { secure = "^not_sent .*install ca%-certificates, or give ca_file" },
    doctor = { ca = "install ca%-certificates, or give the client option ca_file" } },
  { "no name server", before = "mount --bind /dev/null /etc/resolv.conf" },
  { "no /tmp", before = "mount -t tmpfs -o ro none /tmp", set = { TMPDIR = "/nowhere" },
    told = { play = "^testing.start: there is no folder for temporary files: set TMPDIR" } },
}

local UNKNOWN = "^not_sent .*[Rr]esolv" -- nowhere is sms.invalid
local THINGS = { "send", "secure", "limited", "all", "bulk", "unknown", "doctor", "loop" }

describe("A host with", function()
  local box = sandbox.for_specs { tls = true }
  local folder

  before_each(function()
    folder = child.shell("mktemp -d -p /var/tmp").out:match "[^\n]+"
    os.execute(("mkdir %s/disk; cp %s %s/ca.pem"):format(folder, box.urls.ca_file, folder))
  end)
  after_each(function() os.execute("rm -rf " .. child.quoted(folder)) end)

  --- What is printed goes through a pipe: some hosts have no room for a file.
  local function run_on(host, line)
    local before = ("D=%s/disk; %s\n"):format(folder, host.before)
    if CAN_MOUNT then before = "mount -t tmpfs none /dev/shm\n" .. before end
    local ended = child.shell(("timeout %d %s sh -c %s 2>&1 | cat"):format(PATIENCE,
      CAN_MOUNT and "unshare -m" or "", child.quoted(before .. line .. '\necho "status $?"')))
    local said, status = ended.out:match "^(.*)status (%d+)\n$"
    assert.is_truthy(said, "it did not end: " .. ended.out .. ended.err)
    return said, status
  end

  --- What each thing was told, by its name.
  local function told_on(host, things)
    local environment = { NEXMO_BASE_URL = box.urls.nexmo, SECURE_URL = box.urls.nexmo_tls,
      CA_FILE = host.ca ~= false and folder .. "/ca.pem" or nil }
    for name, value in pairs(host.set or {}) do environment[name] = value or nil end
    local said, status = run_on(host, lua_process.command("spec/support/starved/host_child.lua",
      environment, { folder .. "/disk", unpack(things) }))
    assert.equal("0", status, said)
    local told = {}
    for line in said:gmatch "[^\n]+" do
      local thing, words = line:match "^([^\t]+)\t(.+)$"
      assert.is_truthy(thing, said)
      told[thing] = told[thing] or {}
      table.insert(told[thing], words)
    end
    return told
  end

  local function check_calls(host, told)
    local accepted = 0
    for thing, list in pairs(told) do
      local expected = host.told and host.told[thing] or thing == "unknown" and UNKNOWN
        or "^accepted$"
      for _, words in ipairs(thing ~= "doctor" and list or {}) do
        if not (host.may and words:find(host.may)) then
          assert.matches(expected, words, nil, nil, thing)
        end
        accepted = accepted + (words == "accepted" and 1 or 0)
      end
    end
    assert.equal(accepted, #box:arrivals "send_sms")
  end

  local function check_doctor(host, list)
    for check, pattern in pairs(host.doctor or {}) do
      local words = table.concat(list or {}, "\n")
      assert.matches(check .. " [^\n]*" .. pattern, words)
    end
    for _, words in ipairs(list or {}) do
      assert.is_truthy(host.doctor and host.doctor[words:match "%S+"], words)
    end
  end

  local CALLS = { send = 1, secure = 1, limited = 3, all = 6, loop = 6, unknown = 1 }

  local function check_library(host)
    local last = #THINGS - (host.apart and 1 or 0)
    local told = told_on(host, { unpack(THINGS, 1, last) })
    if host.apart then told.loop = told_on(host, { "loop" }).loop end
    for thing, count in pairs(CALLS) do
      assert.equal(count, #(told[thing] or {}), thing) -- each call has an outcome
    end
    assert.equal(told["end of bulk"] and 1 or 20, #(told.bulk or told["end of bulk"]))
    check_calls(host, told)
    check_doctor(host, told.doctor)
    box:reset()
    if LONG and host.told and host.told.play then check_calls(host, told_on(host, { "play" })) end
  end

  local COUNTS = { send = 1, key = 1, campaign = 3, doctor = 0 } -- of texts
  local WORDS = {
    send = { "send", "Hello", "--to", "447700900000", "--from", "Acme" },
    key = { "send", "Hello", "--to", "447700900000", "--from", "Acme", "--key", "k1" },
    campaign = { "campaign", "LIST", "--from", "Acme", "--yes" },
    doctor = { "doctor" },
  }

  local function check_command(host, name)
    box:reset()
    local list = ("%s/%s.csv"):format(folder, name)
    local file = assert(io.open(list, "w"))
    file:write "to,text\n447700900001,Hi\n447700900002,Hi\n447700900003,Hi\n"
    file:close()
    local set = { HOME = folder .. "/disk", RETARUS_USERNAME = false }
    for variable, value in pairs(host.set or {}) do set[variable] = value end
    local words = {}
    for i, word in ipairs(WORDS[name]) do words[i] = word == "LIST" and list or word end
    local said, status = run_on(host, commands.line(words, commands.with_account(box, set)))
    local expected, pattern = (host.command and host.command[name] or "0"):match "^(%S+) ?(.*)$"
    assert.matches("^" .. expected .. "$", status, nil, nil, said)
    assert.matches(pattern, said)
    assert.equal(status == "0" and COUNTS[name] or 0, #box:arrivals "send_sms", said)
  end

  for _, host in ipairs(HOSTS) do
    local is_possible = not build.is_sanitized and (CAN_MOUNT or host.everywhere)
    it(host[1] .. " is told what is missing, and the truth", function()
      if not is_possible then return pending "nothing can be mounted here, or a sanitizer runs" end
      check_library(host)
    end)

    it(host[1] .. " has the command say so, too", function()
      if not is_possible then return pending "nothing can be mounted here, or a sanitizer runs" end
      for name in pairs(LONG and WORDS or host.command or {}) do
        if LONG or name == "send" or name == "doctor" then check_command(host, name) end
      end
    end)
  end
end)
