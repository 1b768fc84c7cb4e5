-- Calls whose client is closed before they are sent, or sent once more.

local core = require "sms.core"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"
local usual = require "spec.support.usual"

local TEXT, taken = usual.TEXT, usual.taken

describe("A call whose client is closed", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reply(taken())
    server:forget()
  end)

  -- How calls of a client end, side by side, when it is closed a moment later.
  local function ends_of(client, ...)
    local bodies = { ... }
    bodies[#bodies + 1] = function()
      tasks.sleep(0.2)
      client:close()
    end
    local began = core.now()
    local results = sms.all(bodies)
    assert.is_true(core.now() - began < 5)
    return results
  end

  it("while it waits for a slot is cancelled, and was not sent", function()
    local client = usual.client_of(server, { rate_limit = { calls = 1, period = 30 } })
    local function send() return client:send_sms(TEXT) end
    local results = ends_of(client, send, send)
    assert(results[1][1])
    local err = results[2][2]
    assert.same({ "cancelled", "not_sent" }, { err.kind, err.outcome })
    assert.matches("the client was closed", err.message, 1, true)
    assert.equal(1, #server:requests())
  end)

  for status, outcome in pairs { [429] = "not_sent", [503] = "ambiguous" } do
    it(("before it is repeated is not made again: after %d"):format(status), function()
      server:reply(raw_server.http(status, "", "Retry-After: 20\r\n"))
      local client = usual.client_of(server, { rate_limit = false, retry = {} })
      local err = ends_of(client, function() return client:list_owned_numbers() end)[1][2]
      assert.same({ "cancelled", outcome }, { err.kind, err.outcome })
      assert.equal(1, #server:requests())
    end)
  end

  -- Answers that come much later than the client is closed.
  local function answer_late() server:reply { { sleep = 4 }, taken() } end

  it("once it is sent is cancelled at once, and may have been taken", function()
    answer_late()
    local client = usual.client_of(server, { timeout = 8, rate_limit = false })
    local began = core.now()
    local err = ends_of(client, function() return client:send_sms(TEXT) end)[1][2]
    assert.is_true(core.now() - began < 1)
    assert.same({ "cancelled", "ambiguous" }, { err.kind, err.outcome })
    assert.matches("the client was closed, while waiting for the answer", err.message, 1, true)
  end)

  -- A server that listens and says nothing.
  local function in_silence() return server.url:gsub("http:", "https:") end

  it("before a byte of it is sent is cancelled, and was not sent", function()
    answer_late()
    local client = usual.client_of(server, { timeout = 8, base_url = in_silence() })
    local err = ends_of(client, function() return client:send_sms(TEXT) end)[1][2]
    assert.same({ "cancelled", "not_sent" }, { err.kind, err.outcome })
  end)

  it("gives its slot back as what left of it says", function()
    answer_late()
    for url, used in pairs { [server.url] = 1, [in_silence()] = 0 } do
      local client = usual.client_of(server, { timeout = 8, base_url = url })
      local other = usual.client_of(server, { api_key = client.identity })
      ends_of(client, function() return client:send_sms(TEXT) end)
      assert.same({ usual.CALLS - used, usual.CALLS + 1 - used }, usual.free(other))
    end
  end)

  it("does not end the calls of others", function()
    server:reply { { sleep = 0.6 }, taken() }
    local given = { timeout = 8, rate_limit = false }
    local client, other = usual.client_of(server, given), usual.client_of(server, given)
    local results = ends_of(client, function() return client:send_sms(TEXT) end,
      function() return other:send_sms(TEXT) end)
    assert.equal("cancelled", results[1][2].kind)
    assert(results[2][1], results[2][2])
  end)

  for _, name in ipairs { "request", "response", "wait", "retry" } do
    it("by its hook raises nothing: at " .. name, function()
      server:reply(raw_server.http(name == "retry" and 503 or 200,
        '{"count":0,"numbers":[]}'))
      local client
      client = usual.client_of(server, {
        rate_limit = { calls = 1, period = 0.2 }, retry = { base = 0.01 },
        on_event = function(event)
          if event.name == name then client:close() end
        end,
      })
      local seen = {}
      for _ = 1, name == "wait" and 2 or 1 do
        local ok, result, err = pcall(client.list_owned_numbers, client)
        assert.is_true(ok, result)
        seen[1] = err and err.kind or "result"
      end
      local expected = name == "response" and "result" or "cancelled"
      assert.same({ expected }, seen)
    end)
  end

  -- Slots in Lua, whose claims, or whose ends, take a while; and others in C beside them.
  for _, where in ipairs { "acquire", "finish" } do
    it("while it speaks to another store raises nothing: " .. where, function()
      server:reply(taken())
      local slots = { refund = function() end, hold = function() end, close = function() end,
        delay = function() return 0 end }
      function slots.acquire()
        if where == "acquire" then tasks.sleep(0.4) end
        return 1, 2
      end
      function slots.finish()
        if where == "finish" then tasks.sleep(0.4) end
      end
      local store = { open = function() return slots end }
      for _, shares in ipairs { { store, "process" }, { "process", store } } do
        local client = usual.client_of(server, { timeout = 8, rate_limit = {
          { calls = 9, period = 60, share = shares[1] },
          { calls = 8, period = 60, share = shares[2] } } })
        local ended = ends_of(client, function() return client:send_sms(TEXT) end)[1]
        if where == "acquire" then
          assert.same({ "cancelled", "not_sent" }, { ended[2].kind, ended[2].outcome })
        else
          assert(ended[1], ended[2])
        end
      end
    end)
  end

  it("in the middle of a list ends the list", function()
    server:reply(raw_server.http(200, '{"count":30,"numbers":[{"msisdn":"1"}]}'))
    local client = usual.client_of(server, { rate_limit = false })
    local last
    for number, err in client:each "list_owned_numbers" do
      if number then client:close() end
      last = { number, err and err.kind }
    end
    assert.same({ false, "cancelled" }, last)
  end)

  it("in the middle of a bulk run ends the run, and what was in flight is told", function()
    answer_late()
    local client = usual.client_of(server, { timeout = 8, rate_limit = false })
    local rounds = {}
    ends_of(client, function()
      for item, _, err in client:send_all({ TEXT, TEXT, TEXT }, { in_flight = 2 }) do
        rounds[#rounds + 1] = { item and true, err.kind, err.outcome }
      end
    end)
    assert.same({ { true, "cancelled", "ambiguous" }, { true, "cancelled", "ambiguous" },
      { false, "cancelled", "not_sent" } }, rounds)
  end)

  it("while a gateway asks another one is not asked, and raises nothing", function()
    server:reply(taken())
    local first = usual.client_of(server, { base_url = in_silence(), timeout = 0.4 })
    local second = usual.client_of(server)
    local gateway = sms.gateway { first, second }
    local err = ends_of(second, function() return gateway:send(TEXT) end)[1][2]
    assert.same({ "timeout", "cancelled", "not_sent" },
      { err.attempts[1].kind, err.attempts[2].kind, err.outcome })
    assert.equal(0, #server:requests())
  end)
end)
