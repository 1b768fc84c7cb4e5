-- Timers that are not nginx's own: Kong puts a pool of a few light threads in their place.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  pool = require "spec.support.nginx.pool"
  ngx.timer.at, ngx.timer.every = pool.at, pool.every
  cjson = require "cjson.safe"
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  hooks = require "spec.support.nginx.hooks"
  handlers.open("%s")
]]

local HTTP = [[
  lua_shared_dict kept 1m;
  init_worker_by_lua_block {
    local ok, err = sms.later(print)
    handlers.keep("unstarted", { ok = ok, kind = err and err.kind, message = tostring(err) })
    pool.start()
    sms.later(function() handlers.call_and_keep "later-init_worker" end)
  }
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /emit { content_by_lua_block { hooks.emit() } }
  location /told { content_by_lua_block { hooks.told() } }
  location /kept { content_by_lua_block { handlers.kept() } }
  location /later {
    content_by_lua_block {
      for i = 1, tonumber(ngx.var.arg_n) do
        sms.later(function() handlers.call("later-" .. i) end)
      end
    }
  }
]]

describe("In an nginx whose timers are a pool", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start()
    server:start { init = INIT:format(box.urls.nexmo), http = HTTP, locations = LOCATIONS }
  end

  local function kept(name)
    return cjson.decode(process.wait(name, 5, function()
      local _, body = server:get("/kept?name=" .. name)
      return body ~= "" and body
    end))
  end

  it("sms.later says in words that there are none yet", function()
    start()
    local told = kept "unstarted"
    assert.is_nil(told.ok)
    assert.equal("internal", told.kind)
    assert.matches("nginx gives no timer: .*the timer module is not started", told.message)
    assert.same({ ref = "later-init_worker" }, kept "later-init_worker")
  end)

  it("more functions of sms.later than it has threads end soon", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    server:get "/later?n=200"
    process.wait("200 calls", 4, function() return box:count() >= 200 end)
    assert.equal("after", server:ask "/one?ref=after".ref)
    assert.equal("", server:log())
  end)

  it("hooks that wait are told in order", function()
    start()
    server:ask "/emit?n=5&kind=sleeps"
    process.wait("5 hooks", 5, function() return server:ask "/told".ended == 5 end)
    assert.same({ 1, 2, 3, 4, 5 }, server:ask "/told".told)
    assert.equal("", server:log())
  end)

  it("workers that are told to quit let what they began end", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.3 }
    server:get "/later?n=40"
    local call, old = server:begin "/one?ref=last", server:workers()[1]
    process.wait("the calls", 5, function() return box:count() >= 1 end)
    server:signal "QUIT"
    local _, body = nginx.answer(call)
    assert.equal("last", cjson.decode(body).ref, body)
    process.wait("the worker to go", 5, function() return not process.lives(old) end)
    assert.equal(42, box:count()) -- that of init_worker among them
  end)
end)
