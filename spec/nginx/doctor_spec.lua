-- What operators see: sms.nginx's status and doctor.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  cjson = require "cjson.safe"
  sms = require "sms"
  broken = require "spec.support.nginx.broken"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { rate_limit = %s, retry = { base = 0.01 } })
]]

local EMPTY = [[
  sms = require "sms"
  broken = require "spec.support.nginx.broken"
  handlers = require "spec.support.nginx.handlers"
]]

local OPTIONS = [[, ca_file = "%s", base_url = "%s"]]

local HTTP = "lua_shared_dict kept 1m;"

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /kept { content_by_lua_block { handlers.kept() } }
  location /doctor { content_by_lua_block { handlers.say(broken.doctor()) } }
  location /log { log_by_lua_block { handlers.keep("log", broken.doctor()) } return 200; }
]]

local NAMES = { "ca", "phase", "socket", "driver", "code_cache", "slots", "slots_path",
  "users", "environment", "clock", "libcurl", "tls", "warnings", "metrics" }

describe("For operators", function()
  local box, server = sandbox.for_specs { tls = true }, nginx.for_specs()

  local function start(limit, options)
    server:start({ init = INIT:format(box.urls.nexmo, limit or "false"), http = HTTP,
      locations = LOCATIONS }, options)
  end

  -- The message of the only check that is not ok, or of none.
  local function complaint(told)
    local name, message
    for i, check in ipairs(told.checks) do
      assert.equal(NAMES[i], check.name)
      local words = check.message or "ok"
      if check.name == "driver" then words = "ok: " .. words end
      assert.equal(words:find "^ok" ~= nil, check.ok)
      assert.matches(("%s +%s\n"):format(check.name, (words:gsub("%p", "%%%0"))), told.text)
      if not check.ok then
        assert.is_nil(name, check.message)
        name, message = check.name, check.message
      end
    end
    assert.equal(#NAMES, #told.checks)
    return name, message
  end

  local function assert_complaint(name, pattern, told)
    local found, message = complaint(told)
    assert.equal(name, found, message)
    assert.matches(pattern, message)
  end

  it("status counts calls, failures, retries, waits and free slots", function()
    start '{ calls = 3, period = 2, share = "process" }'
    box:fault { operation = "send_sms", kind = "throttle", http = true, retry_after = 0, count = 1 }
    for i = 1, 3 do assert.equal("s" .. i, server:ask("/one?ref=s" .. i).ref) end
    box:fault { operation = "send_sms", kind = "status", status = 500 }
    assert.equal("ambiguous", server:ask "/one?ref=bad".outcome)
    local status = server:ask "/status"
    assert.equal(4, status.nexmo.calls)
    assert.equal(1, status.nexmo.failures)
    assert.equal(1, status.nexmo.retries)
    assert.is_true(status.nexmo.waits >= 1)
    assert.same({ calls = 0, failures = 0, retries = 0, waits = 0 }, status.retarus)
    assert.equal(0, status.in_flight)
    local name, free = next(status.slots_free)
    assert.equal("nexmo:abcd1234 3/2s", name)
    assert.is_true(free >= 0 and free <= 3)
    process.wait("free slots", 5, function()
      return server:ask "/status".slots_free[name] == 3
    end)
  end)

  it("status counts what is in flight", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.5 }
    local connection = server:begin "/one?ref=x"
    process.wait("the call", 5, function() return server:ask "/status".in_flight == 1 end)
    nginx.answer(connection)
    assert.equal(0, server:ask "/status".in_flight)
  end)

  it("status is told in Prometheus' format", function()
    start '{ calls = 3, period = 0.5, share = "process" }'
    server:ask "/one?ref=x"
    local _, text = server:get "/status?text=1"
    assert.equal(0, #text:gsub("# HELP sms_[%l_]+ [^\n]+%.\n# TYPE sms_[%l_]+ %l+\n", "")
      :gsub('sms_[%l_]+{[%l_]+="[^\n]*"} [%d.]+\n', ""), text)
    local worker = server:workers()[1]
    local function assert_told(sample)
      assert.matches("\n" .. sample:gsub("%%W", ('worker="%d"'):format(worker)) .. "\n", text)
    end
    assert_told('sms_calls_total{provider="nexmo",operation="send_sms",kind="ok",'
      .. 'outcome="accepted",%W} 1')
    assert_told "sms_in_flight{%W} 0"
    assert_told 'sms_slots_free{provider="nexmo",account="%x%x%x%x",limit="3/0.5s",%W} %d'
    assert.is_nil(text:find "abcd1234")
  end)

  it("the doctor has nothing to say about a sound set-up", function()
    start()
    assert.is_nil(complaint(server:ask "/doctor"))
    server:signal "HUP" -- the number of reloads does not matter
    server:signal "HUP"
    server:signal "HUP"
    local first = server:workers()[1]
    process.wait("a new worker", 5, function()
      local workers = server:workers()
      return #workers == 1 and workers[1] ~= first
    end)
    assert.is_nil(complaint(server:ask "/doctor"))
  end)

  it("the doctor misses a CA bundle where one is needed", function()
    start()
    assert.is_nil(complaint(server:ask "/doctor?broken=ca")) -- its hosts speak plain HTTP
    for file, complains in pairs { ["/nowhere.pem"] = true, [box.urls.ca_file] = false } do
      server:stop()
      start("false " .. OPTIONS:format(file, box.urls.nexmo_tls))
      local name, message = complaint(server:ask "/doctor")
      assert.equal(complains and "ca" or nil, name)
      assert.matches(complains and "no CA bundle at /nowhere.pem" or "^$", message or "")
    end
    server:stop()
    start(nil, { init = EMPTY, main = "env NEXMO_API_KEY=abcd1234;" })
    assert_complaint("ca", "no CA bundle at /nowhere/ca.pem that", server:ask "/doctor?broken=ca")
  end)

  it("the doctor names a phase in which nothing can wait", function()
    start()
    server:get "/log"
    local told = process.wait("the log phase", 5, function()
      local _, body = server:get "/kept?name=log"
      return body ~= "" and cjson.decode(body)
    end)
    assert_complaint("phase", "cannot wait in its phase 'log'", told)
  end)

  it("the doctor notices that the code cache is off", function()
    start(nil, { code_cache = false })
    for _ = 1, 2 do server:ask "/doctor" end
    assert_complaint("code_cache", "lua_code_cache seems to be off", server:ask "/doctor")
  end)

  it("the doctor notices slots that each worker has for itself", function()
    start '{ calls = 3, period = 0.5, share = "process" }'
    assert_complaint("slots", "^the limit nexmo:abcd1234 3/0.5s is kept by each worker for itself",
      server:ask "/doctor")
  end)

  it("the doctor notices slots that a container forgets", function()
    local folder = process.output_of "mktemp -d"
    process.output_of("chmod 777 " .. folder)
    start(('{ calls = 3, period = 0.5, share = "machine" }, slots_path = "%s"'):format(folder))
    assert.is_nil(complaint(server:ask "/doctor?broken=container"))
    server:stop()
    process.output_of("rm -r " .. folder)
    start '{ calls = 3, period = 0.5, share = "machine" }'
    assert_complaint("slots_path", "^the limit nexmo:abcd1234 3/0.5s: .* at each start of this "
      .. "container", server:ask "/doctor?broken=container")
  end)

  it("the doctor notices that the environment was not passed on", function()
    start(nil, { init = EMPTY })
    assert_complaint("environment", "env NEXMO_API_KEY;', or for a sandbox 'env SMS_SANDBOX;'",
      server:ask "/doctor")
    server:stop()
    start(nil, { init = EMPTY, main = "env RETARUS_USERNAME=user;" })
    assert.is_nil(complaint(server:ask "/doctor"))
  end)

  it("the doctor tells that a sandbox takes the providers' place", function()
    start(nil, { init = EMPTY .. "handlers.nexmo = sms.nexmo { rate_limit = false }",
      main = ("env SMS_SANDBOX=%s; env NEXMO_API_KEY=real;"):format(box.dir) })
    assert.equal("s1", server:ask("/one?ref=s1").ref)
    assert.matches("environment +ok: SMS_SANDBOX is set: calls go to the sandbox in '",
      server:ask "/doctor".text)
  end)

  it("who has no credentials is told how nginx passes on those of a sandbox, too", function()
    start(nil, { init = EMPTY .. "_G.told = select(2, pcall(sms.nexmo))",
      locations = "location /told { content_by_lua_block { handlers.say(_G.told) } }" })
    assert.matches("'env NEXMO_API_KEY;', or for a sandbox 'env SMS_SANDBOX;'", server:ask "/told")
  end)

  it("the doctor notices a wrong clock", function()
    start()
    assert_complaint("clock", "^the clock is wrong", server:ask "/doctor?broken=clock")
  end)

  it("the doctor notices a libcurl that one slow name can hold up", function()
    start()
    assert_complaint("libcurl", "^libcurl 7.80.0 has no QUICK_EXIT",
      server:ask "/doctor?broken=libcurl")
  end)

  it("the doctor notices a TLS library that keeps connections from being used again", function()
    start()
    assert_complaint("tls", "^libcurl has GnuTLS/3.7.9 for TLS", server:ask "/doctor?broken=tls")
  end)
end)
