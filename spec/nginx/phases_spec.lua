-- Where in nginx calls can wait, and what is said where they cannot.

local cjson = require "cjson"
local child = require "spec.support.child"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  cjson = require "cjson.safe"
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s")
  handlers.in_init = handlers.call "init"
]]

local HTTP = [[
  lua_shared_dict kept 1m;
  init_worker_by_lua_block {
    handlers.call_and_keep "init_worker"
    sms.later(function() handlers.call_and_keep "later-init_worker" end)
    ngx.timer.at(0, function() handlers.call_and_keep "timer-init_worker" end)
  }
  exit_worker_by_lua_block { handlers.call_and_keep "exit_worker" }
  upstream chosen {
    server 0.0.0.1;
    balancer_by_lua_block {
      handlers.call_and_keep "balancer"
      sms.later(function() handlers.call_and_keep "later-balancer" end)
      require "ngx.balancer".set_current_peer("127.0.0.1", ngx.var.server_port)
    }
  }
]]

local LOCATIONS = [[
  listen 127.0.0.1:%d ssl;
  ssl_certificate %s/server.pem;
  ssl_certificate_key %s/server.key;
  ssl_certificate_by_lua_block { handlers.call_and_keep "ssl_cert" }
  server_rewrite_by_lua_block {
    if ngx.var.uri == "/server_rewrite" then handlers.one() ngx.exit(200) end
  }
  location /kept { content_by_lua_block { handlers.kept() } }
  location /init { content_by_lua_block { handlers.say(handlers.in_init) } }
  location /empty { return 200 ""; }
  location /rewrite { rewrite_by_lua_block { handlers.one() ngx.exit(200) } }
  location /access { access_by_lua_block { handlers.one() ngx.exit(200) } }
  location /content { content_by_lua_block { handlers.one() } }
  location /timer {
    content_by_lua_block { ngx.timer.at(0, function() handlers.call_and_keep "timer" end) }
  }
  location /set {
    set_by_lua_block $told { handlers.call_and_keep "set" return "" }
    return 200 $told;
  }
  location /header_filter {
    header_filter_by_lua_block {
      handlers.call_and_keep "header_filter"
      sms.later(function() handlers.call_and_keep "later-header_filter" end)
    }
    return 200 "x";
  }
  location /body_filter {
    body_filter_by_lua_block {
      handlers.call_and_keep "body_filter"
      if ngx.arg[2] then
        sms.later(function() handlers.call_and_keep "later-body_filter" end)
      end
    }
    return 200 "x";
  }
  location /log {
    log_by_lua_block {
      handlers.call_and_keep "log"
      sms.later(function() handlers.call_and_keep "later-log" end)
    }
    return 200 "x";
  }
  location /balancer { proxy_pass http://chosen/empty; }
  location /many_later {
    content_by_lua_block {
      for i = 1, tonumber(ngx.var.arg_n) do
        sms.later(function() handlers.call("later-" .. i) end)
      end
      sms.later(function() error "spoilt" end)
    }
  }
]]

describe("The phases of nginx", function()
  local box, server, tls_port

  setup(function()
    box = sandbox.start { tls = true }
    tls_port = nginx.free_port()
    server = nginx.start { init = INIT:format(box.urls.nexmo), http = HTTP,
      locations = LOCATIONS:format(tls_port, box.dir, box.dir) }
  end)
  teardown(function()
    server:stop()
    box:stop()
  end)

  local function kept(name)
    return cjson.decode(process.wait(name, 5, function()
      local _, body = server:get("/kept?name=" .. name)
      return body ~= "" and body
    end))
  end

  local function assert_refused(phase, told)
    assert.equal("invalid", told.kind)
    assert.equal("not_sent", told.outcome)
    assert.equal(("nginx cannot wait in its phase '%s'; use sms.later(function) for calls "
      .. "whose result is not needed there"):format(phase), told.message)
  end

  for _, phase in ipairs { "server_rewrite", "rewrite", "access", "content" } do
    it("let calls wait in " .. phase, function()
      local status, body = server:get(("/%s?ref=%s"):format(phase, phase))
      assert.equal(200, status)
      assert.equal(phase, cjson.decode(body).ref)
    end)
  end

  it("let calls wait in a timer", function()
    server:get "/timer"
    assert.same({ ref = "timer" }, kept "timer")
  end)

  it("let calls wait in ssl_certificate", function()
    local ended = child.shell(("printf 'GET /empty HTTP/1.0\r\n\r\n' | openssl s_client -quiet "
      .. "-connect 127.0.0.1:%d 2>&1"):format(tls_port))
    assert.matches("200 OK", ended.out)
    assert.same({ ref = "ssl_cert" }, kept "ssl_cert")
  end)

  it("refuse calls in init", function()
    local _, body = server:get "/init"
    assert_refused("init", cjson.decode(body))
  end)

  for _, phase in ipairs { "set", "header_filter", "body_filter", "log", "balancer" } do
    it("refuse calls in " .. phase, function()
      assert.equal(200, (server:get("/" .. phase)))
      assert_refused(phase, kept(phase))
    end)
  end

  it("refuse calls in init_worker", function()
    assert_refused("init_worker", kept "init_worker")
  end)

  for _, phase in ipairs { "init_worker", "header_filter", "body_filter", "log", "balancer" } do
    it(("let calls of sms.later wait in %s"):format(phase), function()
      server:get("/" .. phase)
      assert.same({ ref = "later-" .. phase }, kept("later-" .. phase))
    end)
  end

  it("let calls wait in a timer of init_worker", function()
    assert.same({ ref = "timer-init_worker" }, kept "timer-init_worker")
  end)

  it("have a place for any number of calls of sms.later", function()
    box:clear_arrivals()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.3 }
    server:get "/many_later?n=600" -- nginx itself runs 256 timers at a time
    local seen, count = {}, 0
    process.wait("all calls", 20, function() return box:count() >= 600 end)
    for _, arrival in ipairs(box:arrivals "send_sms") do
      local is_new = arrival.ref:find "^later%-%d+$" and not seen[arrival.ref]
      count = count + (is_new and 1 or 0)
      seen[arrival.ref] = true
    end
    assert.equal(600, count)
    process.wait("its error", 20, function() return server:log():find "spoilt" end)
    assert.equal("", server:log "spoilt")
  end)
end)
