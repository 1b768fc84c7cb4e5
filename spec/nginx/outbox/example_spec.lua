-- The example of an outbox in a real nginx.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local sms_redis = require "sms.redis"

describe("The example of an outbox for nginx", function()
  local box = sandbox.for_specs()
  local server, redis

  --- Has both limits used before: otherwise nothing is sent for a minute and a half. The second is
  --- asked once the first has a slot.
  local function settle_limits()
    for _ = 1, 2 do
      local client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789",
        base_url = box.urls.nexmo, max_wait = 0,
        rate_limit = { share = sms_redis.new(redis_client.options(redis.port)) } }
      local _, err = client:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
      assert.equal("rate_limited", err.kind, tostring(err))
      client:close()
      for _, key in ipairs(redis:command("KEYS", "sms:{nexmo*state")) do
        redis:command("HSET", key, "lost", 0)
      end
    end
  end

  setup(function()
    redis = redis_server.start "--appendfsync always --maxmemory-policy noeviction"
    settle_limits()
    server = nginx.start { workers = 2,
      before = ("env SMS_SANDBOX=%s SMS_REDIS=127.0.0.1:%d "):format(box.dir, redis.port),
      conf = function(self) return nginx.example(self, "outbox", 2) end }
  end)
  teardown(function()
    server:stop()
    redis:stop()
  end)

  local function post(text)
    local status, body = server:get("/texts", { body = cjson.encode(text) })
    return status, cjson.decode(body)
  end

  local function state_of(id)
    local status, body = server:get("/texts?id=" .. id)
    return status == 200 and cjson.decode(body) or status
  end

  it("adds texts in handlers, and sends each once in timers", function()
    local ids = {}
    for i = 1, 20 do
      local status, added = post { to = "447700900000", text = "Hello", key = "k" .. i }
      assert.same({ 202, true }, { status, added.is_new })
      ids[i] = added.id
    end
    local status, again = post { to = "447700900000", text = "Hello", key = "k1" }
    assert.same({ 202, false, ids[1] }, { status, again.is_new, again.id })
    for _, id in ipairs(ids) do
      process.wait("a text", 20, function() return state_of(id).state == "ended" end)
      assert.equal("accepted", state_of(id).outcome)
    end
    assert.equal(20, box:count())
    assert.equal("accepted", state_of("k7").outcome)
    assert.is_nil(server:log():match "%[error%][^\n]*")
  end)

  it("refuses what is no text, and does not know what was not added", function()
    assert.equal(400, (post { to = "nobody", text = "Hello" }))
    assert.equal(400, (post "nonsense"))
    assert.equal(404, state_of "nothing")
    for _, more in ipairs { { priority = "low" }, { key = "" }, { key = {} }, { key = cjson.null },
      { to = cjson.null } } do
      local text = { to = "447700900000", text = "Hello" }
      for name, value in pairs(more) do text[name] = value end
      assert.equal(400, (post(text)), cjson.encode(more))
    end
    assert.equal(400, state_of "")
    assert.equal(202, (post { to = "447700900000", text = "Hello", key = "order 17" }))
    assert.is_table(state_of "order%2017")
    assert.is_nil(server:log():match "%[error%][^\n]*")
  end)

  it("says that Redis is away, and goes on when it is back", function()
    redis:kill()
    assert.equal(503, (post { to = "447700900000", text = "Hello", key = "away" }))
    redis:launch()
    local status = process.wait("Redis", 10, function()
      local status = post { to = "447700900000", text = "Hello", key = "back" }
      return status == 202 and status
    end)
    assert.equal(202, status)
  end)

  it("lets its workers quit while they wait", function()
    server:signal "QUIT"
    process.wait("the end", 10, function() return not process.lives(server.pid) end)
  end)
end)
