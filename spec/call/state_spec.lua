-- A call that has ended serves again: nothing of the one before is left in it.

local core = require "sms.core"
local letters = require "sms.runtime.letters"
local raw_server = require "spec.support.servers.raw_server"
local retarus = require "spec.support.servers.retarus"
local script = require "sms.runtime.script"
local sms = require "sms"
local usual = require "spec.support.usual"

local TEXT = usual.TEXT

local NOT_BEGUN = "no memory"

describe("A call that serves again", function()
  local client, ends

  -- Each attempt ends by the next of `ends`: a status, with a job as its body, or what the runtime
  -- says instead.
  before_each(function()
    local runtime = { sleep = script.sleep, claims = {} }
    function runtime.perform(_, _, _, _, _, _, claims)
      local ending = table.remove(ends, 1)
      table.insert(runtime.claims, claims)
      if ending == NOT_BEGUN then return nil, nil, ending end
      if type(ending) == "table" then return nil, ending end
      claims:settle(true, core.now())
      return ending, ending == 200 and '{"jobId":"J.1"}' or ""
    end
    client = retarus.client_of("http://127.0.0.1:" .. raw_server.closed_port(), { runtime = runtime,
      hosts = { de1 = "http://localhost:1" }, rate_limit = { calls = 50, period = 3600 } })
  end)
  after_each(function() client:close() end)

  local function first_that_answers(hosts, ask)
    local result = ask(hosts[1])
    if result then return result end
    return ask(hosts[2])
  end

  -- Sends jobs as if that were a read of two hosts.
  local function send(more)
    ends = more
    return client:send_job(retarus.job "+491760000001")
  end

  before_each(function()
    client.operations.send_job = setmetatable({ safe = true, hosts = { "de2", "de1" },
      ask = first_that_answers }, { __index = client.operations.send_job })
  end)

  it("is repeated, though one of the hosts could not be asked the time before", function()
    assert(send { NOT_BEGUN, 200 })
    assert(send { 503, 503, 200 })
    assert.same({}, ends)
  end)

  it("takes other slots where it is not known how the last attempt ended", function()
    assert(send { letters.unknown "nobody answers", 200 })
    local claims = client.settings.runtime.claims
    assert.equal(2, #claims)
    assert.are_not.equal(claims[1], claims[2])
  end)

  it("is not in doubt because the one before was", function()
    assert(send { 503, 503, 200 })
    ends = { NOT_BEGUN, NOT_BEGUN }
    local _, err = client:send_job(retarus.job "+491760000001")
    assert.equal("not_sent", err.outcome)
  end)
end)

describe("A text that is sent by a call that serves again", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:reply(usual.taken()) end)

  local function client_of(more)
    local client = usual.client_of(server, more)
    finally(function() client:close() end)
    return client
  end

  it("has a deadline of its own", function()
    local client = client_of { deadline = 1 }
    assert(client:send_sms(TEXT))
    script.sleep(1.1)
    assert(client:send_sms(TEXT))
  end)

  it("has its own time to wait for a slot", function()
    local client = client_of { rate_limit = { calls = 1, period = 0.3 }, max_wait = 0.5 }
    for _ = 1, 4 do assert(client:send_sms(TEXT)) end
  end)

  it("has its own options", function()
    local client = client_of()
    assert(client:send_sms(TEXT))
    server:reply { { sleep = 0.5 }, usual.taken() }
    assert(client:send_sms(TEXT, { timeout = 5 }))
  end)

  it("is none of send_all", function()
    local client = client_of()
    for _, _, err in client:send_all { TEXT } do assert.is_nil(err) end
    assert(client:send_sms(TEXT))
  end)

  it("waits as its own place has it", function()
    local client = client_of { timeout = 5 }
    local function send() return assert(client:send_sms(TEXT)) end
    send()
    server:reply { { sleep = 2 }, usual.taken() }
    local began = core.now()
    sms.all { send, send }
    assert.is_true(core.now() - began < 4, "one after the other")
  end)

  it("is nobody else's while it is under way", function()
    local client = client_of { retry = { base = 0 }, timeout = 5 }
    assert(client:send_sms(TEXT))
    server:replies { usual.taken(), raw_server.http(429, "", "Retry-After: 0\r\n"), usual.taken() }
    server:forget()
    local bodies, texts = {}, {}
    for i = 1, 3 do
      bodies[i] = function()
        return assert(client:send_sms { from = "Acme", to = "447700900000", text = "t" .. i })
      end
    end
    sms.all(bodies)
    for _, request in ipairs(server:requests()) do texts[request.text:match "text=(%w+)"] = true end
    assert.same({ t1 = true, t2 = true, t3 = true }, texts)
  end)

  it("holds no params once it has ended", function()
    local client = client_of()
    local known = setmetatable({}, { __mode = "k" })
    local function send()
      local params = { from = "Acme", to = "447700900000", text = "Hello" }
      known[params] = true
      assert(client:send_sms(params))
    end
    send()
    collectgarbage()
    collectgarbage()
    assert.is_nil((next(known)))
  end)
end)

describe("A long body", function()
  local LENGTH, LETTERS = 20000, { "a", "b", "c" }
  local TAKEN = raw_server.http(201, '{"jobId":"J"}')
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  -- How often a job of each letter alone has arrived.
  local function arrived()
    local counts = {}
    for _, request in ipairs(server:requests()) do
      local text = request.text:match '"text":"([^"]*)"'
      assert.equal(text:sub(1, 1):rep(LENGTH), text)
      counts[text:sub(1, 1)] = (counts[text:sub(1, 1)] or 0) + 1
    end
    return counts
  end

  it("is one call's at a time, while others are sent, refused and repeated", function()
    local client = retarus.client_of(server.url)
    finally(function() client:close() end)
    for _ = 1, 4 do
      server:forget()
      server:replies { raw_server.http(429, "", "Retry-After: 0\r\n"), raw_server.http(400, "{}"),
        TAKEN, TAKEN }
      local sends, refused = {}, 0
      for i, letter in ipairs(LETTERS) do
        local job = retarus.job "+491760000001"
        job.messages[1].text = letter:rep(LENGTH)
        sends[i] = function() return client:send_job(job) end
      end
      for _, told in ipairs(sms.all(sends)) do refused = refused + (told[1] and 0 or 1) end
      local counts = arrived()
      assert.same({ 1, 4 }, { refused, counts.a + counts.b + counts.c })
    end
  end)
end)
