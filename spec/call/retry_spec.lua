-- What is repeated and what never is, counted by what the provider saw.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local socket = require "socket"

-- what happens to every call, and how often a send and a read then arrive
local FAULTS = {
  { { kind = "status", status = 400 }, 1, 1 },
  { { kind = "status", status = 401 }, 1, 1 },
  { { kind = "status", status = 403 }, 1, 1 },
  { { kind = "status", status = 404 }, 1, 1 },
  { { kind = "status", status = 408 }, 1, 3 },
  { { kind = "status", status = 409 }, 1, 1 },
  { { kind = "status", status = 422 }, 1, 1 },
  { { kind = "throttle", retry_after = 0 }, 3, 3 },
  { { kind = "status", status = 500 }, 1, 3 },
  { { kind = "status", status = 500, processed = true }, 1, 3 },
  { { kind = "status", status = 502 }, 1, 3 },
  { { kind = "status", status = 503, headers = { ["Retry-After"] = "0" } }, 1, 3 },
  { { kind = "status", status = 504 }, 1, 3 },
  { { kind = "status", status = 302 }, 1, 3 },
  { { kind = "close" }, 1, 3 },
  { { kind = "reset" }, 1, 3 },
  { { kind = "lost_answer" }, 1, 3 },
  { { kind = "lost_answer", how = "reset" }, 1, 3 },
  { { kind = "lost_answer", how = "cut_head" }, 1, 3 },
  { { kind = "lost_answer", how = "cut_body" }, 1, 3 },
  { { kind = "garbage" }, 1, 3 },
  { { kind = "empty" }, 1, 3 },
  { { kind = "shape" }, 1, 3 },
  { { kind = "oversized", bytes = 5000000 }, 1, 3 },
}

local function describe_fault(fault)
  return table.concat({ fault.kind, fault.status or fault.how or fault.retry_after }, " ")
    .. (fault.processed and " (processed)" or "")
end

describe("A failed call", function()
  local box = sandbox.for_specs { workers = 2 }
  local client

  before_each(function()
    client = retarus.client(box)
  end)

  for _, case in ipairs(FAULTS) do
    local fault, sends, reads = case[1], case[2], case[3]
    it(("is sent %d times, read %d times: %s"):format(sends, reads, describe_fault(fault)),
      function()
        box:fault(fault)
        local result, err = client:send_job(retarus.job "+491760000001")
        assert.is_nil(result)
        assert.equal(sends == 3, err.retryable)
        assert.equal(sends, #box:arrivals "send_job")
        result, err = client:get_version()
        assert.is_nil(result)
        assert.equal(reads == 3, err.retryable)
        assert.equal(reads, #box:arrivals "get_version")
      end)
  end

  it("is not sent again where the answer was too late", function()
    local server = raw_server.start { { sleep = 30 } }
    finally(function() server:stop() end)
    local late = retarus.client_of(server.url, { timeout = 0.1 })
    local _, err = late:send_job(retarus.job "+491760000001")
    assert.same({ "timeout", "ambiguous", false }, { err.kind, err.outcome, err.retryable })
    assert.equal(1, #server:requests())
    late:get_version()
    assert.equal(4, #server:requests())
  end)

  it("succeeds when the provider takes it again, with the same bytes", function()
    box:fault { kind = "throttle", retry_after = 0, count = 2 }
    assert.is_string(assert(client:send_job(retarus.job "+491760000001")).jobId)
    local arrivals = box:arrivals "send_job"
    assert.equal(3, #arrivals)
    assert.same({ false, false, true },
      { arrivals[1].accepted, arrivals[2].accepted, arrivals[3].accepted })
    assert.equal(arrivals[1].body, arrivals[2].body)
    assert.equal(arrivals[1].body, arrivals[3].body)
    box:fault { kind = "close", count = 2 }
    assert(client:get_version())
  end)

  it("is repeated as often as the options say, those of the call first", function()
    box:fault { kind = "status", status = 500 }
    local function attempts(own, of_call)
      client = retarus.client(box, own)
      box:clear_arrivals()
      assert.is_nil(client:get_version({}, of_call))
      return box:count()
    end
    local function policy(n) return { retry = { attempts = n, base = 0 } } end
    assert.equal(1, attempts({ retry = false }))
    assert.equal(1, attempts(policy(1)))
    assert.equal(2, attempts(policy(2)))
    assert.equal(4, attempts(policy(2), policy(4)))
    assert.equal(1, attempts(policy(2), { retry = false }))
    assert.equal(3, attempts({ retry = false }, policy(3)))
  end)

  it("asks both data centres each time", function()
    box:fault { { kind = "status", status = 500, host = "de1", count = 1 },
      { kind = "status", status = 404, host = "de2", count = 2 } }
    box:settings { send_store = "de1" }
    local job = assert(client:send_job(retarus.job "+491760000001"))
    box:clear_arrivals()
    assert.equal(job.jobId, assert(client:get_job(job)).jobId)
    assert.equal("de2 de1 de2 de1", retarus.asked(box))
  end)

  it("is not repeated where the provider asks for more than 300 s or the deadline", function()
    for _, case in ipairs { { 301, 1000 }, { 200, 5 }, { 3, 2 } } do
      box:fault { kind = "throttle", retry_after = case[1], count = 1 }
      box:clear_arrivals()
      local began = socket.gettime()
      local result, err = client:send_job(retarus.job "+491760000001", { deadline = case[2] })
      assert.is_nil(result)
      assert.is_true(socket.gettime() - began < 1)
      assert.same({ "rate_limited", "not_sent", case[1], true },
        { err.kind, err.outcome, err.retry_after, err.retryable })
      assert.equal(1, box:count())
    end
  end)

  it("is repeated where no connection came about, and may be by the caller", function()
    local events = {}
    local nowhere = retarus.client_of("http://127.0.0.1:" .. raw_server.closed_port(),
      { on_event = function(event) events[#events + 1] = event.name end })
    local result, err = nowhere:send_job(retarus.job "+491760000001")
    assert.is_nil(result)
    assert.same({ kind = "connection", outcome = "not_sent", retryable = true },
      retarus.brief(err))
    assert.equal("request response retry request response retry request response",
      table.concat(events, " "))
  end)

  it("draws on one budget of ten for all clients with the same credentials", function()
    box:fault { kind = "status", status = 500 }
    local options = retarus.options { hosts = retarus.hosts(box) }
    local clients = { sms.retarus(options), sms.retarus(options) }
    for i = 1, 20 do clients[i % 2 + 1]:get_version() end
    local repeats = box:count() - 20
    assert.is_true(repeats >= 10 and repeats <= 12, repeats)
    box:clear_arrivals()
    retarus.client(box, { username = "someone-else" }):get_version()
    assert.equal(3, box:count())
  end)
end)
