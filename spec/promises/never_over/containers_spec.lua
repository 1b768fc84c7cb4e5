-- share = "machine" where processes do not see the machine as it is: in new containers, in
-- another time namespace, without a boot id. By what the provider saw.

local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local windows = require "spec.support.windows"

-- Sends until it is told to wait, or so many; says how many, and what it was told.
local PROGRAM = [[
local sms = require "sms"
local said = {}
local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
  base_url = os.getenv "URL", slots_path = os.getenv "SLOTS", cold_start = os.getenv "START",
  max_wait = tonumber(os.getenv "WAIT"), retry = false,
  rate_limit = { calls = tonumber(os.getenv "CALLS"), period = tonumber(os.getenv "PERIOD"),
    share = os.getenv "SHARE" or "machine" },
  on_event = function(event)
    if event.name == "wait" or event.name == "warning" then
      said[#said + 1] = event.message or event.name
    end
  end }
local sent = 0
for _ = 1, tonumber(os.getenv "MOST") do
  local result, err = nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hi" }
  if not result then
    said[#said + 1] = err.kind .. ", " .. err.outcome .. ": " .. tostring(err)
    break
  end
  sent = sent + 1
end
io.write(sent, "\n", table.concat(said, "\n"), "\n")
]]

-- A container as far as the library sees one: its process 1, its /proc, its /dev/shm.
local CONTAINER = "unshare --pid --fork --mount sh -c 'mount -t proc %s proc /proc && "
  .. 'mount -t tmpfs none /dev/shm && exec "$@"\' sh '

local NEW = CONTAINER:format ""
local WITHOUT_BOOT_ID = CONTAINER:format "-o subset=pid"
local AHEAD = "unshare --time --boottime 1000 --fork "

local function works(prefix)
  return process.output_of(prefix .. "echo yes 2>/dev/null") == "yes"
end

describe("A limit of the machine", function()
  local box = sandbox.for_specs()
  local folder, program = lua_process.folder_for_specs(PROGRAM)

  --- How many were sent, and what was said.
  local function run(prefix, more)
    local environment = { URL = box.urls.nexmo, CALLS = "10", PERIOD = "60", WAIT = "0",
      MOST = "12" }
    for name, value in pairs(more or {}) do environment[name] = value end
    local sent, said = process.output_of(prefix .. lua_process.command(program, environment)
      .. " 2>&1"):match "^(%d+)\n?(.*)$"
    return tonumber(sent), said
  end

  -- What is new is told from what is not by a minute; this may be a container itself.
  local uptime = tonumber(process.read "/proc/uptime":match "^[%d.]+")
  local start = process.read "/proc/1/stat":match(".*%)" .. (" %S+"):rep(19) .. " (%d+)")
  local is_old = uptime > 65 and uptime - start / 100 > 65

  if is_old and works(NEW) then
    it("lets one call through at each start of a container, and its slots one by one", function()
      for _ = 1, 3 do
        local sent, said = run(NEW)
        assert.equal(1, sent, said)
        assert.matches("rate_limited, not_sent: .*the container is new", said)
      end
      assert.equal(3, box:count())
    end)

    it("says how long a call waits since the container is new", function()
      local sent, said = run(NEW, { PERIOD = "2", WAIT = "5", MOST = "15" })
      assert.equal(15, sent, said)
      assert.matches("^0%.%d+ s: the container is new\n", said)
      assert.is_true(windows.most(box:arrivals(), 2) <= 10)
    end)

    it("lets nothing through for the first period of a container that holds its slots", function()
      local sent, said = run(NEW, { START = "hold" })
      assert.equal(0, sent, said)
      assert.matches("the container is new", said)
      assert.equal(1, (run(NEW, { START = "hold", PERIOD = "1", WAIT = "5", MOST = "1" })))
    end)

    it("goes on in a container whose slots are kept elsewhere", function()
      local place = folder .. "/kept"
      os.execute("mkdir " .. place)
      local _, said = run("", { SLOTS = place, MOST = "8" })
      assert.equal("", said)
      assert.equal(2, (run(NEW, { SLOTS = place })))
      assert.equal(0, (run(NEW, { SLOTS = place })))
    end)

    it("does not touch the limit of a process in a new container", function()
      assert.equal(10, (run(NEW, { SHARE = "process" })))
    end)
  else
    pending("knows a new container")
  end

  if is_old and works(WITHOUT_BOOT_ID) then
    it("is kept in memory where the boot id is hidden, and says what to do elsewhere", function()
      local sent, said = run(WITHOUT_BOOT_ID, { MOST = "1" })
      assert.equal(1, sent, said)
      sent, said = run(WITHOUT_BOOT_ID, { SLOTS = folder })
      assert.equal(0, sent)
      assert.matches("^internal, not_sent: .*ProcSubset=pid.*/dev/shm.*Redis", said)
    end)
  else
    pending("does without a boot id")
  end

  if is_old and works(AHEAD) then
    it("lets nothing through, and warns, in another time namespace", function()
      local place = folder .. "/times"
      os.execute("mkdir " .. place)
      local given = { SLOTS = place, CALLS = "2", WAIT = "0" }
      assert.equal(2, (run("", given)))
      local sent, said = run(AHEAD, given)
      assert.equal(0, sent, said)
      assert.matches("another time namespace; no slot is free for", said)
      assert.equal(2, box:count())
    end)
  else
    pending("knows another time namespace")
  end
end)
