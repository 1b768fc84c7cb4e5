-- One message, several providers: who is asked, what comes back, and when nobody else is asked.

local loop = require "sms.runtime.loop"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local HELLO = { from = "Acme", to = "+44 7700 900-000", text = "Hello", ref = "r-1" }

describe("A gateway", function()
  local box = sandbox.for_specs()
  local nexmo, second

  before_each(function()
    nexmo, second = wire.nexmo(box), retarus.client(box, { retry = false })
  end)

  local function counts()
    return { #box:arrivals "send_sms", #box:arrivals "send_job" }
  end

  it("asks the first, and gives one shape", function()
    local sent = assert(sms.gateway { nexmo, second }:send(HELLO))
    assert.equal(sent.result.messages[1]["message-id"], sent.id)
    assert.same({ provider = "nexmo", client = nexmo, id = sent.id, ids = { sent.id }, parts = 1,
      ref = "r-1", result = sent.result, attempts = {} }, sent)
    assert.same({ 1, 0 }, counts())
    local arrival = box:arrivals()[1]
    assert.same({ "447700900000", "r-1" }, { arrival.to, arrival.ref })

    sent = assert(sms.gateway { second, nexmo }:send(HELLO))
    assert.same({ provider = "retarus", client = second, id = sent.result.jobId,
      ids = { sent.id }, parts = 1, ref = "r-1", result = sent.result, attempts = {} }, sent)
    assert.same({ 1, 1 }, counts())
    arrival = box:arrivals()[2]
    assert.same({ "+447700900000", "r-1" }, { arrival.to, arrival.ref })
  end)

  it("writes numbers as each wants them, the sender's too", function()
    for from, expected in pairs { ["+44 7700 900-001"] = { "447700900001", "+447700900001" },
      ["0044 7700 900 001"] = { "447700900001", "+447700900001" },
      ["447700900001"] = { "447700900001", "447700900001" }, ["12345"] = { "12345", "12345" },
      ["Acme"] = { "Acme", "Acme" } } do
      for _, to in ipairs { "00 44 7700 900000", "+447700900000", "447700900000" } do
        box:clear_arrivals()
        assert(sms.gateway { nexmo }:send { from = from, to = to, text = "Hello" })
        assert(sms.gateway { second }:send { from = from, to = to, text = "Hello" })
        local sms_arrival, job = box:arrivals()[1], box:arrivals()[2]
        assert.same({ "447700900000", "+447700900000" }, { sms_arrival.to, job.to })
        assert.matches("from=" .. expected[1] .. "%f[&%z]", sms_arrival.body)
        assert.is_truthy(job.body:find(('"src":"%s"'):format(expected[2]), 1, true), job.body)
      end
    end
  end)

  it("sends long texts and all characters whole through each", function()
    for _, text in ipairs { ("Füße [5 €] "):rep(30), ("Привет "):rep(30) } do
      local measured = sms.measure(text)
      local by_nexmo = assert(sms.gateway { nexmo }:send { from = "Acme", to = "447700900000",
        text = text })
      assert.same({ measured.parts, measured.parts }, { by_nexmo.parts, #by_nexmo.ids })
      assert.is_nil(by_nexmo.ref)
      local by_retarus = assert(sms.gateway { second }:send { from = "Acme", to = "447700900000",
        text = text })
      assert.same({ measured.parts, 1 }, { by_retarus.parts, #by_retarus.ids })
      local arrivals = box:arrivals()
      assert.equal(measured.parts, arrivals[#arrivals - 1].parts)
      assert.is_nil(arrivals[#arrivals - 1].replaced)
      local body = arrivals[#arrivals].body
      assert.is_truthy(body:find(('"maxParts":%d'):format(measured.parts), 1, true), body)
      assert.equal(measured.encoding == "UCS-2", body:find('"encoding":"UTF-16"', 1, true) ~= nil)
    end
  end)

  it("checks a message before anybody is asked", function()
    local gateway = sms.gateway { nexmo, second }
    for path, message in pairs {
      from = { to = "447700900000", text = "Hello" },
      to = { from = "Acme", to = "0770", text = "Hello" },
      text = { from = "Acme", to = "447700900000", text = "\255" },
      ref = { from = "Acme", to = "447700900000", text = "Hello", ref = ("x"):rep(71) },
      txt = { from = "Acme", to = "447700900000", text = "Hello", txt = "Hello" },
    } do
      local sent, err = gateway:send(message)
      assert.is_nil(sent)
      assert.same({ "invalid", "not_sent", path, {} },
        { err.kind, err.outcome, err.problems[1].path, err.attempts })
    end
    local _, err = gateway:send { from = "Acme", to = 447700900000, text = "" }
    assert.equal(2, #err.problems)
    assert.matches("write it in quotes", tostring(err))
    _, err = gateway:send()
    assert.equal(3, #err.problems)
    assert.equal(0, box:count())
  end)

  it("asks whom a rule names", function()
    local seen
    local gateway = sms.gateway { nexmo, second, order = function(message)
      seen = message
      if message.to:find "^49" then return { second } end
      if message.to:find "^1" then return {} end
    end }
    assert.equal("retarus", assert(gateway:send { from = "Acme", to = "+4917600000000",
      text = "Hello" }).provider)
    assert.equal("nexmo", assert(gateway:send(HELLO)).provider)
    assert.same({ from = "Acme", to = "447700900000", text = "Hello", ref = "r-1" }, seen)
    local _, err = gateway:send { from = "Acme", to = "12025550100", text = "Hello" }
    assert.equal("gateway send: order: names no provider for this message [invalid, not_sent]",
      tostring(err))
  end)

  it("sends further parameters of each provider", function()
    local gateway = sms.gateway { nexmo, second, retarus = { statusRequested = true },
      nexmo = { callback = "https://example.com/r", from = "447700900001" } }
    assert(gateway:send(HELLO))
    assert.is_truthy(box:arrivals()[1].body:find("from=447700900001", 1, true))
    assert.is_truthy(box:arrivals()[1].body:find("callback=https", 1, true))
    box:fault { operation = "send_sms", kind = "nexmo_status", code = 9 }
    assert(gateway:send(HELLO))
    local job = box:arrivals "send_job"[1].body
    assert.is_truthy(job:find('"statusRequested":true', 1, true), job)
    assert.is_truthy(job:find('"src":"Acme"', 1, true), job)
  end)

  it("leaves limits and retries to the clients", function()
    local limited = wire.nexmo(box, { api_key = "limited1", max_wait = 0,
      rate_limit = { calls = 1, period = 60 } })
    box:settings { nexmo_key = "limited1" }
    local gateway = sms.gateway { limited, second }
    assert.equal("nexmo", assert(gateway:send(HELLO)).provider)
    local sent = assert(gateway:send(HELLO))
    assert.same({ "retarus", "rate_limited" }, { sent.provider, sent.attempts[1].kind })
    assert.same({ 1, 1 }, counts())
    box:fault { operation = "send_job", kind = "throttle", count = 2, retry_after = 0 }
    local patient = retarus.client(box)
    assert.equal("retarus", assert(sms.gateway { patient, nexmo }:send(HELLO)).provider)
    assert.equal(4, #box:arrivals "send_job")
  end)

  it("works side by side", function()
    local gateway, calls = sms.gateway { nexmo, second }, {}
    box:fault { operation = "send_sms", kind = "nexmo_status", code = 9, count = 10 }
    for i = 1, 20 do
      calls[i] = function()
        return gateway:send { from = "Acme", to = "447700900000", text = "Hello", ref = "n" .. i }
      end
    end
    for i, answer in ipairs(sms.all(calls)) do
      assert.equal("n" .. i, answer[1].ref)
    end
    assert.same({ 20, 10 }, counts())
  end)

  it("works in an event loop", function()
    local ok, cqueues = pcall(require, "cqueues")
    if not ok then return pending "cqueues is not there for this Lua" end
    local runtime = loop.cqueues()
    local gateway = sms.gateway { wire.nexmo(box, { runtime = runtime }),
      retarus.client(box, { runtime = runtime }) }
    box:fault { operation = "send_sms", kind = "nexmo_status", code = 9 }
    local queue, sent = cqueues.new(), nil
    queue:wrap(function() sent = gateway:send(HELLO) end)
    assert(queue:loop())
    assert.equal("retarus", sent.provider)
  end)

  it("is made of what it knows", function()
    local closed = wire.nexmo(box)
    closed:close()
    for message, given in pairs {
      ["sms.gateway: a list of clients was expected"] = {},
      ["sms.gateway: entry 2 is no client of sms.nexmo or sms.retarus"] = { nexmo, sms.nexmo },
      ["sms.gateway: 'oder' is not known; did you mean 'order'?"] = { nexmo, oder = print },
      ["sms.gateway: 'retarus' is not known"] = { nexmo, retarus = {} },
      ["sms.gateway: order: a function was expected"] = { nexmo, order = { nexmo } },
      ["sms.gateway: deadline: a number of seconds was expected"] = { nexmo, deadline = 0 },
      ["sms.gateway: nexmo: a table of parameters was expected"] = { nexmo, nexmo = true },
      ["sms.gateway: nexmo.to: is chosen by the message"] = { nexmo, nexmo = { to = "1" } },
      ["sms.gateway: nexmo.type: is chosen by the message"] =
        { nexmo, nexmo = { type = "unicode" } },
      ["sms.gateway: retarus.encoding: is chosen by the message"] =
        { second, retarus = { encoding = "UTF-16" } }, -- whose parts would be cut
      ["sms.gateway: nexmo: calback: is not known; did you mean 'callback'?"] =
        { nexmo, nexmo = { calback = "https://example.com" } },
      ["sms.gateway: retarus: options.qos: must be one of: EXPRESS, NORMAL"] =
        { second, retarus = { qos = "FAST" } },
    } do
      local ok, raised = pcall(function() sms.gateway(given) end)
      assert.is_false(ok)
      assert.matches("gateway_spec.lua:%d+: ", raised)
      assert.equal(message, (raised:gsub("^.-:%d+: ", "")))
    end
    for message, call in pairs {
      ["'extra' is not known"] = function() sms.gateway { nexmo }:send(HELLO, { extra = {} }) end,
      ["deadline: must be 0.001 or more"] =
        function() sms.gateway { nexmo }:send(HELLO, { deadline = -1 }) end,
      ["options: must be a table"] = function() sms.gateway { nexmo }:send(HELLO, 5) end,
      ["a client of this gateway is closed"] = function() sms.gateway { closed }:send(HELLO) end,
      ["order: must give a list of clients of this gateway, or nil"] = function()
        sms.gateway { nexmo, order = function() return { second } end }:send(HELLO)
      end,
    } do
      local ok, raised = pcall(call)
      assert.is_false(ok)
      assert.matches("gateway_spec.lua:%d+: ", raised)
      assert.equal(message, (raised:gsub("^.-:%d+: ", "")))
    end
    assert.equal(0, box:count())
  end)
end)
