-- One message, several providers: who is asked, what comes back, and when nobody else is asked.

local codes = require "spec.cases.nexmo_codes"
local loop = require "sms.runtime.loop"
local raw_server = require "spec.support.raw_server"
local retarus = require "spec.support.retarus"
local sandbox = require "spec.support.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local HELLO = { from = "Acme", to = "+44 7700 900-000", text = "Hello", ref = "r-1" }

describe("A gateway", function()
  local box, nexmo, second

  setup(function() box = sandbox.start() end)
  teardown(function() box:stop() end)
  before_each(function()
    box:reset()
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

  it("asks the next where the first certainly sent nothing for a reason of its own", function()
    for _, row in ipairs(codes.sms) do
      if row.own then
        box:clear_faults()
        box:fault { operation = "send_sms", kind = "nexmo_status", code = tonumber(row[1]) }
        local sent, err = sms.gateway { nexmo, second }:send(HELLO)
        assert(sent, ("code %s: %s"):format(row[1], tostring(err)))
        assert.equal("retarus", sent.provider)
        assert.same({ 1, "nexmo", row[1] }, { #sent.attempts, sent.attempts[1].provider,
          sent.attempts[1].code })
      end
    end
    for _, status in ipairs { 401, 402, 403, 404, 405, 406, 407, 410, 415, 429 } do
      box:clear_faults()
      box:fault { operation = "send_sms", kind = "status", status = status }
      local sent, err = sms.gateway { nexmo, second }:send(HELLO)
      assert(sent, ("status %d: %s"):format(status, tostring(err)))
      assert.equal(status, sent.attempts[1].status)
    end
  end)

  it("asks the next for those of Nexmo's codes that the README names", function()
    local named, expected = {}, {}
    local file = assert(io.open "README.md")
    local list = file:read("*a"):match "Nexmo's codes (1, 2, 4,[^)]*)%)"
    file:close()
    for first, last in list:gsub("(%d+) to (%d+)", "%1-%2"):gmatch "(%d+)%-?(%d*)" do
      for code = tonumber(first), tonumber(last) or tonumber(first) do
        named[tostring(code)] = true
      end
    end
    for _, row in ipairs(codes.sms) do expected[row[1]] = row.own end
    assert.same(expected, named)
  end)

  it("asks nobody else for a reason that all share, or where it cannot be known", function()
    local function check(fault, outcome)
      box:reset()
      second = retarus.client(box, { retry = false })
      fault.operation = "send_sms"
      box:fault(fault)
      local sent, err = sms.gateway { nexmo, second }:send(HELLO)
      assert.is_nil(sent)
      assert.equal(outcome, err.outcome)
      assert.same({ 1, 0 }, counts())
      assert.equal(1, #err.attempts)
      assert.is_false(err.retryable)
    end
    for _, row in ipairs(codes.sms) do
      if not row.own then
        check({ kind = "nexmo_status", code = tonumber(row[1]) }, row[2][2])
      end
    end
    for _, status in ipairs { 400, 409, 413, 414, 420, 422, 431, 451 } do
      check({ kind = "status", status = status }, "rejected")
    end
    for _, status in ipairs { 202, 302, 408, 500, 502, 503, 504 } do
      check({ kind = "status", status = status }, "ambiguous")
    end
    for _, how in ipairs { "close", "reset", "cut_head", "cut_body" } do
      check({ kind = "lost_answer", how = how }, "ambiguous")
    end
    for _, kind in ipairs { "garbage", "empty", "nulls", "shape", "close", "reset" } do
      check({ kind = kind }, "ambiguous")
    end
  end)

  it("judges parts that ended differently by all of them", function()
    local long = { from = "Acme", to = "447700900000", text = ("x"):rep(400) }
    local function answer(...)
      local parts = {}
      for i, status in ipairs { ... } do parts[i] = ('{"status":"%s"}'):format(status) end
      box:reset()
      second = retarus.client(box)
      box:fault { operation = "send_sms", kind = "shape",
        body = ('{"message-count":"3","messages":[%s]}'):format(table.concat(parts, ",")) }
      return sms.gateway { nexmo, second }:send(long)
    end
    assert.equal("retarus", assert(answer(1, 10, 1)).provider)
    assert.equal("retarus", assert(answer(9, 4, 1)).provider)
    local _, err = answer(9, 7, 9)
    assert.same({ "partial", "rejected", 1 }, { err.kind, err.outcome, #err.attempts })
    _, err = answer(9, 5, 9)
    assert.same({ "partial", "ambiguous", 1 }, { err.kind, err.outcome, #err.attempts })
    _, err = answer(0, 9, 9)
    assert.same({ "partial", "accepted", 1 }, { err.kind, err.outcome, #err.attempts })
    assert.equal("9", err.result.messages[3].status)
  end)

  it("asks nobody else after what Retarus refused, but for its account", function()
    for status, falls_over in pairs { [400] = false, [401] = true, [403] = true, [404] = true,
      [409] = false, [422] = false, [429] = true } do
      box:reset()
      second = retarus.client(box, { retry = false })
      box:fault { operation = "send_job", kind = "status", status = status }
      local sent, err = sms.gateway { second, nexmo }:send(HELLO)
      assert.equal(falls_over, sent ~= nil)
      assert.equal(status, (sent or err).attempts[1].status)
      assert.equal(falls_over and 1 or 0, #box:arrivals "send_sms")
    end
  end)

  it("keeps the error of each in the one at the end", function()
    box:fault { operation = "send_sms", kind = "nexmo_status", code = 9 }
    box:fault { operation = "send_job", kind = "status", status = 401 }
    local sent, err = sms.gateway { nexmo, second }:send(HELLO)
    assert.is_nil(sent)
    assert.equal("gateway send: nexmo: Status 9 (code 9); retarus: HTTP status 401 "
      .. "[auth, rejected]", tostring(err))
    assert.same({ "nexmo", "retarus" }, { err.attempts[1].provider, err.attempts[2].provider })
    assert.same({ "9", 401, false }, { err.attempts[1].code, err.status, err.retryable })
    local closed = "http://127.0.0.1:" .. raw_server.closed_port()
    err = select(2, sms.gateway { wire.nexmo(box, { base_url = closed }), second }:send(HELLO))
    assert.same({ "rejected", true, "not_sent" },
      { err.outcome, err.retryable, err.attempts[1].outcome })
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

  it("asks the next where only a limit of the first is exceeded", function()
    local long = { from = "Acme", to = "447700900000", text = ("x"):rep(3100) } -- 21 parts
    local sent = assert(sms.gateway { second, nexmo }:send(long))
    assert.same({ "nexmo", "options.maxParts" },
      { sent.provider, sent.attempts[1].problems[1].path })
    local _, err = sms.gateway { nexmo, second }:send { from = "Acme", to = "447700900000",
      text = ("x"):rep(3300) }
    assert.same({ "invalid", "not_sent", 2 }, { err.kind, err.outcome, #err.attempts })
    sent = assert(sms.gateway { nexmo, second }:send { from = "4915112345678901234",
      to = "447700900000", text = "Hello" })
    assert.equal("retarus", sent.provider)
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
