-- Where the first attempt in one pass is not made, and where it is broken off.

local attempt = require "sms.call.attempt"
local child = require "spec.support.child"
local core = require "sms.core"
local loops = require "spec.support.loops"
local raw_server = require "spec.support.servers.raw_server"
local script = require "sms.runtime.script"
local sms = require "sms"
local usual = require "spec.support.usual"

local CALLS, TEXT = usual.CALLS, usual.TEXT
local free, taken = usual.free, usual.taken

describe("The first attempt in one pass", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)

  local function client_of(more)
    local client = usual.client_of(server, more)
    finally(function() client:close() end)
    return client
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
      taken() }
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
    server:reply(taken())
    local client = client_of { max_wait = 0 }
    assert(client:send_sms(TEXT))
    local place = client.limits.queue:join(nil, core.now())
    local passes = spy.on(script, "exchange")
    finally(function() passes:revert() end)
    local _, err = client:send_sms(TEXT)
    assert.equal("rate_limited", err.kind)
    assert.spy(passes).was_not_called()
    client.limits.queue:leave(place)
    assert(client:send_sms(TEXT))
  end)

  it("is not made where its time to begin has passed", function()
    server:reply(taken())
    local reserve = attempt.LEASE_RESERVE
    finally(function() attempt.LEASE_RESERVE = reserve end)
    attempt.LEASE_RESERVE = 0
    local client = client_of()
    assert(client:send_sms(TEXT))
    local exchange = client.exchanges[client.operations.send_sms]
    local function refuses(runtime)
      assert(runtime.exchange(exchange, TEXT, 1, 1)) -- from now on there is a connection
      server:forget()
      local before = free(client)
      assert.same({}, { runtime.exchange(exchange, TEXT, 0, 1) })
      assert.same(before, free(client))
      assert.same({}, server:requests())
    end
    refuses(script)
    loops.cqueues.run { function() refuses(loops.cqueues.runtime) end }
  end)

  it("may be broken off anywhere: the next ones are made", function()
    server:reply(taken())
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
      assert(sms.all { function() return client:send_sms(TEXT) end }[1][1])
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
