-- Several limits at once, by what the provider saw: none is exceeded whatever fails, none loses
-- slots to another, and a throttling answer stops every table that it concerns.

local raw_server = require "spec.support.servers.raw_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local windows = require "spec.support.windows"

local SENDERS = { "Acme", "Other", "Third" }
local LIMITS = { { calls = 4, period = 0.1, per = "from" }, { calls = 9, period = 0.1 },
  { calls = 25, period = 0.5 } }

describe("Several limits", function()
  local box, count = nil, 0

  setup(function() box = sandbox.start { workers = 2 } end)
  teardown(function() box:stop() end)
  before_each(function() box:reset() end)

  local function client_with(limits, more)
    count = count + 1
    local given = { api_key = "several" .. count, api_secret = "Secret0123456789",
      base_url = box.urls.nexmo, rate_limit = limits, retry = { base = 0 } }
    for name, value in pairs(more or {}) do given[name] = value end
    box:settings { nexmo_key = given.api_key }
    return sms.nexmo(given)
  end

  local function send(client, from, options)
    return client:send_sms({ from = from, to = "447700900000", text = "Hello" }, options)
  end

  --- Arrivals of a sender's texts.
  local function texts_of(from)
    local list = {}
    for _, arrival in ipairs(box:arrivals()) do
      if arrival.body:find("from=" .. from, 1, true) then list[#list + 1] = arrival end
    end
    return list
  end

  it("are all kept side by side, whatever fails", function()
    box:fault { { kind = "close", probability = 0.1 }, { kind = "lost_answer", probability = 0.1 },
      { kind = "throttle", text = "wait", wait = 30, probability = 0.1 } }
    local client, calls = client_with(LIMITS), {}
    for i = 1, 60 do
      calls[i] = function() return send(client, SENDERS[i % 3 + 1]) end
    end
    for _, result in ipairs(sms.all(calls)) do
      assert.is_true(result[1] ~= nil or result[2].outcome == "ambiguous"
        or result[2].kind == "rate_limited")
    end
    local all = box:arrivals()
    assert.is_true(#all >= 60)
    assert.is_true(windows.most(all, 0.1) <= 9)
    assert.is_true(windows.most(all, 0.5) <= 25)
    for _, from in ipairs(SENDERS) do
      assert.is_true(windows.most(texts_of(from), 0.1) <= 4)
    end
  end)

  it("lose no slot to one another while one of them is used up", function()
    local client = client_with { { calls = 3, period = 30 }, { calls = 1, period = 0.1 } }
    for _ = 1, 3 do assert(send(client, "Acme", { max_wait = 1 })) end
    local result, err = send(client, "Acme", { max_wait = 1 })
    assert.is_nil(result)
    assert.equal("rate_limited", err.kind)
    assert.equal(3, box:count())
    assert.equal(1, windows.most(box:arrivals(), 0.1))
  end)

  it("are all held by a throttling answer", function()
    local client = client_with({ { calls = 50, period = 1, per = "from" },
      { calls = 50, period = 1 } }, { retry = false })
    box:fault { kind = "throttle", text = "wait", wait = 700, count = 1 }
    local _, err = send(client, "Acme")
    assert.same({ "rate_limited", "not_sent", 0.7 }, { err.kind, err.outcome, err.retry_after })
    for _, from in ipairs { "Acme", "Other" } do
      _, err = send(client, from, { max_wait = 0 })
      assert.equal("rate_limited", err.kind)
      assert.is_true(err.retry_after > 0.2 and err.retry_after <= 0.7)
    end
    assert.equal(1, box:count())
    assert(send(client, "Other")) -- waits
    local all = box:arrivals()
    assert.is_true(all[2].time - all[1].time >= 0.69e6)
  end)

  it("of one sender leave the others alone", function()
    local client = client_with({ { calls = 50, period = 1, per = "from" } },
      { retry = false, max_wait = 0 })
    box:fault { kind = "throttle", text = "wait", wait = 700, count = 1 }
    assert.is_nil(send(client, "Acme"))
    assert(send(client, "Other"))
    local _, err = send(client, "Acme")
    assert.equal("rate_limited", err.kind)
    assert.equal(2, box:count())
  end)

  it("are waited for no longer than max_wait", function()
    local client = client_with { { calls = 1, period = 1 } }
    assert(send(client, "Acme"))
    local _, err = send(client, "Acme", { max_wait = 0.1 })
    assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
    assert(send(client, "Acme", { max_wait = 1.05 }))
  end)

  it("are all that max_wait counts: not the time that attempts take", function()
    local http = raw_server.http
    local server = raw_server.start()
    finally(function() server:stop() end)
    server:replies { { { sleep = 0.5 }, http(503, "{}") }, { { sleep = 0.5 }, http(503, "{}") },
      http(200, "{}") }
    local client = client_with({ { calls = 1, period = 0.2 } }, { base_url = server.url })
    local _, err = client:list_owned_numbers({}, { max_wait = 0.39 })
    assert.same({ "rate_limited", 2 }, { err and err.kind, #server:requests() }) -- 2 * 0.202
    server:replies { { { sleep = 1 }, http(503, "{}") }, http(200, "{}") }
    assert(client:list_owned_numbers({}, { max_wait = 0.8 }))
  end)
end)
