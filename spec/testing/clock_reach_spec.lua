-- What box:clock reaches beside single calls: loops of send_all, a gateway, calls that wait side by
-- side, slots of the machine, tokens, and duplicates.

local sms = require "sms"
local socket = require "socket"
local testing = require "sms.testing"

local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }
local MINUTE = { calls = 5, period = 60 }

describe("box:clock", function()
  local box, clients = nil, {}

  setup(function() box = testing.start { application = true } end)
  teardown(function() box:stop() end)
  before_each(function() box:reset() end)

  after_each(function()
    for _, client in ipairs(clients) do client:close() end
    clients = {}
  end)

  local function client_of(name, more)
    clients[#clients + 1] = sms[name](box[name](more))
    return clients[#clients]
  end

  -- Fails where more than five arrivals lie within a minute of the box's clock, or where it took
  -- seconds of the machine's.
  local function is_kept(count, began)
    assert.is_true(socket.gettime() - began < 10)
    local arrivals = box:arrivals()
    assert.same(count, #arrivals)
    for i = 6, count do
      assert.is_true(arrivals[i].clock - arrivals[i - 5].clock >= 60e6)
    end
  end

  it("reaches loops of send_all", function()
    local began, sent, items = socket.gettime(), 0, {}
    local client = client_of("nexmo", { rate_limit = MINUTE })
    for i = 1, 23 do items[i] = TEXT end
    for item, result, err in client:send_all(items, { use = 1 }) do
      assert.is_truthy(item and result, tostring(err))
      sent = sent + 1
      box:clock(12.1)
    end
    assert.same(23, sent)
    is_kept(23, began)
  end)

  it("reaches calls that wait side by side", function()
    local began, bodies, ended = socket.gettime(), {}, 0
    local client = client_of("nexmo", { rate_limit = MINUTE, deadline = 1e6 })
    for i = 1, 12 do
      bodies[i] = function()
        local sent, err = client:send_sms(TEXT)
        ended = ended + 1
        return sent, err
      end
    end
    bodies[13] = function()
      while ended < 12 do box:clock(1) end
    end
    for i, result in ipairs(sms.all(bodies)) do
      assert.is_truthy(i == 13 or result[1], tostring(result[2]))
    end
    is_kept(12, began)
  end)

  it("reaches slots of the machine, which are the box's own", function()
    local began = socket.gettime()
    local limit = { calls = 5, period = 60, share = "machine" }
    local client = client_of("nexmo", { rate_limit = limit })
    for minute = 1, 3 do
      for _ = 1, 5 do assert(client:send_sms(TEXT, { max_wait = 0.2 })) end
      local _, err = client:send_sms(TEXT, { max_wait = 0.2 })
      assert.same("rate_limited", err.kind, minute)
      box:clock(60)
    end
    is_kept(15, began)
  end)

  it("reaches the deadline of a gateway", function()
    local slows = true
    local slow = client_of("nexmo", { retry = false, on_event = function(event)
      if slows and event.name == "response" then box:clock(200) end
    end })
    local gateway = sms.gateway { slow, client_of "retarus" }
    box:fault { operation = "send_sms", kind = "status", status = 401 }
    local _, err = gateway:send({ from = "Acme", to = "+447700900000", text = "Hi" },
      { deadline = 100 })
    assert.same(1, #err.attempts)
    box:clear_faults()
    slows = false
    assert(gateway:send { from = "Acme", to = "+447700900000", text = "Hi" })
  end)

  it("keeps limits where a call arrives while it moves", function()
    local client = client_of("nexmo", { rate_limit = { calls = 1, period = 60 }, max_wait = 0 })
    local ask = box.ask
    function box.ask(...)
      local answer = ask(...)
      box.ask = ask
      assert(client:send_sms(TEXT)) -- another task's, which the sandbox sees half a minute later
      return answer
    end
    box:clock(30)
    box:clock(31)
    local _, err = client:send_sms(TEXT)
    assert.same("rate_limited", err.kind)
    box:clock(30)
    assert(client:send_sms(TEXT))
    local arrivals = box:arrivals()
    assert.is_true(arrivals[2].clock - arrivals[1].clock >= 60e6)
  end)

  it("is that of tokens", function()
    box:clock(7200)
    assert(client_of("nexmo"):send_voice { to = "447700900000", text = "Hello" })
    box:clock(7200)
    assert(clients[#clients]:send_voice { to = "447700900000", text = "Hello" })
    assert.same("/v1/calls", box:arrivals()[1].path)
  end)

  it("lets duplicates be forgotten, and no repeat leave that would not be known as one", function()
    local job = { messages = { { text = "Hi", recipients = { "+447700900000" } } },
      options = { duplicateDetection = true } }
    local client = client_of("retarus", { on_event = function(event)
      if event.name == "retry" then box:clock(601) end
    end, deadline = 3600, retry = { trust_duplicate_detection = true } })
    assert(client:send_job(job))
    local _, err = client:send_job(job)
    assert.same("duplicate", err.kind)
    box:clock(601)
    box:fault { operation = "send_job", kind = "lost_answer", count = 1 }
    _, err = client:send_job(job)
    assert.same("ambiguous", err.outcome)
    assert.same(3, #box:arrivals "send_job")
  end)

  it("is what not_after of send_all goes by", function()
    local client = client_of "nexmo"
    local last, items, sent = os.time() + box:clock(0) + 1000, { TEXT, TEXT, TEXT, TEXT }, 0
    for _ in client:send_all(items, { not_after = last, in_flight = 1 }) do
      sent = sent + 1
      box:clock(600)
    end
    assert.is_true(sent < 4 and #box:arrivals() < 4)
  end)
end)
