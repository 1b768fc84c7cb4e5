-- Calls in nginx where the OpenSSL in the process has been built without threads: no thread drives
-- them. `./dev test` runs the other suites of nginx in that way, too.

local cjson = require "cjson"
local core = require "sms.core"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { ca_file = "%s" })
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /many { content_by_lua_block { handlers.many() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /doctor { content_by_lua_block { handlers.say((require("sms.nginx").doctor())) } }
]]

describe("An OpenSSL without threads in nginx", function()
  local box, server = sandbox.for_specs { tls = true }, nginx.for_specs()

  local function start(options, tls)
    server:start({ init = INIT:format(tls and box.urls.nexmo_tls or box.urls.nexmo,
      box.urls.ca_file), locations = LOCATIONS, preload = "no_openssl_threads" }, options)
  end

  local function doctor()
    for _, check in ipairs(server:ask "/doctor") do
      if check.name == "driver" then return check end
    end
  end

  -- The most threads that the worker has while a call is under way.
  local function threads_amid_a_call()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.5, count = 1 }
    local connection = server:begin "/one?ref=slow"
    process.wait("the call", 5, function() return server:ask "/status".in_flight == 1 end)
    local threads = process.usage(server:workers()[1]).threads
    local _, body = nginx.answer(connection)
    assert.equal("slow", cjson.decode(body).ref)
    return threads
  end

  it("is what the worker itself drives its calls for, as its doctor says", function()
    start()
    local plain = process.usage(server:workers()[1]).threads
    assert.equal(plain, threads_amid_a_call())
    local check = doctor()
    assert.is_true(check.ok)
    assert.matches("^each worker drives its calls itself", check.message)
    assert.matches("--with-openssl-opt=threads", check.message, 1, true)
  end)

  if nginx.has_driver_thread then
    it("is missing elsewhere: there a thread drives them", function()
      start { preload = false }
      local plain = process.usage(server:workers()[1]).threads
      assert.equal(plain + 1, threads_amid_a_call())
      assert.same({ name = "driver", ok = true, message = "a thread of its own drives the calls" },
        doctor())
    end)
  end

  it("changes nothing for many calls over TLS", function()
    start(nil, true)
    local told = server:ask "/many?n=200&ref=m"
    for i = 1, 200 do assert.equal("m-" .. i, told[i]) end
    assert.equal(200, box:count())
  end)

  it("lets the worker rest where nothing is under way", function()
    start()
    assert.equal("x", server:ask "/one?ref=x".ref)
    local worker = server:workers()[1]
    local function switches()
      return tonumber(process.read(("/proc/%d/status"):format(worker))
        :match "\nvoluntary_ctxt_switches:%s*(%d+)")
    end
    local before, until_then = switches(), core.now() + 0.5
    process.wait("half a second", 5, function() return core.now() > until_then end)
    assert.is_true(switches() - before < 50, switches() - before .. " wake-ups")
  end)

  it("lets several Lua states drive each other's calls", function()
    start { code_cache = false }
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.2 }
    local connections = {}
    for i = 1, 20 do connections[i] = server:begin("/one?ref=s" .. i) end
    for i = 1, 20 do
      local _, body = nginx.answer(connections[i])
      assert.equal("s" .. i, cjson.decode(body).ref)
    end
    assert.equal(20, box:count())
  end)

  it("lets a worker quit whose calls have ended", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.5, count = 1 }
    local connection, worker = server:begin "/one?ref=last", server:workers()[1]
    process.wait("the call", 5, function() return box:count() == 1 end)
    server:signal "QUIT"
    local _, body = nginx.answer(connection)
    assert.equal("last", cjson.decode(body).ref)
    process.wait("the worker to quit", 2, function() return not process.lives(worker) end)
  end)
end)
