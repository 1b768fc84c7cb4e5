-- The rate limit over real sockets: what the provider saw, when.

local retarus = require "spec.support.servers.retarus"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local socket = require "socket"
local windows = require "spec.support.windows"

local CALLS, PERIOD = 5, 0.2 -- calls in seconds
local LIMIT = { calls = CALLS, period = PERIOD }

describe("The rate limit", function()
  local box = sandbox.for_specs { workers = 2 }

  -- Options of clients that share their credentials.
  local function options(limit, more)
    local all = retarus.options { base_url = box.urls.retarus, rate_limit = limit }
    all.rate_limit = limit
    for name, value in pairs(more or {}) do all[name] = value end
    box:settings { retarus_username = all.username }
    return all
  end

  local function in_parallel(count, client_of)
    local calls = {}
    for i = 1, count do
      calls[i] = function() return client_of(i):get_version() end
    end
    for _, result in ipairs(sms.all(calls)) do assert.is_nil(result[2]) end
  end

  it("is never exceeded in any window, one call after another", function()
    local client = sms.retarus(options(LIMIT))
    local began = socket.gettime()
    for _ = 1, 3 * CALLS + 1 do assert(client:get_version()) end
    assert.is_true(socket.gettime() - began >= 3 * PERIOD)
    assert.equal(3 * CALLS + 1, box:count())
    assert.equal(CALLS, windows.most(box:arrivals(), PERIOD))
  end)

  it("is never exceeded in any window, side by side, by clients that share it", function()
    local given = options(LIMIT)
    local clients = { sms.retarus(given), sms.retarus(given), sms.retarus(given) }
    in_parallel(4 * CALLS, function(i) return clients[i % 3 + 1] end)
    assert.equal(4 * CALLS, box:count())
    assert.equal(CALLS, windows.most(box:arrivals(), PERIOD))
  end)

  it("is not shared by clients with other credentials", function()
    local one, two = options(LIMIT), options(LIMIT)
    box:settings { version_needs_auth = false }
    local clients = { sms.retarus(one), sms.retarus(two) }
    in_parallel(2 * CALLS, function(i) return clients[i % 2 + 1] end)
    assert.equal(2 * CALLS, windows.most(box:arrivals(), PERIOD))
  end)

  it("outlives a client that is closed", function()
    local given = options({ calls = 2, period = 30 }, { max_wait = 0 })
    local client = sms.retarus(given)
    for _ = 1, 2 do assert(client:get_version()) end
    client:close()
    collectgarbage()
    local result, err = sms.retarus(given):get_version()
    assert.is_nil(result)
    assert.equal("rate_limited", err.kind)
  end)

  it("gives an error at once where a call may not wait", function()
    local client = sms.retarus(options({ calls = 2, period = 30 }))
    for _ = 1, 2 do assert(client:get_version()) end
    for _, case in ipairs {
      { { max_wait = 0 }, "max_wait" }, { { max_wait = 3 }, "max_wait" },
      { { deadline = 3 }, "the deadline" }, { { deadline = 3, max_wait = 10 }, "the deadline" },
    } do
      local began = socket.gettime()
      local result, err = client:send_job(retarus.job "+491760000001", case[1])
      assert.is_nil(result)
      assert.is_true(socket.gettime() - began < 2.5) -- who waits all the same does so for 3
      assert.same({ kind = "rate_limited", outcome = "not_sent", retryable = true },
        retarus.brief(err))
      assert.is_true(err.retry_after > 29 and err.retry_after <= 30.05)
      assert.matches("longer than " .. case[2] .. " allows$", err.message)
    end
    assert.equal(2, box:count())
  end)

  it("lets a call wait as long as it may", function()
    local client = sms.retarus(options({ calls = 1, period = 0.1 }, { max_wait = 5 }))
    for _ = 1, 3 do assert(client:get_version()) end
    assert.equal(3, box:count())
    assert.equal(1, windows.most(box:arrivals(), 0.1))
  end)

  it("by default is 100 calls in 60 seconds", function()
    local client = sms.retarus(options(nil, { max_wait = 0 }))
    for _ = 1, 100 do assert(client:get_version()) end
    local result, err = client:get_version()
    assert.is_nil(result)
    assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
    assert.is_true(err.retry_after > 50 and err.retry_after <= 60.05)
    assert.equal(100, box:count())
  end)

  it("can be switched off", function()
    local client = sms.retarus(options(false, { max_wait = 0 }))
    for _ = 1, 150 do assert(client:get_version()) end
    assert.equal(150, box:count())
  end)

  it("may be several at once", function()
    local client = sms.retarus(options { LIMIT, { calls = 8, period = 0.6 } })
    for _ = 1, 17 do assert(client:get_version()) end
    assert.equal(CALLS, windows.most(box:arrivals(), PERIOD))
    assert.equal(8, windows.most(box:arrivals(), 0.6))
  end)

  it("counts both data centres and repeats", function()
    local given = options({ calls = 4, period = 30 }, { max_wait = 0, base_url = false })
    given.base_url, given.hosts = nil, retarus.hosts(box)
    local client = sms.retarus(given)
    local _, err = client:get_job { jobId = "J" }
    assert.equal("not_found", err.kind)
    box:fault { kind = "status", status = 500, count = 1 }
    assert(client:get_version())
    _, err = client:get_version()
    assert.equal("rate_limited", err.kind)
    assert.equal(4, box:count())
  end)

  it("holds all calls where the provider says that it was too fast", function()
    local given = options({ calls = 50, period = 1 }, { max_wait = 0, retry = false })
    local client, other = sms.retarus(given), sms.retarus(given)
    box:fault { kind = "throttle", retry_after = 7, count = 1 }
    local _, err = client:send_job(retarus.job "+491760000001")
    assert.same({ "rate_limited", "not_sent", 7 }, { err.kind, err.outcome, err.retry_after })
    _, err = other:get_version()
    assert.equal("rate_limited", err.kind)
    assert.is_true(err.retry_after > 6 and err.retry_after <= 7)
    assert.equal(1, box:count())
  end)

  describe("for each sender", function()
    local nexmo

    local function client(key, limit)
      box:settings { nexmo_key = key }
      nexmo = sms.nexmo { api_key = key, api_secret = "Secret0123456789", max_wait = 0,
        base_url = box.urls.nexmo, rate_limit = limit }
    end

    local function send(...)
      local kinds = {}
      for i, from in ipairs { ... } do
        local result, err = nexmo:send_sms { from = from, to = "447700900000", text = "Hello" }
        kinds[i] = result and "sent" or err.kind
      end
      return table.concat(kinds, " ")
    end

    it("is a limit of its own", function()
      client("per-sender", { calls = 2, period = 30, per = "from" })
      assert.equal("sent sent rate_limited", send("Acme", "Acme", "Acme"))
      assert.equal("sent sent rate_limited", send("Other", "Other", "Other"))
      assert.is_table(nexmo:list_owned_numbers())
      assert.equal("rate_limited", send "Acme")
    end)

    it("goes together with one for all", function()
      client("both", { { calls = 1, period = 30, per = "from" }, { calls = 2, period = 30 } })
      assert.equal("sent rate_limited sent rate_limited", send("Acme", "Acme", "Other", "Third"))
      assert.equal(2, box:count())
    end)
  end)
end)
