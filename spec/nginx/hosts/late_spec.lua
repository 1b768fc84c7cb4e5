-- What runs in a worker requires nothing there: its user may not be able to read the files.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  cjson = require "cjson.safe"
  sms = require "sms"
  operators = require "sms.nginx"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s")
  bulk = require "spec.support.nginx.bulk"
  package.loaders[2] = function(name) error("required late: " .. name) end
  package.loaders[3], package.loaders[4] = nil, nil
]]

local HTTP = "lua_shared_dict kept 1m;"

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /many { content_by_lua_block { handlers.many() } }
  location /raise { content_by_lua_block { handlers.raise() } }
  location /close { content_by_lua_block { handlers.close() } }
  location /follow { content_by_lua_block { handlers.follow() } }
  location /bulk { content_by_lua_block { bulk.here() } }
  location /kept { content_by_lua_block { handlers.kept() } }
  location /doctor { content_by_lua_block { handlers.say((operators.doctor())) } }
  location /status { content_by_lua_block { handlers.say((operators.status())) } }
  location /each {
    content_by_lua_block {
      local found = {}
      for item, err in handlers.nexmo:each("list_applications", {}) do
        found[#found + 1] = item and item.id or tostring(err)
      end
      handlers.say(found)
    }
  }
  location /later {
    log_by_lua_block { sms.later(function() handlers.call_and_keep "later" end) }
    return 200;
  }
  location /hook {
    content_by_lua_block {
      handlers.open(ngx.var.arg_base, { on_event = function(event)
        handlers.keep("hook", event.name)
      end })
      handlers.one()
    }
  }
  location /gateway {
    content_by_lua_block {
      local gateway = sms.gateway { handlers.nexmo }
      local result, err = gateway:send { to = "447700900000", text = "Hello", from = "Acme" }
      handlers.say { ok = result ~= nil, err = err and tostring(err) }
    }
  }
]]

describe("A worker that cannot read the library's files", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function kept(name)
    return cjson.decode(process.wait(name, 5, function()
      local _, body = server:get("/kept?name=" .. name)
      return body ~= "" and body
    end))
  end

  it("does all that it does", function()
    server:start { init = INIT:format(box.urls.nexmo), http = HTTP, locations = LOCATIONS }
    server:get "/later"
    assert.same({ ref = "later" }, kept "later")
    assert.equal("x", server:ask "/one?ref=x".ref)
    assert.same({ "m-1", "m-2" }, server:ask "/many?n=2&ref=m")
    assert.is_false(server:ask "/raise".ok)
    assert.equal("hooked", server:ask("/hook?ref=hooked&base=" .. box.urls.nexmo).ref)
    assert.is_string(kept "hook")
    assert.equal(3, server:ask "/bulk?n=3&ref=b&in_flight=2".count)
    assert.same({ ok = true }, server:ask "/gateway")
    assert.is_table(server:ask "/each")
    local told = server:ask("/follow?base=" .. box.urls.retarus)
    assert.is_nil(told[#told]:find "late")
    assert.is_table(server:ask "/status".slots_free)
    assert.is_table(server:ask "/doctor")
    box:fault { operation = "send_sms", kind = "latency", seconds = 5 }
    assert.equal("cancelled", server:ask "/close".kind)
    assert.equal("", server:log())
  end)
end)
