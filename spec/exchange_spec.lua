-- The first attempt in one pass next to the same calls taken step by step, which a client with
-- on_event takes: both end alike, and leave the same slots behind.

local attempt = require "sms.attempt"
local child = require "spec.support.child"
local core = require "sms.core"
local process = require "spec.support.process"
local raw_server = require "spec.support.raw_server"
local retarus = require "spec.support.retarus"
local script = require "sms.runtime.script"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"

local CALLS = 50 -- in a period that outlasts the specs
local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }

local function taken(part, more)
  return ('{"message-count":"1","messages":[{"to":"447700900000","message-id":"0A","status":"0",'
    .. '"remaining-balance":"3.14","message-price":"0.03"%s}]%s}'):format(part or "", more or "")
end

local function refused(code)
  return ('{"message-count":"1","messages":[{"status":"%s","error-text":"no"}]}'):format(code)
end

-- What is answered, and how the call ends.
local REPLIES = {
  { "a taken text", raw_server.http(200, taken()), "accepted" },
  { "what is not documented", raw_server.http(200, taken(',"new":7,"none":null', ',"more":[1.0]')),
    "accepted" },
  { "a number for a text", raw_server.http(200, taken(',"network":12345')), "accepted" },
  { "several parts", raw_server.http(200, '{"message-count":"2","messages":[{"status":"0"},'
    .. '{"status":"0"}]}'), "accepted" },
  { "parts that differ", raw_server.http(200, '{"message-count":"2","messages":[{"status":"0"},'
    .. '{"status":"6","error-text":"no"}]}'), "partial" },
  { "a throttled text", raw_server.http(200, refused "1"), "rate_limited" },
  { "a throttled text, with a time", raw_server.http(200, refused "1", "Retry-After: 7\r\n"),
    "rate_limited" },
  { "a refused text", raw_server.http(200, refused "6"), "rejected" },
  { "no messages", raw_server.http(200, '{"message-count":"0","messages":[]}'), "protocol" },
  { "another shape", raw_server.http(200, '{"messages":{"status":[]}}'), "protocol" },
  { "a list", raw_server.http(200, "[1,2]"), "protocol" },
  { "no JSON", raw_server.http(200, "<html>"), "protocol" },
  { "nothing", raw_server.http(200, ""), "protocol" },
  { "too much", raw_server.http(200, (" "):rep(2000)), "protocol" },
  { "another status of success", raw_server.http(202, taken()), "protocol" },
  { "a redirect", raw_server.http(302, ""), "protocol" },
  { "a refusal", raw_server.http(401, '{"error":"no"}'), "auth" },
  { "too many requests", raw_server.http(429, "", "Retry-After: 3\r\n"), "rate_limited" },
  { "a fault of the server", raw_server.http(503, "sorry"), "server" },
  { "half of a head", { "HTTP/1.1 200 OK\r\nContent-", { close = true } }, "connection" },
  { "half of a body", { "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", { close = true } },
    "connection" },
  { "an end without an answer", { { close = true } }, "connection" },
  { "silence", { { sleep = 3 } }, "timeout" },
}

