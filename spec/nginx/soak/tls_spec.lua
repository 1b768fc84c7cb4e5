-- TLS of nginx's own, served and opened by workers, beside that of the library's calls, none of
-- which finds a kept connection. The long form: SMS_TEST_LONG=1.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local sandbox = require "spec.support.servers.sandbox"

local SECONDS = os.getenv "SMS_TEST_LONG" and 20 or 1.5
local WORKERS = 2
local STORMS, CALLERS = 4, 6 -- each in the worker that takes its request

local INIT = [[
  sms = require "sms"
  tls = require "spec.support.nginx.tls"
  tls.open({ nexmo_tls = "%s", ca_file = "%s" }, "%s", [==[%s]==])
]]

local HTTP = "lua_ssl_trusted_certificate %s;"

local LOCATIONS = [[
  listen unix:@dir@/own ssl;
  ssl_certificate @dir@/server.pem;
  ssl_certificate_key @dir@/server.key;
  ssl_session_cache shared:tls:1m;
  location /call { content_by_lua_block { tls.call() } }
  location /storm { content_by_lua_block { tls.storm "unix:@dir@/own" } }
]]

describe("TLS in workers of nginx", function()
  local box = sandbox.for_specs { tls = true, keepalive = 0 }
  local server = nginx.for_specs()

  it("is sound while the library opens its own, a connection for each call", function()
    box:settings { record = false }
    local id, key = box:application()
    server:start { workers = WORKERS, http = HTTP:format(box.urls.ca_file),
      init = INIT:format(box.urls.nexmo_tls, box.urls.ca_file, id, key),
      locations = LOCATIONS:gsub("@dir@", box.dir) }
    local storms, told = {}, {}
    for i = 1, STORMS do
      storms[i] = server:begin(("/storm?seconds=%s&n=%d"):format(SECONDS, CALLERS))
    end
    for _, storm in ipairs(storms) do
      local status, body = nginx.answer(storm)
      local answers = status == 200 and cjson.decode(body) or { [status or body] = 1 }
      for answer, count in pairs(answers) do told[answer] = (told[answer] or 0) + count end
    end
    assert.equal("", server:log()) -- which tells of workers that a signal has ended
    local calls = told.OK
    assert.same({ OK = calls }, told)
    print(("# %d calls over TLS in %s s, each asked for over TLS"):format(calls, SECONDS))
    assert.is_true(calls >= STORMS * CALLERS)
  end)
end)
