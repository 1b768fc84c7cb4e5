-- A provider that is down sees little more than what it is asked: the budget of repeats.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local CALLS, IN_FLIGHT = 1000, 32
local MOST = CALLS * 1.1 + 10

-- How it is down.
local FAULTS = {
  { kind = "close" }, { kind = "status", status = 503 }, { kind = "garbage" },
  { kind = "throttle", retry_after = 0 },
}

describe("A provider that is down for 1,000 calls", function()
  local box = sandbox.for_specs { workers = 2 }

  --- Makes the calls, some at a time; how many failed.
  local function failures_of(call)
    local workers, made, failed = {}, 0, 0
    for i = 1, IN_FLIGHT do
      workers[i] = function()
        while made < CALLS do
          made = made + 1
          local result, err = call(made)
          failed = failed + (result == nil and err and 1 or 0)
        end
      end
    end
    sms.all(workers)
    return failed
  end

  local function assert_little_more(count, how)
    print(("# %d calls, %s: %d requests"):format(CALLS, how, count))
    assert.is_true(count > CALLS * 1.09 and count <= MOST, count)
  end

  for _, fault in ipairs(FAULTS) do
    it(("sees 1.1 times as many, and 10: %s %s"):format(fault.kind, fault.status or ""), function()
      local client = retarus.client(box, { base_url = box.urls.retarus })
      box:fault(fault)
      assert.equal(CALLS, failures_of(function() return client:get_version() end))
      assert_little_more(box:count(), fault.kind)
    end)
  end

  it("sees no more from many clients with the same credentials", function()
    local clients = {}
    local first = retarus.options { base_url = box.urls.retarus }
    for i = 1, 5 do clients[i] = sms.retarus(first) end
    box:fault { kind = "status", status = 500 }
    assert.equal(CALLS, failures_of(function(i) return clients[i % 5 + 1]:get_version() end))
    assert_little_more(box:count(), "from many clients")
  end)

  it("sees no more where throttled texts could be sent again", function()
    local client = wire.nexmo(box, { retry = { base = 0 } })
    box:fault { kind = "throttle", text = "wait", wait = 1 }
    assert.equal(CALLS, failures_of(function()
      return client:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
    end))
    assert_little_more(box:count(), "throttled texts")
  end)

  it("sees no more where two data centres are read, each for itself", function()
    local client = retarus.client(box)
    box:fault { kind = "status", status = 500 }
    failures_of(function() return client:get_job { jobId = "J" } end)
    local seen = { retarus_de2 = 0, retarus_de1 = 0 }
    for _, arrival in ipairs(box:arrivals()) do
      seen[arrival.host] = seen[arrival.host] + 1
    end
    for _, count in pairs(seen) do assert.is_true(count <= MOST, count) end
  end)

  it("is not even connected to more often", function()
    local attempts = 0
    local client = retarus.client_of("http://127.0.0.1:" .. raw_server.closed_port(),
      { on_event = function(event) attempts = attempts + (event.name == "request" and 1 or 0) end })
    failures_of(function() return client:send_job(retarus.job "+491760000001") end)
    assert_little_more(attempts, "not even connected")
  end)

  it("is served again as soon as it is up", function()
    local client = retarus.client(box, { base_url = box.urls.retarus })
    box:fault { kind = "status", status = 500, count = 500 }
    local failed = failures_of(function() return client:get_version() end)
    assert.is_true(failed >= 430 and failed <= 500, failed)
  end)
end)
