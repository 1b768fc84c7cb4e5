-- Phases in which calls can wait where the module, or OpenResty's patches of nginx, have them.
-- Where they do not, a case is pending and says which version of the module there is.

local cjson = require "cjson"
local child = require "spec.support.child"
local nginx = require "spec.support.servers.nginx"
local nginx_conf = require "spec.support.servers.nginx_conf"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  cjson = require "cjson.safe"
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s")
  is_patched = require "ngx.process".enable_privileged_agent() == true
]]

local LOCATIONS = [[
  listen 127.0.0.1:@tls@ ssl;
  ssl_certificate @dir@/server.pem;
  ssl_certificate_key @dir@/server.key;
  ssl_protocols TLSv1.2;
  ssl_session_tickets off;
  location /kept { content_by_lua_block { handlers.kept() } }
  location /empty { return 200 ""; }
  location /module {
    content_by_lua_block {
      handlers.say { version = ngx.config.ngx_lua_version, is_patched = is_patched }
    }
  }
  @locations@
]]

local CONNECT = "printf 'GET /empty HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet -tls1_2 "
  .. "-connect 127.0.0.1:%d %s 2>&1"

describe("Where the host has it", function()
  local box, server = sandbox.for_specs { tls = true }, nginx.for_specs()
  local tls_port

  local function start(http, locations, more)
    tls_port = nginx.free_port()
    local values = { tls = tls_port, dir = box.dir, locations = locations or "" }
    return server:start({ init = INIT:format(box.urls.nexmo),
      http = "lua_shared_dict kept 1m;" .. (http or ""),
      locations = (LOCATIONS:gsub("@(%w+)@", values)) }, more)
  end

  -- Whether the module has a directive; else it is pending, with its version.
  local function has(directive, ...)
    local ok, why = pcall(start, ...)
    if ok then return true end
    assert.is_truthy(why:find "unknown directive" or why:find "directive is not allowed here", why)
    server.dir = nil
    start()
    pending(("ngx_lua %d has no %s"):format(server:ask "/module".version, directive))
    return false
  end

  local function kept(name)
    return cjson.decode(process.wait(name, 5, function()
      local _, body = server:get("/kept?name=" .. name)
      return body ~= "" and body
    end))
  end

  -- What a call in a phase of TLS comes to, by whether OpenResty's patches are there.
  local function assert_by_patches(phase)
    local module, told = server:ask "/module", kept(phase)
    if module.is_patched then
      assert.same({ ref = phase }, told)
      return
    end
    assert.equal("invalid", told.kind)
    assert.matches("nginx cannot wait in its phase '" .. phase .. "'", told.message)
    pending(("ngx_lua %d without OpenResty's patches cannot wait in %s: calls are refused there")
      :format(module.version, phase))
  end

  it("precontent lets calls wait", function()
    if has("precontent_by_lua_block", nil, [[
      location /precontent {
        precontent_by_lua_block { handlers.call_and_keep "precontent" }
        return 200 "";
      }
      location = /precontent_content {
        precontent_by_lua_block { handlers.call_and_keep "precontent" }
        content_by_lua_block { ngx.say "after" }
      }]]) then
      server:get "/precontent_content"
      assert.same({ ref = "precontent" }, kept "precontent")
    end
  end)

  it("ssl_client_hello lets calls wait", function()
    start([[ssl_client_hello_by_lua_block { handlers.call_and_keep "ssl_client_hello" }]])
    assert.matches("200 OK", child.shell(CONNECT:format(tls_port, "")).out)
    assert_by_patches "ssl_client_hello"
  end)

  it("ssl_session_fetch lets calls wait", function()
    start([[
      ssl_session_store_by_lua_block { }
      ssl_session_fetch_by_lua_block { handlers.call_and_keep "ssl_session_fetch" }]])
    local session = box.dir .. "/session"
    child.shell(CONNECT:format(tls_port, "-sess_out " .. session))
    assert.matches("200 OK", child.shell(CONNECT:format(tls_port, "-sess_in " .. session)).out)
    assert_by_patches "ssl_session_fetch"
  end)

  it("proxy_ssl_verify lets calls wait", function()
    if has("proxy_ssl_verify_by_lua_block", nil, [[
      location /verify {
        proxy_pass https://127.0.0.1:$arg_port/empty;
        proxy_ssl_verify_by_lua_block { handlers.call_and_keep "proxy_ssl_verify" }
      }]]) then
      assert.equal(200, (server:get("/verify?port=" .. tls_port)))
      assert_by_patches "proxy_ssl_verify"
    end
  end)

  it("preread of a stream lets calls wait", function()
    local main = nginx_conf.load_modules("ngx_stream", "ngx_stream_lua") .. ([[
      stream {
        lua_package_path "%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;";
        lua_package_cpath "%s/?.so;;";
        init_by_lua_block {
          sms = require "sms"
          handlers = require "spec.support.nginx.handlers"
          handlers.open("%s")
        }
        server {
          listen unix:%s/stream;
          preread_by_lua_block { told = handlers.call "preread" }
          content_by_lua_block { handlers.say(told) }
        }
      }]]):format(nginx_conf.here, nginx_conf.here, nginx_conf.here, nginx_conf.modules,
      box.urls.nexmo, box.dir)
    if has("preread_by_lua_block", nil, nil, { main = main }) then
      local answer = child.shell(("curl -s --max-time 5 --unix-socket %s/stream http://x/")
        :format(box.dir))
      assert.same({ ref = "preread" }, cjson.decode(answer.out))
    end
  end)
end)
