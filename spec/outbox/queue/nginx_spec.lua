-- In nginx a timer sends what handlers add, and holds up none of them.

local core = require "sms.core"
local nginx_server = require "spec.support.servers.nginx"
local outboxes = require "spec.support.outbox.outboxes"
local process = require "spec.support.process"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local texts = require "spec.support.texts"

local INIT = [[
  local redis = require "nginx.redis"
  sms = require "sms"
  told = 0
  function outbox()
    return assert(require("sms.redis").outbox {
      name = "timers",
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
    })
  end
  function work()
    local nexmo = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
      base_url = "%s", rate_limit = false }
    for item, _, err, entry in nexmo:send_all(outbox():source { worker = "timer", lease = 2 }) do
      if item and not err and entry.worker == "timer" then told = told + 1 end
    end
  end
]]

local LOCATIONS = [[
  location = /add {
    content_by_lua_block {
      local added = assert(outbox():add({ from = "Acme", to = "447700900000", text = "Hello",
        ["client-ref"] = ngx.var.arg_ref }, { priority = "high" }))
      ngx.say(added.id)
    }
  }
  location = /told { content_by_lua_block { ngx.say(told) } }
]]

local ANSWER = 0.3 -- seconds that the provider takes

describe("A timer of nginx", function()
  local box = sandbox.for_specs()
  local server, nginx

  setup(function()
    server = redis_server.start(outboxes.DURABLE)
    nginx = nginx_server.start {
      init = INIT:format(server.port, box.urls.nexmo),
      http = "lua_socket_log_errors off; init_worker_by_lua_block { ngx.timer.at(0, work) }",
      locations = LOCATIONS,
    }
  end)
  teardown(function()
    nginx:stop()
    server:stop()
  end)

  local function told()
    local _, body = assert(nginx:get "/told")
    return tonumber(body)
  end

  it("sends what handlers add, at once, and holds up nobody", function()
    box:fault { kind = "latency", seconds = ANSWER }
    local waits = {}
    for i = 1, 20 do
      assert(nginx:get("/add?ref=r" .. i))
      local began = core.now()
      told()
      waits[i] = core.now() - began
    end
    process.wait("all to be told", 5, function() return told() == 20 end)
    table.sort(waits)
    assert.is_true(waits[10] < ANSWER, waits[10])
    assert.equal(20, box:count())
  end)

  it("goes on when Redis was away", function()
    server:restart { with = "data" }
    process.wait("one to be added", 5, function() return nginx:get "/add?ref=later" == 200 end)
    process.wait("it to be told", 5, function() return told() == 21 end)
    assert.equal("later", box:arrivals()[1].ref)
  end)

  it("ends when nginx is told to quit, and what is not begun goes back", function()
    box:fault { kind = "latency", seconds = 0.5 }
    local outbox = assert(outboxes.new(server, { name = "timers" }))
    assert(outbox:add(texts.list_of(200)))
    process.wait("some to begin", 5, function() return outbox:status().begun > 0 end)
    nginx:signal "QUIT"
    process.wait("nginx to end", 10, function() return not process.lives(nginx.pid) end)
    local status, sent = outbox:status(), box:count()
    assert.same({ 0, 0, 0, 200 },
      { status.taken, status.begun, status.ambiguous, status.queued + sent })
  end)
end)
