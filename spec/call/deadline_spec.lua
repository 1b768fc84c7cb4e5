-- No call outlasts its deadline, whatever stalls, and the error says what was over and where.
-- The time that a name look-up takes is covered in spec/c. SMS_TEST_LONG=1 ends more calls.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sms = require "sms"
local socket = require "socket"
local stopwatch = require "spec.support.runs.stopwatch"

local GRACE = 0.25
local SHORT, AMPLE = 0.4, 20 -- a large job is written within the first, sanitized and all
local HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n"

local function listen(backlog)
  local listener = assert(socket.bind("127.0.0.1", 0, backlog))
  return listener, "127.0.0.1:" .. select(2, listener:getsockname())
end

--- Somebody who listens and takes no more connections.
local function full_backlog()
  local listener, address = listen(1)
  local port, kept = tonumber(address:match "%d+$"), { listener }
  for i = 2, 10 do
    kept[i] = socket.tcp()
    kept[i]:settimeout(0.02)
    kept[i]:connect("127.0.0.1", port)
  end
  return address, kept
end

local function close_all(sockets)
  for _, one in ipairs(sockets) do one:close() end
end

--- A job that no socket's buffers hold.
local function large_job()
  local job = retarus.job "+491760000001"
  job.messages[1].text = ("x"):rep(4 * 1024 * 1024)
  return job
end

-- What stalls: { name, where from, words of the phase, outcome of a job, job }
local PHASES = {
  { "connecting", function()
    local address, kept = full_backlog()
    return "http://" .. address, function() close_all(kept) end
  end, "connecting", "not_sent" },
  { "the TLS handshake", function()
    local listener, address = listen(64)
    return "https://" .. address, function() listener:close() end
  end, "agreeing on TLS", "not_sent" },
  { "sending the request", function()
    local listener, address = listen(64)
    listener:setoption("recv-buffer-size", 4096)
    return "http://" .. address, function() listener:close() end
  end, "sending the request", "ambiguous", large_job },
  { "the first byte", function()
    local listener, address = listen(64)
    return "http://" .. address, function() listener:close() end
  end, "waiting for the answer", "ambiguous" },
  { "the body", function()
    local server = raw_server.start { HEAD, { drip = (" "):rep(9000), every = 0.02 } }
    return server.url, function() server:stop() end
  end, "reading the answer", "ambiguous" },
}

-- Times of a client, and the one that is over: before the request, and after.
local TIMES = {
  { { deadline = SHORT }, "deadline", "deadline" },
  { { timeout = SHORT }, "timeout", "timeout" },
  { { timeout = SHORT, connect_timeout = 2 * SHORT }, "timeout", "timeout" },
  { { timeout = 1.5 * SHORT, connect_timeout = SHORT }, "connect_timeout", "timeout" },
  { { deadline = SHORT, timeout = AMPLE, connect_timeout = AMPLE }, "deadline", "deadline" },
}

local function timed(call, ...)
  local stop = stopwatch.start()
  local result, err = call(...)
  local seconds, own = stop()
  return seconds, own, err, result
end

local function longest_of(times)
  return math.min(times.deadline or AMPLE, times.timeout or AMPLE, AMPLE)
end

describe("A stall in", function()
  for _, case in ipairs(PHASES) do
    local name, start, words, outcome, make = case[1], case[2], case[3], case[4], case[5]
    local connects = outcome == "not_sent"

    local function check(times, bound, job, url)
      local attempt -- what a time-out counts from: a large job takes a while to write
      local given = { retry = false, insecure = true, on_event = function(event)
        if event.name == "request" then attempt = stopwatch.start() end
      end }
      for key, value in pairs(times) do given[key] = value end
      local client = retarus.client_of(url, given)
      local seconds, own, err = timed(client.send_job, client, job)
      if bound ~= "deadline" then seconds, own = attempt() end
      local limit = connects and times.connect_timeout or longest_of(times)
      limit = math.min(limit, longest_of(times))
      assert.is_true(seconds >= limit * 0.9 and own <= limit + GRACE, own)
      assert.same({ "timeout", outcome }, { err.kind, err.outcome })
      assert.equal(("the %s of %g s is over, while %s"):format(bound, times[bound], words),
        err.message)
      client:close()
    end

    it(name .. " ends when the first of the times is over", function()
      local url, stop = start()
      finally(stop)
      local job = make and make() or retarus.job "+491760000001"
      local calls = {}
      for i, line in ipairs(TIMES) do
        calls[i] = function() check(line[1], connects and line[2] or line[3], job, url) end
      end
      if make then -- so much work that the calls would hold each other up
        for _, call in ipairs(calls) do call() end
      else
        sms.all(calls)
        calls[1]()
      end
    end)
  end
end)

