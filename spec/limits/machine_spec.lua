-- share = "machine": several processes keep one limit, by what the provider saw.
-- SMS_TEST_LONG=1: 64 of them are killed for 30 s.

local child = require "spec.support.child"
local core = require "sms.core"
local lua_process = require "spec.support.lua_process"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local senders = require "spec.support.runs.senders"
local sms = require "sms"
local socket = require "socket"
local windows = require "spec.support.windows"

local LONG = os.getenv "SMS_TEST_LONG"

local CALLS, PERIOD = 10, 0.4

local PROGRAM = [[
local sms = require "sms"
local url, folder, calls = os.getenv "URL", os.getenv "SLOTS", tonumber(os.getenv "CALLS")
local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", base_url = url,
  slots_path = folder, rate_limit = { calls = 10, period = 0.4, share = "machine" } }
local list = {}
for i = 1, calls do
  list[i] = function()
    return nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hi" }
  end
end
local sent = 0
for _, result in ipairs(sms.all(list)) do
  sent = sent + (result[1] and 1 or 0)
end
io.write(sent, "\n")
]]

describe("A limit of the machine", function()
  local box = sandbox.for_specs { workers = 2 }
  local folder, program = lua_process.folder_for_specs(PROGRAM)
  local opened = {}

  local function client(more)
    local given = { api_key = "abcd1234", api_secret = "Secret0123456789",
      base_url = box.urls.nexmo,
      slots_path = folder, rate_limit = { calls = CALLS, period = PERIOD, share = "machine" } }
    for name, value in pairs(more or {}) do given[name] = value end
    opened[#opened + 1] = sms.nexmo(given)
    return opened[#opened]
  end
  after_each(function() -- the limits of open clients of one account hold together
    for i = #opened, 1, -1 do table.remove(opened, i):close() end
  end)

  local function send(nexmo)
    return nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hi" }
  end

  it("holds for several processes together", function()
    local pipes = {}
    for i = 1, 4 do
      pipes[i] = assert(io.popen(lua_process.command(program,
        { URL = box.urls.nexmo, SLOTS = folder, CALLS = "12" })))
    end
    for _, pipe in ipairs(pipes) do
      assert.equal("12", pipe:read "*l")
      pipe:close()
    end
    assert.equal(48, box:count())
    assert.is_true(windows.most(box:arrivals(), PERIOD) <= CALLS)
  end)

  it("says that it waits, and how long, where it must not", function()
    local nexmo = client { max_wait = 0 }
    local err
    for _ = 1, CALLS + 1 do
      err = select(2, send(nexmo)) or err
    end
    assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
    assert.is_true(err.retry_after > 0)
  end)

  it("lets nothing through where its file cannot be made", function()
    local _, err = send(client { slots_path = folder .. "/none", retry = false })
    assert.same({ "internal", "not_sent" }, { err.kind, err.outcome })
    assert.matches("none", tostring(err))
    assert.equal(0, box:count())
  end)

  it("lets nothing through where no folder was named, and nothing can be written", function()
    local command = "mount -t tmpfs -o ro none /dev/shm && "
      .. lua_process.command(program, { URL = box.urls.nexmo, CALLS = "1" })
    local ended = child.shell("unshare -m sh -c " .. child.quoted(command))
    if ended.status ~= 0 then return pending "nothing can be mounted here" end
    assert.equal("0\n", ended.out)
    assert.equal(0, box:count())
  end)

  it("lets nothing through, and warns, where its file is damaged", function()
    local messages = {}
    local nexmo = client { max_wait = 0, retry = false,
      rate_limit = { calls = 3, period = PERIOD, share = "machine" },
      on_event = function(event)
        if event.name == "warning" then messages[#messages + 1] = event.message end
      end }
    local file = assert(io.open(("%s/nexmo%%3Aabcd1234-3-%g"):format(folder, PERIOD), "w"))
    file:write "not a slot file"
    file:close()
    local _, err = send(nexmo)
    assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
    assert.equal(1, #messages)
    assert.equal(0, box:count())
  end)

  -- Files of other versions and processes are found by these names.
  it("has a file named by its period, to the microsecond", function()
    local account, warnings = core.escape "nexmo:abcd1234", {}
    local function on_event(event)
      if event.name == "warning" then warnings[#warnings + 1] = event.message end
    end
    for period, name in pairs { [1] = "1", [0.4] = "0.4", [60] = "60", [86400] = "86400",
      [0.001] = "0.001", [1 / 3] = "0.333333", [0.1 + 0.2] = "0.3", [2.5] = "2.5",
      [60.00001] = "60.00001", [86399.999999] = "86399.999999" } do
      local limit = { calls = 3, period = period, share = "machine" }
      send(client { rate_limit = limit, max_wait = 0, on_event = on_event })
      local file = io.open(("%s/%s-3-%s"):format(folder, account, name))
      assert.is_truthy(file, name)
      file:close()
      table.remove(opened):close()
    end
    assert.same({}, warnings)
  end)

  it("holds whoever is killed", function()
    local count, seconds, calls, period = LONG and 64 or 8, LONG and 30 or 3, 100, 0.5
    local running = senders.start(count, { url = box.urls.nexmo, calls = calls, period = period,
      ends = core.now() + seconds, share = "machine", place = folder })
    while core.now() < running.given.ends do
      socket.sleep(0.1)
      running:kill_one()
    end
    running:wait()
    local arrivals = box:arrivals()
    local used = windows.used(arrivals, calls, period)
    print(("# %d processes, %d killed: %d calls at the provider, at most %d in %g s, %.1f %% used")
      :format(count, running.killed, #arrivals, windows.most(arrivals, period), period,
      used * 100))
    assert.is_true(windows.most(arrivals, period) <= calls)
    assert.is_true(used > 0.5, used)
  end)

  it("holds where one is stopped past its lease, which then waits for another slot", function()
    local limit, asked = { calls = 2, period = 0.2, share = "machine" }, 0
    local nexmo = client { rate_limit = limit, timeout = 0.1, retry = false,
      on_event = function(event)
        if event.name ~= "request" then return end
        asked = asked + 1
        if asked == 1 then -- between slot and first byte; the lease is 1.1 s
          os.execute "(sleep 1.6; kill -CONT $PPID) & kill -STOP $PPID"
        end
      end }
    local running = senders.start(2, { url = box.urls.nexmo, calls = 2, period = 0.2,
      ends = core.now() + 2.2, share = "machine", place = folder })
    process.wait("the others to send", 5, function() return box:count() > 0 end)
    assert(nexmo:send_sms { from = "Stopped", to = "447700900000", text = "Hi" })
    running:wait()
    local arrivals, own = box:arrivals(), 0
    for _, arrival in ipairs(arrivals) do
      own = own + (arrival.body:find("from=Stopped", 1, true) and 1 or 0)
    end
    assert.same({ 2, 1 }, { asked, own })
    assert.is_true(windows.most(arrivals, 0.2) <= 2)
    assert.is_true(#arrivals > 8, #arrivals) -- the slot that was claimed came back
  end)
end)
