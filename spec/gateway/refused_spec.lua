-- When a gateway asks the next provider, when nobody else, and what the error at the end says.

local codes = require "spec.cases.nexmo_codes"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local HELLO = { from = "Acme", to = "+44 7700 900-000", text = "Hello", ref = "r-1" }

describe("A gateway that was refused", function()
  local box = sandbox.for_specs()
  local nexmo, second

  before_each(function()
    nexmo, second = wire.nexmo(box), retarus.client(box, { retry = false })
  end)

  local function counts()
    return { #box:arrivals "send_sms", #box:arrivals "send_job" }
  end

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

  it("asks the next for those of Nexmo's codes that the guide names", function()
    local named, expected = {}, {}
    local file = assert(io.open "docs/guides/production.md")
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

  it("tells that the account is refused only where no client takes messages any more", function()
    local REFUSED = { kind = "status", status = 401 }
    local function check(account, faults, order)
      box:clear_faults()
      for operation, fault in pairs(faults) do
        box:fault(wire.changed(fault, { operation = operation }))
      end
      local gateway = sms.gateway { nexmo, second, order = order }
      local sent, err = gateway:send(HELLO)
      assert.is_nil(sent)
      assert.equal(account, err.account)
    end
    check(true, { send_sms = REFUSED, send_job = REFUSED })
    check(true, { send_sms = { kind = "nexmo_status", code = 9 }, send_job = REFUSED })
    check(nil, { send_sms = REFUSED, send_job = { kind = "status", status = 400 } })
    check(nil, { send_sms = { kind = "throttle" }, send_job = REFUSED })
    check(nil, { send_sms = REFUSED, send_job = { kind = "close" } })
    check(nil, { send_sms = REFUSED }, function() return { nexmo } end)
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
end)
