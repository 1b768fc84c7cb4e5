-- Where the Redis of sms worker and sms outbox is, and who asks there.

local child = require "spec.support.child"
local outboxes = require "spec.support.outbox.commands"
local process = require "spec.support.process"
local redis_client = require "spec.support.servers.redis_client"
local run = require "spec.support.runs.command"

describe("The place of an outbox", function()
  local folder = run.home()
  local socket = folder .. "/redis.sock"
  local made = outboxes.for_specs("--unixsocket " .. socket)

  local function status(more, option)
    return made:sms("outbox", "status", option or "--json", more or {})
  end

  it("is HOST:PORT, or unix:PATH", function()
    for _, place in ipairs { "127.0.0.1:" .. made.server.port, "localhost:" .. made.server.port,
      "unix:" .. socket } do
      local ended = status({ SMS_REDIS = place })
      assert.equal(0, ended.status, ended.err)
      ended = status({ SMS_REDIS = "127.0.0.1:1" }, "--redis=" .. place)
      assert.equal(0, ended.status, ended.err)
    end
  end)

  it("must be named, as the outbox must", function()
    local ended = status({ SMS_REDIS = "" })
    assert.equal(2, ended.status)
    assert.matches("say where Redis is: --redis HOST:PORT or unix:PATH", ended.err, 1, true)
    ended = run.sms({ "outbox", "status" }, made:environment())
    assert.same({ 2, "sms: say which outbox: --outbox NAME\n" }, { ended.status, ended.err })
  end)

  it("is called by the name that it was given under", function()
    local ended = status({ SMS_REDIS = "redis://me:Hidden77@example.com" })
    assert.equal(2, ended.status)
    assert.matches("^sms: SMS_REDIS: takes HOST:PORT or unix:PATH alone: a password comes from",
      ended.err)
    ended = status({}, "--redis=127.0.0.1:70000")
    assert.equal(2, ended.status)
    assert.matches("^sms: %-%-redis: '127.0.0.1:70000' is not HOST:PORT or unix:PATH", ended.err)
  end)

  it("says where nobody answers", function()
    for place, why in pairs { ["127.0.0.1:1"] = "127.0.0.1:1: connection refused",
      ["unix:" .. folder .. "/none"] = "unix:" .. folder .. "/none: " } do
      local ended = status({ SMS_REDIS = place })
      assert.equal(1, ended.status)
      assert.matches(why, ended.err, 1, true)
    end
  end)

  it("has a password in the environment or in the file with credentials", function()
    assert(made.server:command("CONFIG", "SET", "requirepass", "Hidden77"))
    local ended = status()
    assert.equal(1, ended.status)
    assert.matches("NOAUTH", ended.err)
    ended = status({ SMS_REDIS_PASSWORD = "Wrong88" })
    assert.equal(1, ended.status)
    assert.matches("WRONGPASS", ended.err)
    assert.not_matches("Wrong88", ended.err)
    assert.equal(0, status({ SMS_REDIS_PASSWORD = "Hidden77" }).status)
    assert.equal(0, status({ SMS_REDIS_PASSWORD = "Hidden77", SMS_REDIS_USERNAME = "default" })
      .status)
    child.shell(("mkdir -p %s/.config/sms; umask 077; printf '%%s\\n' SMS_REDIS_PASSWORD=Hidden77 "
      .. "SMS_REDIS=127.0.0.1:%d >%s/.config/sms/credentials"):format(folder, made.server.port,
      folder))
    ended = status({ HOME = folder, SMS_REDIS = false, SMS_SANDBOX = false })
    assert.equal(0, ended.status, ended.err)
    local client = assert(redis_client.connect(made.server.port))
    assert(client:command("AUTH", "Hidden77"))
    assert(client:command("CONFIG", "SET", "requirepass", ""))
    client:close()
  end)

  it("needs LuaSocket, and says so", function()
    local ended = child.shell(made:line("outbox", "status"):gsub("^env %-i",
      "env -i LUA_INIT='package.preload.socket = function() error(\"module not found\") end'"))
    assert.equal(2, ended.status)
    assert.matches("^sms: the Lua module socket is missing, .*package lua%-socket of Debian",
      ended.err)
  end)

  it("is a Redis", function()
    local listener = assert(require("socket").bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local ended = status({ SMS_REDIS = "127.0.0.1:" .. port })
    assert.equal(1, ended.status)
    assert.matches("timeout", ended.err)
    listener:close()
  end)

  it("has the rate limits of all commands, where SMS_REDIS is set", function()
    local limits = "sms:{nexmo:" .. made.name .. "*"
    made.box:settings { nexmo_key = made.name }
    local ended = process.interrupted(run.line({ "balance" }, { HOME = folder .. "/other",
      NEXMO_API_KEY = made.name, NEXMO_API_SECRET = "Secret0123456789",
      NEXMO_BASE_URL = made.box.urls.nexmo, SMS_REDIS = "unix:" .. socket }), function()
      return made.server:command("KEYS", limits)[1]
    end, "TERM")
    assert.same({ 143, "" }, { ended.status, ended.out }, ended.err)
  end)
end)