describe("A deadline", function()
  local silent, url

  setup(function()
    local address
    silent, address = listen(2048)
    url = "http://" .. address
  end)
  teardown(function() silent:close() end)

  local function ends(client, operation, params, options, limit)
    local seconds, own, err, result = timed(client[operation], client, params, options)
    assert.is_true(own <= limit + GRACE, own)
    return err, seconds, result
  end

  it("bounds all attempts and pauses together", function()
    local events = 0
    local client = retarus.client_of(url, { timeout = 0.15,
      retry = { attempts = 50, base = 0.01, cap = 0.01 },
      on_event = function(event) events = events + (event.name == "request" and 1 or 0) end })
    local err, seconds = ends(client, "get_version", nil, { deadline = 0.5 }, 0.5)
    assert.same({ "timeout", "ambiguous" }, { err.kind, err.outcome })
    assert.is_true(seconds > 0.4 and events >= 3, events)
  end)

  it("is not waited for where a pause would outlast it", function()
    local server = raw_server.start(raw_server.http(503, "{}", "Retry-After: 1\r\n"))
    finally(function() server:stop() end)
    local client = retarus.client_of(server.url)
    local err = ends(client, "get_version", nil, { deadline = 0.9 }, 0)
    assert.same({ "server", 503, 1 }, { err.kind, err.status, err.retry_after })
  end)

  it("bounds the wait for a slot that a stalled call holds", function()
    local client = retarus.client_of(url, { rate_limit = { calls = 1, period = 0.1 },
      retry = false })
    local first, second
    sms.all {
      function() first = ends(client, "get_version", nil, { deadline = 0.6 }, 0.6) end,
      function() second = ends(client, "get_version", nil, { deadline = 0.3 }, 0.3) end,
    }
    assert.same({ "timeout", "ambiguous" }, { first.kind, first.outcome })
    assert.same({ "rate_limited", "not_sent" }, { second.kind, second.outcome })
    assert.matches("longer than the deadline allows$", second.message)
  end)

  it("bounds waits for slots and attempts together", function()
    local client = retarus.client_of(url, { rate_limit = { calls = 1, period = 0.1 },
      timeout = 0.1, retry = { attempts = 50, base = 0 } })
    local err = ends(client, "get_version", nil, { deadline = 0.7 }, 0.7)
    assert.equal("ambiguous", err.outcome)
  end)

  it("bounds both data centres together", function()
    local client = retarus.client_of(nil, { hosts = { de2 = url, de1 = url .. "/other" } })
    for _, operation in ipairs { "get_job", "list_recipients", "list_jobs" } do
      local params = operation ~= "list_jobs" and { jobId = "J" } or nil
      local err = ends(client, operation, params, { deadline = 0.3, timeout = 0.2 }, 0.3)
      assert.same({ "timeout", "ambiguous" }, { err.kind, err.outcome })
    end
  end)

  it("bounds the search for a job's id as well", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    server:replies { { { close = true } }, raw_server.http(409, "{}"), { { sleep = 9 } } }
    local client = retarus.client_of(server.url)
    local job = retarus.job "+491760000001"
    job.options = { duplicateDetection = true, customerRef = "run" }
    local err, _, result = ends(client, "send_job", job,
      { deadline = 0.4, retry = { trust_duplicate_detection = true, base = 0 } }, 0.4)
    assert.is_nil(err)
    assert.matches("could not be listed: timeout", result.jobIdUnknown)
  end)

  it("bounds the reading before an update, which then has not begun", function()
    local nexmo = sms.nexmo { api_key = "deadline", api_secret = "x", base_url = url,
      rate_limit = false }
    local err = ends(nexmo, "update_application", { application_id = "a", name = "A",
      type = "voice", answer_url = "https://example.com/a", event_url = "https://example.com/e" },
      { deadline = 0.3 }, 0.3)
    assert.same({ "timeout", "not_sent" }, { err.kind, err.outcome })
  end)

  it("is kept by many calls at once", function()
    local count = os.getenv "SMS_TEST_LONG" and 500 or 60
    local calls, late = {}, {}
    for i = 1, count do
      calls[i] = function()
        local deadline = 0.1 + i % 50 / 100
        local client = retarus.client_of(url, { max_connections = 1000 })
        local seconds, own, err = timed(client.send_job, client, retarus.job "+491760000001",
          { deadline = deadline })
        assert.equal("timeout", err.kind)
        assert.is_true(seconds > deadline - 0.002, seconds)
        late[i] = (own - deadline) * 1000
      end
    end
    sms.all(calls)
    table.sort(late)
    assert.is_true(late[count] < GRACE * 1000, late[count])
    print(("# a deadline ends late by: half %.1f ms, 99 %% %.1f ms, all %.1f ms (of %d)"):format(
      late[math.ceil(count / 2)], late[math.ceil(count * 0.99)], late[count], count))
  end)
end)
