-- Where an attempt is not made, and where it is broken off.

local child = require "spec.support.child"
local core = require "sms.core"
local json = require "sms.base.json"
local letters = require "sms.runtime.letters"
local process = require "spec.support.process"
local raw_server = require "spec.support.servers.raw_server"
local script = require "sms.runtime.script"
local sms = require "sms"
local usual = require "spec.support.usual"

local CALLS, TEXT = usual.CALLS, usual.TEXT
local free, taken = usual.free, usual.taken

describe("An attempt", function()
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
    server:forget()
    local _, err = client:send_sms(TEXT)
    assert.equal("rate_limited", err.kind)
    assert.same({}, server:requests())
    client.limits.queue:leave(place)
    assert(client:send_sms(TEXT))
  end)

  -- A runtime whose requests end so, each after some time.
  local function ending(seconds, answer)
    local runtime = { tries = 0, sleep = script.sleep }
    function runtime.perform(_, _, _, _, _, _, claims)
      runtime.tries = runtime.tries + 1
      script.sleep(seconds)
      if not answer.keeps_slots then claims:settle(answer.sent, core.now()) end
      return nil, answer
    end
    return runtime
  end

  it("that comes back too late begins no new deadline", function()
    local late = { ending = "too_late", sent = false, status = 0, body = "", phase = "queue",
      message = "" }
    local runtime = ending(0.15, late)
    local client = client_of { runtime = runtime, timeout = 10, deadline = 0.5 }
    local began = core.now()
    local _, err = client:send_sms(TEXT)
    assert.same({ "timeout", "not_sent" }, { err.kind, err.outcome })
    assert.is_true(runtime.tries > 1)
    assert.is_true(core.now() - began < 5)
    assert.same({ CALLS, CALLS + 1 }, free(client))
  end)

  it("whose end is unknown leaves its slots to their lease", function()
    local client = client_of { runtime = ending(0, letters.unknown "nobody answers"),
      rate_limit = { calls = 1, period = 0.01 }, timeout = 2, max_wait = 0 }
    local _, err = client:send_sms(TEXT)
    assert.same({ "cancelled", "ambiguous" }, { err.kind, err.outcome })
    local function free_after(seconds) return client.limits:free(core.now() + seconds)[1].slots end
    assert.equal(0, free_after(1)) -- its period has passed, its time-out and the reserve have not
    assert.equal(1, free_after(4))
  end)

  it("of which some may still arrive leaves its slots to their lease", function()
    local client = client_of { runtime = ending(0, { ending = "timed_out", sent = true,
        keeps_slots = true, status = 0, body = "", phase = "answer", message = "" }),
      rate_limit = { calls = 1, period = 0.01 }, timeout = 2, max_wait = 0 }
    local _, err = client:send_sms(TEXT)
    assert.same({ "timeout", "ambiguous" }, { err.kind, err.outcome })
    assert.matches("the timeout of 2 s is over", err.message, 1, true)
    assert.equal(0, client.limits:free(core.now() + 1)[1].slots)
    assert.equal(1, client.limits:free(core.now() + 4)[1].slots)
  end)

  it("lets what breaks off its decoding through", function()
    server:reply(taken("", ',"more":{}')) -- what is not declared is not read in one pass
    local client = client_of { rate_limit = false, timeout = 5 }
    local function interrupt()
      if debug.getinfo(2, "f").func == json.read then
        debug.sethook()
        error("interrupted!", 0)
      end
    end
    debug.sethook(interrupt, "c")
    local ok, message = pcall(client.send_sms, client, TEXT)
    debug.sethook()
    assert.same({ false, "interrupted!" }, { ok, message })
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

  it("may be made by a finaliser while the answer of another one is told", function()
    server:reply(taken())
    local client = client_of { rate_limit = false, timeout = 5 }
    local pause, pace = collectgarbage("setpause", 100), collectgarbage("setstepmul", 400)
    collectgarbage() -- by which the pause counts from now on
    local sent, on = 0, true
    finally(function()
      on = false
      collectgarbage("setpause", pause)
      collectgarbage("setstepmul", pace)
    end)
    local function finalise()
      if on then
        assert(client:send_sms(TEXT))
        sent = sent + 1
      end
    end
    for i = 1, 2000 do
      local garbage = rawget(_G, "newproxy") and newproxy(true) -- luacheck: ignore
      if garbage then
        getmetatable(garbage).__gc = finalise
      else
        setmetatable({}, { __gc = finalise })
      end
      assert(client:send_sms(TEXT))
      if i % 7 == 0 then collectgarbage("step", 1) end
    end
    assert.is_true(sent > 100, sent)
  end)

  it("can be interrupted while it waits for the answer", function()
    server:reply { { sleep = 60 } }
    server:forget()
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
    local ended = process.interrupted(child.command(program),
      function() return server:requests()[1] end)
    assert.equal(1, ended.status)
    assert.equal("", ended.out)
    assert.matches("interrupted!", ended.err, 1, true)
  end)
end)
