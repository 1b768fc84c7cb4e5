-- box:clock: time passes for the sandbox and for the clients that were made for it, and for nobody
-- else.

local sms = require "sms"
local socket = require "socket"
local testing = require "sms.testing"

local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }
local JOB = { messages = { { text = "Hello", recipients = { { dst = "+447700900000" } } } } }

describe("box:clock", function()
  local box

  setup(function() box = testing.start {} end)
  teardown(function() box:stop() end)
  before_each(function() box:reset() end)

  -- Fails where a function takes longer by the machine's clock, which is loaded now and then.
  local function at_once(body, seconds)
    local began = socket.gettime()
    body()
    assert.is_true(socket.gettime() - began < (seconds or 5), "it took too long")
  end

  -- Fails where more than so many arrivals lie within so many seconds of the box's clock.
  local function keep(arrivals, calls, period)
    for i = calls + 1, #arrivals do
      local apart = (arrivals[i].clock - arrivals[i - calls].clock) / 1e6
      assert.is_true(apart >= period, ("%d calls in %f s"):format(calls + 1, apart))
    end
  end

  for name, case in pairs {
    nexmo = { make = sms.nexmo, call = function(client) return client:send_sms(TEXT) end },
    retarus = { make = sms.retarus, call = function(client) return client:send_job(JOB) end },
  } do
    it("lets a full limit of " .. name .. " go on, which is kept by that clock", function()
      local client = case.make(box[name] { rate_limit = { calls = 10, period = 60 } })
      for _ = 1, 2 do
        for _ = 1, 10 do assert(case.call(client)) end
        box:clock(60)
      end
      at_once(function() assert(case.call(client)) end, 1)
      local arrivals = box:arrivals()
      assert.same(21, #arrivals)
      keep(arrivals, 10, 60)
      client:close()
    end)
  end

  it("lets nothing go on that waits for more than that", function()
    local client = sms.nexmo(box.nexmo { rate_limit = { calls = 1, period = 600 }, max_wait = 0 })
    assert(client:send_sms(TEXT))
    box:clock(300)
    local _, err = client:send_sms(TEXT)
    assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
    assert.is_true(err.retry_after > 295 and err.retry_after < 301, err.retry_after)
    box:clock(err.retry_after)
    assert(client:send_sms(TEXT))
    client:close()
  end)

  it("keeps limits where time passes while slots are claimed, given back, waited for", function()
    local client = sms.nexmo(box.nexmo { rate_limit = { { calls = 7, period = 10 },
      { calls = 3, period = 1 } }, deadline = 1e6 })
    local bodies, ended = {}, 0
    for i = 1, 40 do
      bodies[i] = function()
        if i % 4 == 0 then box:clock(i / 10) end
        local sent, err = client:send_sms(TEXT)
        ended = ended + 1
        assert(sent, err)
      end
    end
    bodies[#bodies + 1] = function()
      while ended < 40 do box:clock(0.1) end
    end
    sms.all(bodies)
    local arrivals = box:arrivals()
    assert.same(40, #arrivals)
    keep(arrivals, 7, 10)
    keep(arrivals, 3, 1)
    client:close()
  end)

  it("ends waits of calls whose hook moves it", function()
    local told = {}
    local client = sms.nexmo(box.nexmo { rate_limit = { calls = 1, period = 60 },
      on_event = function(event)
        if event.name == "wait" then
          told[#told + 1] = event.seconds
          box:clock(event.seconds)
        end
      end })
    at_once(function()
      for _ = 1, 3 do assert(client:send_sms(TEXT)) end
    end)
    assert.same(2, #told)
    keep(box:arrivals(), 1, 60)
    client:close()
  end)

  it("ends pauses before retries likewise, whose deadline it brings nearer", function()
    local client = sms.nexmo(box.nexmo { retry = { attempts = 5 },
      on_event = function(event)
        if event.name == "retry" then box:clock(event.seconds) end
      end })
    box:fault { operation = "send_sms", kind = "throttle", http = true, retry_after = 30,
      count = 2 }
    at_once(function() assert(client:send_sms(TEXT)) end)
    local arrivals = box:arrivals "send_sms"
    assert.same(3, #arrivals)
    keep(arrivals, 1, 30)
    box:clear_faults()
    box:fault { operation = "send_sms", kind = "throttle", http = true, retry_after = 50 }
    at_once(function()
      local _, err = client:send_sms(TEXT)
      assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
    end)
    assert.same(3 + 3, #box:arrivals "send_sms") -- two pauses of 50 s fit into 120 s
    client:close()
  end)

  it("brings deadlines nearer", function()
    local client = sms.nexmo(box.nexmo { rate_limit = { calls = 1, period = 10 }, deadline = 30,
      on_event = function(event)
        if event.name == "wait" then box:clock(31) end
      end })
    assert(client:send_sms(TEXT))
    local _, err = client:send_sms(TEXT)
    assert.same({ "timeout", "not_sent" }, { err.kind, err.outcome })
    assert.matches("the deadline of 30 s", err.message, 1, true)
    client:close()
  end)

  it("moves no other client's clock, not even one's of another box, or of the same account",
    function()
      local second = testing.start {}
      local limits = { rate_limit = { calls = 1, period = 700 }, max_wait = 0 }
      local real = box.nexmo(limits)
      real.clock = nil -- as a client in life
      local clients = { sms.nexmo(real), sms.nexmo(second.nexmo(limits)),
        sms.nexmo(box.nexmo(limits)) }
      for _, client in ipairs(clients) do assert(client:send_sms(TEXT)) end
      box:clock(701)
      for i = 1, 2 do
        local _, err = clients[i]:send_sms(TEXT)
        assert.same("rate_limited", err.kind)
        assert.is_true(err.retry_after > 690)
      end
      assert(clients[3]:send_sms(TEXT))
      for _, client in ipairs(clients) do client:close() end
      second:stop()
    end)

  it("cannot be given but as a box has it", function()
    for _, wrong in ipairs { 60, {}, { ahead = 60 } } do
      assert.error_matches(function() sms.nexmo { clock = wrong } end,
        "clock: must be that of a sandbox")
    end
  end)

  it("lets the pauses of follow pass, and jobs go on", function()
    box:settings { job_open = 100, job_running = 100 }
    local client = sms.retarus(box.retarus)
    local job = assert(client:send_job(JOB))
    local states = {}
    at_once(function()
      for recipient, err in client:follow(job, { interval = { first = 500, longest = 500 } }) do
        assert.is_nil(err)
        states[#states + 1] = recipient.final
        box:clock(500)
      end
    end)
    assert.same({ false, true }, { states[1], states[#states] })
    client:close()
  end)

  it("is that of signatures and webhooks, on both sides", function()
    box:clock(7200)
    local client = sms.nexmo(box.nexmo { auth = "signature" })
    assert(client:send_sms(TEXT))
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    box:inbound { text = "Stop", url = ("http://127.0.0.1:%d/inbound"):format(port) }
    server:settimeout(5)
    local from = assert(server:accept())
    local head, length = {}, 0
    for line in function() return assert(from:receive "*l") end do
      if line == "" then break end
      local name, value = line:match "^([^:]+): *(.*)$"
      head[name or 1] = value or line
      length = name and name:lower() == "content-length" and tonumber(value) or length
    end
    local body = from:receive(length)
    from:send "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    from:close()
    server:close()
    local read = assert(client:read_webhook { method = "POST", headers = head, body = body })
    assert.same({ "inbound_sms", true, "Stop" }, { read.kind, read.signed, read.fields.text })
    client:close()
  end)

  it("lets webhooks be due", function()
    box:settings { webhook_delay = 3600 }
    box:inbound { url = "http://127.0.0.1:1/" }
    box:inbound { url = "http://127.0.0.1:1/", delay = 7200 }
    assert.same({}, box:callbacks())
    box:clock(3600)
    local ends = socket.gettime() + 5
    repeat socket.sleep(0.01) until box:callbacks()[1] or socket.gettime() > ends
    assert.same(1, #box:callbacks())
  end)

  it("goes on, and never back", function()
    local before = box:clock(0)
    assert.same(before + 5, box:clock(5))
    for _, wrong in ipairs { -1, 0 / 0, 1e300, "5", {} } do
      local ok, message = pcall(box.clock, box, wrong)
      assert.is_false(ok)
      assert.matches("time goes on and never back", message, 1, true)
    end
    assert.error_matches(function() box:settings { clock_offset = 0 } end, "box:clock moves")
    box:reset()
    assert.same(before + 5, box:clock(0))
  end)
end)
