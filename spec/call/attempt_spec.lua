-- One attempt: how it ends by what is answered, alike in a script, side by side and in a loop, and
-- what it leaves of its slots.

local child = require "spec.support.child"
local core = require "sms.core"
local loops = require "spec.support.loops"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local sms = require "sms"
local usual = require "spec.support.usual"

local CALLS, TEXT = usual.CALLS, usual.TEXT
local free, taken = usual.free, usual.taken

local SHORT = 5 -- seconds: the period of a limit in a file; no machine or container is younger

local function refused(code)
  return ('{"message-count":"1","messages":[{"status":"%s","error-text":"no"}]}'):format(code)
end

-- What is answered, how the call ends, and how many slots of each limit are free then: all but
-- its own, or none where the provider throttles.
local ONE, NONE = { CALLS - 1, CALLS }, { 0, 0 }
local REPLIES = {
  { "a taken text", taken(), "accepted", "accepted", ONE },
  { "what is not documented", taken(',"new":7,"none":null', ',"more":[1.0]'), "accepted",
    "accepted", ONE },
  { "a number for a text", taken ',"network":12345', "accepted", "accepted", ONE },
  { "several parts", raw_server.http(200, '{"message-count":"2","messages":[{"status":"0"},'
    .. '{"status":"0"}]}'), "accepted", "accepted", ONE },
  { "parts that differ", raw_server.http(200, '{"message-count":"2","messages":[{"status":"0"},'
    .. '{"status":"6","error-text":"no"}]}'), "partial", "accepted", ONE },
  { "a throttled text", raw_server.http(200, refused "1"), "rate_limited", "not_sent", NONE },
  { "a throttled text, with a time", raw_server.http(200, refused "1", "Retry-After: 7\r\n"),
    "rate_limited", "not_sent", NONE },
  { "a refused text", raw_server.http(200, refused "6"), "rejected", "rejected", ONE },
  { "no messages", raw_server.http(200, '{"message-count":"0","messages":[]}'), "protocol",
    "ambiguous", ONE },
  { "another shape", raw_server.http(200, '{"messages":{"status":[]}}'), "protocol",
    "ambiguous", ONE },
  { "a list", raw_server.http(200, "[1,2]"), "protocol", "ambiguous", ONE },
  { "no JSON", raw_server.http(200, "<html>"), "protocol", "ambiguous", ONE },
  { "nothing", raw_server.http(200, ""), "protocol", "ambiguous", ONE },
  { "too much", raw_server.http(200, (" "):rep(2000)), "protocol", "ambiguous", ONE },
  { "another status of success", raw_server.http(202, taken()), "protocol", "ambiguous", ONE },
  { "a redirect", raw_server.http(302, ""), "protocol", "ambiguous", ONE },
  { "a refusal", raw_server.http(401, '{"error":"no"}'), "auth", "rejected", ONE },
  { "too many requests", raw_server.http(429, "", "Retry-After: 3\r\n"), "rate_limited",
    "not_sent", NONE },
  { "a fault of the server", raw_server.http(503, "sorry"), "server", "ambiguous", ONE },
  { "half of a head", { "HTTP/1.1 200 OK\r\nContent-", { close = true } }, "connection",
    "ambiguous", ONE },
  { "half of a body", { "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", { close = true } },
    "connection", "ambiguous", ONE },
  { "an end without an answer", { { close = true } }, "connection", "ambiguous", ONE },
  { "silence", { { sleep = 3 } }, "timeout", "ambiguous", ONE },
}

describe("An attempt", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  local function plain(err)
    local copy = {}
    for name, value in pairs(err or {}) do copy[name] = value end
    return copy
  end

  local function in_turn(client)
    return client:send_sms(TEXT)
  end

  local function side_by_side(client)
    local ok, ended = pcall(sms.all, { function() return client:send_sms(TEXT) end })
    if not ok then error(ended.cause, 0) end
    return ended[1][1], ended[1][2]
  end

  local function in_a_loop(client)
    local ok, result, err
    loops.cqueues.run { function() ok, result, err = pcall(in_turn, client) end }
    if not ok then error(result, 0) end
    return result, err
  end

  local first = {} -- how the case ended in the way that came first

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
      local client = usual.client_of(server, options)
      finally(function() client:close() end)
      return client
    end

    for _, case in ipairs(REPLIES) do
      it(("ends by its answer, %s: %s"):format(name, case[1]), function()
        server:reply(case[2])
        local client = client_for()
        local result, err = send(client)
        assert.same({ case[3], case[4] }, err and { err.kind, err.outcome } or
          { "accepted", "accepted" })
        assert.same(case[5], free(client))
        local ended = { result, plain(err) }
        first[case] = first[case] or ended
        assert.same(first[case], ended)
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
        rate_limit = { calls = CALLS, period = SHORT, share = "machine" } }
      assert(send(client))
      assert.equal(CALLS - 1, client.limits:free(core.now())[1].slots)
      child.shell("rm -r " .. child.quoted(folder))
    end)

    for _, kind in ipairs { "basic", "params" } do
      it(("is followed by others where these are certain to be safe, %s: %s"):format(kind, name),
        function()
          server:replies { raw_server.http(429, "", "Retry-After: 0\r\n"), taken() }
          server:forget()
          assert(send(client_for { retry = { base = 0.01 }, auth = kind }))
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
        raises = false
        assert(send(client))
        assert.same({ CALLS - 2, CALLS - 1 }, free(client))
      end)
  end

  for status, outcome in pairs { [200] = "accepted", [201] = "accepted", [202] = "ambiguous",
    [409] = "rejected", [500] = "ambiguous" } do
    it(("of a job ends by its status: %d is %s"):format(status, outcome), function()
      server:reply(raw_server.http(status, '{"jobId":"J.1"}'))
      local client = retarus.client_of(server.url, { retry = false })
      local result, err = client:send_job(retarus.job "+491760000001")
      assert.equal(outcome, err and err.outcome or "accepted")
      assert.same(outcome == "accepted" and { jobId = "J.1" } or nil, result)
    end)
  end
end)
