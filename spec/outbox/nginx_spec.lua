-- nginx adds to an outbox by nginx.redis, and asks what became of it.

local cjson = require "cjson"
local outboxes = require "spec.support.outbox.outboxes"
local nginx_server = require "spec.support.servers.nginx"
local redis_server = require "spec.support.servers.redis_server"

local INIT = [[
  local redis = require "nginx.redis"
  local outbox
  function with_outbox(body)
    local err
    outbox, err = outbox or require("sms.redis").outbox {
      name = "handlers",
      connect = function()
        local client = redis:new()
        client:set_timeout(300)
        local ok, why = client:connect("127.0.0.1", %d)
        if not ok then return nil, why end
        return client
      end,
      release = function(client, ok)
        if ok then client:set_keepalive(10000, 8) else client:close() end
      end,
    }
    if not outbox then return ngx.say(tostring(err)) end
    local done, why = body(outbox)
    ngx.say(require("cjson").encode(done or { outcome = why.outcome, message = tostring(why) }))
  end
]]

local LOCATIONS = [[
  location = /add {
    content_by_lua_block {
      with_outbox(function(outbox)
        return outbox:add({ to = "447700900000", text = "code" }, { key = ngx.var.arg_key,
          priority = "high" })
      end)
    }
  }
  location = /result {
    content_by_lua_block {
      with_outbox(function(outbox) return outbox:wait(ngx.var.arg_key, 0.1) end)
    }
  }
]]

describe("An outbox in nginx", function()
  local server, nginx

  setup(function()
    server = redis_server.start(outboxes.DURABLE)
    nginx = nginx_server.start { workers = 2, init = INIT:format(server.port),
      http = "lua_socket_log_errors off;", locations = LOCATIONS }
  end)
  teardown(function()
    nginx:stop()
    server:stop()
  end)

  local function asked(path)
    local _, body = assert(nginx:get(path))
    return cjson.decode(body)
  end

  it("takes what handlers add, each key once", function()
    local new = 0
    for i = 1, 40 do new = new + (asked("/add?key=" .. i % 20).is_new and 1 or 0) end
    assert.are.equal(20, new)
    assert.are.equal(20, server:command("XLEN", "sms:{outbox:handlers}:high"))
    assert.same({ state = "queued" }, asked "/result?key=7")
  end)

  it("adds nothing while Redis is full", function()
    server:command("CONFIG", "SET", "maxmemory", "1")
    local refused = asked "/add?key=full"
    server:command("CONFIG", "SET", "maxmemory", "0")
    assert.are.equal("not_sent", refused.outcome)
    assert.matches("OOM", refused.message)
    assert.is_true(asked("/add?key=full").is_new)
  end)

  it("says what the matter is while Redis is away", function()
    server:kill()
    assert.matches("^outbox wait: Redis", asked("/result?key=7").message)
    server:launch()
    assert.same({ state = "queued" }, asked "/result?key=7")
  end)
end)
