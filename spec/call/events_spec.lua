-- What `on_event` is told, what it is never told, and that it cannot disturb a call.

local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"

local SECRETS = { "s3cr3t", "Very private words", "491760000001", "0000001", "my-reference" }

-- A value and all that is in it, as one text; seconds without the many digits in which a search
-- finds anything.
local function everything_in(value)
  if type(value) == "number" and value % 1 ~= 0 then return ("%.6g"):format(value) end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for key, part in pairs(value) do
    parts[#parts + 1] = tostring(key) .. "=" .. everything_in(part)
  end
  return table.concat(parts, "\n")
end

describe("on_event", function()
  local box = sandbox.for_specs()
  local events

  before_each(function()
    events = {}
  end)

  local function client_with(more)
    local options = { on_event = function(event) events[#events + 1] = event end }
    for name, value in pairs(more or {}) do options[name] = value end
    return retarus.client(box, options)
  end

  local function names()
    local list = {}
    for i, event in ipairs(events) do list[i] = event.name end
    return table.concat(list, " ")
  end

  it("is told of each request and its response", function()
    assert(client_with():send_job(retarus.job "+491760000001"))
    assert.equal("request response", names())
    local server = events[1].server
    assert.matches("^http://127.0.0.1:%d+$", server)
    assert.same({ name = "request", provider = "retarus", operation = "send_job", attempt = 1,
      method = "POST", server = server }, events[1])
    assert.is_true(events[2].seconds >= 0 and events[2].seconds < 5)
    events[2].seconds = nil
    assert.same({ name = "response", provider = "retarus", operation = "send_job", attempt = 1,
      status = 201, method = "POST", server = server }, events[2])
  end)

  it("is told of both data centres", function()
    client_with():get_job { jobId = "J" }
    assert.equal("request response request response", names())
    assert.same({ 404, "Job not found", 1 },
      { events[2].status, events[2].message, events[4].attempt })
  end)

  it("is told of repeats, with the pause before each and why", function()
    box:fault { kind = "status", status = 503, body = '{"message":"busy"}', count = 2 }
    assert(client_with { retry = { base = 0.001 } }:get_version())
    assert.equal("request response retry request response retry request response", names())
    assert.same({ 1, 1, 1, 2, 2, 2, 3, 3 }, { events[1].attempt, events[2].attempt,
      events[3].attempt, events[4].attempt, events[5].attempt, events[6].attempt,
      events[7].attempt, events[8].attempt })
    assert.same({ "busy", "get_version", "retarus" },
      { events[3].message, events[3].operation, events[3].provider })
    assert.is_true(events[3].seconds >= 0 and events[3].seconds <= 0.001)
    assert.same({ 503, 503, 200 }, { events[2].status, events[5].status, events[8].status })
  end)

  it("is told of a lost answer, which has no status", function()
    box:fault { kind = "close" }
    client_with { retry = false }:send_job(retarus.job "+491760000001")
    assert.equal("request response", names())
    assert.is_nil(events[2].status)
    assert.is_string(events[2].message)
  end)

  it("is told of a wait for the rate limit", function()
    local client = client_with { rate_limit = { calls = 1, period = 1 } }
    assert(client:get_version())
    assert(client:get_version())
    assert.equal("request response wait request response", names())
    assert.is_true(events[3].seconds > 0 and events[3].seconds <= 1.01)
    assert.same({ "get_version", 1 }, { events[3].operation, events[3].attempt })
  end)

  it("is told of references longer than advised, once a call", function()
    local job = retarus.job({ dst = "+491760000001", customerRef = ("x"):rep(65) },
      { dst = "+491760000001", customerRef = ("x"):rep(64) })
    job.options = { customerRef = ("ä"):rep(65) }
    assert(client_with():send_job(job))
    assert.equal("warning warning request response", names())
    assert.same({ "options.customerRef has more than the advised 64 characters",
      "messages[1].recipients[1].customerRef has more than the advised 64 characters" },
      { events[1].message, events[2].message })
    assert.same({ "retarus", "send_job" }, { events[1].provider, events[1].operation })
  end)

  it("is told of nothing where nothing is sent", function()
    client_with():send_job {}
    assert.equal("", names())
  end)

  it("is never told secrets, texts, numbers or references", function()
    local job = { messages = { { text = "Very private words", recipients = {
      { dst = "+491760000001", customerRef = "my-reference" } } } },
      options = { customerRef = "my-reference" } }
    box:settings { retarus_password = "s3cr3t-s3cr3t" }
    local client = client_with { password = "s3cr3t-s3cr3t" }
    local all = {}
    for _, body in ipairs { "Very private words to +491760000001 by s3cr3t-s3cr3t",
      '{"message":"no Very private words for 00491760000001 (s3cr3t-s3cr3t)","code":1}' } do
      box:fault { kind = "status", status = 500, body = body, count = 1 }
      local _, err = client:send_job(job)
      all[#all + 1] = tostring(err)
      all[#all + 1] = err.message
    end
    box:fault { kind = "throttle", retry_after = 0 }
    client:send_job(job)
    all[#all + 1] = everything_in(events)
    assert.is_true(#events > 10)
    for _, secret in ipairs(SECRETS) do
      assert.is_nil(table.concat(all, "\n"):find(secret, 1, true), secret)
    end
  end)

  it("may raise or yield without disturbing the call", function()
    for _, hook in ipairs {
      function() error "from the hook" end,
      function() error({}) end,
      function() coroutine.yield("from the hook") end,
      function(event) event.name, event.provider = nil, nil end,
    } do
      local client = client_with { on_event = hook }
      assert(client:send_job(retarus.job "+491760000001"))
      local results = sms.all {
        function() return client:get_version() end,
        function() return client:get_version() end,
      }
      assert.equal("OK", results[1][1].message)
      assert.equal("OK", results[2][1].message)
      local generator = coroutine.wrap(function()
        coroutine.yield(assert(client:get_version()).message)
      end)
      assert.equal("OK", generator())
    end
    assert.equal(16, box:count())
  end)

  it("may call the client itself", function()
    local client, inner
    client = client_with { on_event = function(event)
      if event.operation == "send_job" and event.name == "response" then
        inner = client:get_version().message
      end
    end }
    assert(client:send_job(retarus.job "+491760000001"))
    assert.equal("OK", inner)
  end)

  it("is told of TLS that is not verified", function()
    local server = raw_server.start()
    finally(function() server:stop() end)
    retarus.client_of(server.url, { insecure = true,
      on_event = function(event) events[#events + 1] = event end })
    assert.equal("warning", names())
    assert.same({ "retarus", "insecure: TLS certificates are not verified" },
      { events[1].provider, events[1].message })
  end)
end)
