-- share = "machine": several processes keep one limit, by what the provider saw.

local lua_process = require "spec.support.lua_process"
local sandbox = require "spec.support.sandbox"
local sms = require "sms"

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

local function most_in_a_window(arrivals)
  local most, first = 0, 1
  for last = 1, #arrivals do
    while arrivals[last].time - arrivals[first].time >= PERIOD * 1e6 do first = first + 1 end
    most = math.max(most, last - first + 1)
  end
  return most
end

describe("A limit of the machine", function()
  local box, folder, program

  setup(function()
    box = sandbox.start { workers = 2 }
    folder, program = os.tmpname(), os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
    local file = assert(io.open(program, "w"))
    file:write(PROGRAM)
    file:close()
  end)

  teardown(function()
    box:stop()
    os.remove(program)
    os.execute("rm -r " .. folder)
  end)

  before_each(function() box:reset() end)

  local function client(more)
    local given = { api_key = "abcd1234", api_secret = "Secret0123456789",
      base_url = box.urls.nexmo,
      slots_path = folder, rate_limit = { calls = CALLS, period = PERIOD, share = "machine" } }
    for name, value in pairs(more or {}) do given[name] = value end
    return sms.nexmo(given)
  end

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
    assert.is_true(most_in_a_window(box:arrivals()) <= CALLS)
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
end)