describe("The first attempt in one pass", function()
  local server, count = nil, 0

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  -- A client with slots of its own.
  local function client_of(more)
    count = count + 1
    local options = {
      api_key = "key" .. count, api_secret = "secret", base_url = server.url,
      retry = false, timeout = 0.3, max_response_bytes = 1000,
      rate_limit = { { calls = CALLS, period = 3600 }, { calls = CALLS + 1, period = 1800 } },
    }
    for name, value in pairs(more or {}) do options[name] = value end
    local client = sms.nexmo(options)
    finally(function() client:close() end)
    return client
  end

  -- How many slots of each limit are free.
  local function free(client)
    local list = client.limits:free(core.now())
    return { list[1].slots, list[2].slots }
  end

  local function plain(err)
    local copy = {}
    for name, value in pairs(err or {}) do copy[name] = value end
    return copy
  end

  local function in_turn(client)
    return client:send_sms(TEXT)
  end

  local function side_by_side(client)
    local ended = sms.all { function() return client:send_sms(TEXT) end }[1]
    return ended[1], ended[2]
  end

  local passes -- calls that took the pass
  local kept = {}

  before_each(function()
    passes = 0
    for _, runtime in ipairs { script, tasks } do
      kept[runtime] = runtime.exchange
      runtime.exchange = function(...)
        passes = passes + 1
        return kept[runtime](...)
      end
    end
  end)
  after_each(function()
    for runtime, own in pairs(kept) do runtime.exchange = own end
  end)

  local by_steps = { on_event = function() end }

  for name, send in pairs { ["in turn"] = in_turn, ["side by side"] = side_by_side } do
    for _, case in ipairs(REPLIES) do
      it(("ends as the steps do, %s: %s"):format(name, case[1]), function()
        server:reply(case[2])
        local one, other = client_of(), client_of(by_steps)
        local expected, expected_err = send(other)
        assert.equal(0, passes)
        local result, err = send(one)
        assert.equal(1, passes)
        assert.same(expected, result)
        assert.same(plain(expected_err), plain(err))
        assert.equal(case[3], err and err.kind or "accepted")
        assert.same(free(other), free(one))
      end)
    end

    it("gives slots back at once where nobody listens: " .. name, function()
      local client = client_of { base_url = "http://127.0.0.1:" .. raw_server.closed_port() }
      local _, err = send(client)
      assert.same({ "connection", "not_sent" }, { err.kind, err.outcome })
      assert.same({ CALLS, CALLS + 1 }, free(client))
    end)

    it("takes no slot of one limit where another has none: " .. name, function()
      server:reply(raw_server.http(200, taken()))
      local client = client_of { max_wait = 0,
        rate_limit = { { calls = 5, period = 3600 }, { calls = 2, period = 1800 } } }
      assert(send(client))
      assert(send(client))
      local _, err = send(client)
      assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
      assert.same({ 3, 0 }, free(client))
    end)

    it("counts towards the calls of a file of slots: " .. name, function()
      server:reply(raw_server.http(200, taken()))
      local folder = process.output_of "mktemp -d"
      local client = client_of { slots_path = folder,
        rate_limit = { calls = CALLS, period = 3600, share = "machine" } }
      assert(send(client))
      assert.equal(CALLS - 1, client.limits:free(core.now())[1].slots)
      child.shell("rm -r " .. child.quoted(folder))
    end)

    for _, kind in ipairs { "basic", "params" } do
      it(("is followed by repeats where these are certain to be safe, %s: %s"):format(kind, name),
        function()
          server:replies { raw_server.http(429, "", "Retry-After: 0\r\n"),
            raw_server.http(200, taken()) }
          server:forget()
          local client = client_of { retry = { base = 0.01 }, auth = kind }
          assert(send(client))
          assert.equal(1, passes)
          local requests = server:requests()
          assert.equal(2, #requests)
          assert.equal(requests[1].text, requests[2].text)
        end)
    end

    it("ends with what is raised while the reply is read; the next one is made: " .. name,
      function()
        server:reply(raw_server.http(200, taken()))
        local client = client_of()
        local raises = true
        client.operations.send_sms = setmetatable({ judge = function()
          if raises then error("out of order!", 0) end
        end }, { __index = client.operations.send_sms })
        local ok, message = pcall(send, client)
        assert.same({ false, "out of order!" }, { ok, message })
        assert.equal(1, passes)
        raises = false
        assert(send(client))
        assert.same({ CALLS - 2, CALLS - 1 }, free(client))
      end)
  end

  it("is not made where something is amiss", function()
    server:forget()
    local client = client_of()
    for _, params in ipairs { { to = "447700900000", text = "Hello" },
      { from = "Acme", to = "447700900000", text = "Hello", ttl = 1 }, {} } do
      local _, err = client:send_sms(params)
      assert.equal("invalid", err.kind)
    end
    assert.same({ CALLS, CALLS + 1 }, free(client))
    assert.same({}, server:requests())
  end)

  it("leaves what was given alone: a table changed meanwhile is sent as it was", function()
    server:replies { { { sleep = 0.1 }, raw_server.http(429, "", "Retry-After: 0\r\n") },
      raw_server.http(200, taken()) }
    server:forget()
    local client = client_of { retry = { base = 0.01 }, timeout = 5 }
    local given = { from = "Acme", to = "447700900000", text = "first" }
    local results = sms.all {
      function() return client:send_sms(given) end,
      function() given.text = "second" end,
    }
    assert(results[1][1], results[1][2])
    local requests = server:requests()
    assert.equal(2, #requests)
    for _, request in ipairs(requests) do assert.matches("text=first", request.text, 1, true) end
  end)

  it("is not made before those who wait already", function()
    server:reply(raw_server.http(200, taken()))
    local client = client_of { max_wait = 0 }
    assert(client:send_sms(TEXT))
    local place = client.limits.queue:join(nil, core.now())
    local _, err = client:send_sms(TEXT)
    assert.equal("rate_limited", err.kind)
    assert.equal(1, passes)
    client.limits.queue:leave(place)
    assert(client:send_sms(TEXT))
  end)

  it("is not made where its time to begin has passed", function()
    server:reply(raw_server.http(200, taken()))
    local reserve = attempt.LEASE_RESERVE
    finally(function() attempt.LEASE_RESERVE = reserve end)
    attempt.LEASE_RESERVE = 0
    local client = client_of()
    assert(client:send_sms(TEXT))
    server:forget()
    local exchange = client.exchanges[client.operations.send_sms]
    local before = free(client)
    assert.is_nil(script.exchange(exchange, TEXT, 0, 1))
    assert.same(before, free(client))
    assert.same({}, server:requests())
  end)

  for _, status in ipairs { 200, 201, 202, 409, 500 } do
    it("ends as the steps do, for jobs: " .. status, function()
      server:reply(raw_server.http(status, '{"jobId":"J.1"}'))
      local one = retarus.client_of(server.url, { retry = false })
      local other = retarus.client_of(server.url, { retry = false, on_event = by_steps.on_event })
      local job = retarus.job "+491760000001"
      local expected, expected_err = other:send_job(job)
      local result, err = one:send_job(job)
      assert.equal(1, passes)
      assert.same(expected, result)
      assert.same(plain(expected_err), plain(err))
      assert.equal(status <= 201, result ~= nil)
    end)
  end

  it("may be broken off anywhere: the next ones are made", function()
    server:reply(raw_server.http(200, taken()))
    local client = client_of { rate_limit = false, timeout = 5 }
    local broken = 0
    for steps = 1, 300 do
      local ok = pcall(sms.all, { function()
        debug.sethook(function()
          debug.sethook()
          error("interrupted!", 0)
        end, "", steps)
        client:send_sms(TEXT)
        debug.sethook()
      end })
      broken = broken + (ok and 0 or 1)
      assert(side_by_side(client))
    end
    assert.is_true(broken > 20)
  end)

  it("can be interrupted while it waits for the answer", function()
    server:reply { { sleep = 5 } }
    local program = os.tmpname()
    finally(function() os.remove(program) end)
    local file = assert(io.open(program, "w"))
    file:write(([[
      local sms = require "sms"
      local client = sms.nexmo { api_key = "a", api_secret = "b", rate_limit = false,
        base_url = %q }
      print(client:send_sms { from = "Acme", to = "447700900000", text = "Hello" })
    ]]):format(server.url))
    file:close()
    local began = core.now()
    local ended = child.shell("timeout --foreground -s INT 0.5 " .. child.command(program))
    assert.is_true(core.now() - began < 4)
    assert.equal("", ended.out)
    assert.matches("interrupted!", ended.err, 1, true)
  end)
end)
