-- The first attempt in one pass next to the same calls taken step by step, which a client with
-- on_event takes: both end alike, and leave the same slots behind.

local child = require "spec.support.child"
local core = require "sms.core"
local loops = require "spec.support.loops"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local script = require "sms.runtime.script"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"
local usual = require "spec.support.usual"

local CALLS, TEXT = usual.CALLS, usual.TEXT
local free, taken = usual.free, usual.taken

local function refused(code)
  return ('{"message-count":"1","messages":[{"status":"%s","error-text":"no"}]}'):format(code)
end

-- What is answered, and how the call ends.
local REPLIES = {
  { "a taken text", taken(), "accepted" },
  { "what is not documented", taken(',"new":7,"none":null', ',"more":[1.0]'), "accepted" },
  { "a number for a text", taken ',"network":12345', "accepted" },
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
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  local function client_of(more)
    local client = usual.client_of(server, more)
    finally(function() client:close() end)
    return client
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

  local function in_a_loop(client)
    local ok, result, err
    loops.cqueues.run { function() ok, result, err = pcall(in_turn, client) end }
    if not ok then error(result, 0) end
    return result, err
  end

  local passes -- calls that took the pass
  local kept = {}

  before_each(function()
    passes = 0
    for _, runtime in ipairs { script, tasks, loops.cqueues.runtime } do
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

  local ways = {
    { "in turn", in_turn },
    { "side by side", side_by_side },
    { "in a loop", in_a_loop, { runtime = loops.cqueues.runtime } },
  }
  for _, way in ipairs(ways) do
    local name, send, more = way[1], way[2], way[3]

    -- A client with slots of its own, and the options of the way.
    local function client_for(given)
      local options = given or {}
      for option, value in pairs(more or {}) do options[option] = value end
      return client_of(options)
    end

    for _, case in ipairs(REPLIES) do
      it(("ends as the steps do, %s: %s"):format(name, case[1]), function()
        server:reply(case[2])
        local one, other = client_for(), client_for { on_event = by_steps.on_event }
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
      local client = client_for { base_url = "http://127.0.0.1:" .. raw_server.closed_port() }
      local _, err = send(client)
      assert.same({ "connection", "not_sent" }, { err.kind, err.outcome })
      assert.same({ CALLS, CALLS + 1 }, free(client))
    end)

    it("takes no slot of one limit where another has none: " .. name, function()
      server:reply(taken())
      local client = client_for { max_wait = 0,
        rate_limit = { { calls = 5, period = 3600 }, { calls = 2, period = 1800 } } }
      assert(send(client))
      assert(send(client))
      local _, err = send(client)
      assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
      assert.same({ 3, 0 }, free(client))
    end)

    it("counts towards the calls of a file of slots: " .. name, function()
      server:reply(taken())
      local folder = process.output_of "mktemp -d"
      local client = client_for { slots_path = folder,
        rate_limit = { calls = CALLS, period = 3600, share = "machine" } }
      assert(send(client))
      assert.equal(CALLS - 1, client.limits:free(core.now())[1].slots)
      child.shell("rm -r " .. child.quoted(folder))
    end)

    for _, kind in ipairs { "basic", "params" } do
      it(("is followed by repeats where these are certain to be safe, %s: %s"):format(kind, name),
        function()
          server:replies { raw_server.http(429, "", "Retry-After: 0\r\n"),
            taken() }
          server:forget()
          local client = client_for { retry = { base = 0.01 }, auth = kind }
          assert(send(client))
          assert.equal(1, passes)
          local requests = server:requests()
          assert.equal(2, #requests)
          assert.equal(requests[1].text, requests[2].text)
        end)
    end

    it("ends with what is raised while the reply is read; the next one is made: " .. name,
      function()
        server:reply(taken())
        local client = client_for()
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
end)
