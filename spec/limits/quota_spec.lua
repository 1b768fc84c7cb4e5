-- What a provider throttles holds the calls of its own quota, wherever the slots live: those of
-- the others go on.

local core = require "sms.core"
local http_date = require "spec.support.hosts.http_date"
local raw_server = require "spec.support.servers.raw_server"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local retarus = require "spec.support.servers.retarus"
local sms = require "sms"
local tasks = require "sms.runtime.tasks"
local usual = require "spec.support.usual"

local LIMIT = { calls = 50, period = 10 } -- seconds: nothing is sent for one after a boot
local SLOW_DOWN = raw_server.http(429, "", "Retry-After: 3\r\n")
local THROTTLED = '{"message-count":"1","messages":[{"status":"1"}]}'
local NUMBERS = raw_server.http(200, '{"count":0,"numbers":[]}')
local APPLICATIONS = raw_server.http(200, '{"_embedded":{"applications":[]}}')

describe("A throttling answer", function()
  local server, folder, database

  setup(function()
    server = raw_server.start()
    database = redis_server.start()
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir -m 700 " .. folder))
  end)
  teardown(function()
    server:stop()
    database:stop()
    os.execute("rm -r " .. folder)
  end)
  before_each(function() server:forget() end)

  -- By where the slots live: the limit of a client, and its other options.
  local PLACES = {
    process = function() return "process" end,
    machine = function() return "machine" end,
    redis = function() return redis.new(redis_client.options(database.port)) end,
  }

  -- Two clients that share their slots; each would have its own of the Redis.
  local function clients_of(place, more)
    local given = { timeout = 5, slots_path = place == "machine" and folder or nil }
    for name, value in pairs(more or {}) do given[name] = value end
    local clients = {}
    for i = 1, 2 do
      local limit = { share = PLACES[place]() }
      for name, value in pairs(LIMIT) do limit[name] = value end
      given.rate_limit = limit
      clients[i] = usual.client_of(server, given)
      given.api_key = clients[i].identity
    end
    if place == "redis" then -- as if it had been used for long
      clients[1]:check()
      local _, slots = next(clients[1].limits.limits[1].by_value)
      database:command("HSET", slots.state, "lost", 0)
    end
    return clients[1], clients[2]
  end

  for place in pairs(PLACES) do
    it("holds its own quota alone, with slots of " .. place, function()
      local client, other = clients_of(place, { max_wait = 0 })
      server:replies { SLOW_DOWN, usual.taken(), APPLICATIONS, usual.taken() }
      assert.equal("rate_limited", select(2, client:list_owned_numbers()).kind)
      for _, held in ipairs { client, other } do
        local _, err = held:list_inbound_numbers { country = "GB" }
        assert.same({ "rate_limited", "not_sent" }, { err.kind, err.outcome })
        assert.is_true(err.retry_after > 2 and err.retry_after <= 3)
      end
      assert(other:send_sms(usual.TEXT))
      assert(client:list_applications())
      assert(client:send_sms(usual.TEXT))
    end)

    it("does not let what it holds stand before others, with slots of " .. place, function()
      local client, other = clients_of(place)
      server:replies { SLOW_DOWN, usual.taken(), usual.taken(), NUMBERS }
      client:list_owned_numbers()
      local began, order = core.now(), {}
      local function list() assert(other:list_owned_numbers()) order[#order + 1] = "list" end
      local function send()
        tasks.sleep(0.1)
        assert(other:send_sms(usual.TEXT))
        order[#order + 1] = core.now() - began < 1 and "text" or "late text"
      end
      sms.all { list, list, send, send }
      assert.same({ "text", "text", "list", "list" }, order)
      assert.is_true(core.now() - began > 2.5)
    end)
  end

  it("without a word of how long holds its own quota for a second", function()
    local client = clients_of("process", { max_wait = 0 })
    server:replies { raw_server.http(200, THROTTLED), NUMBERS }
    assert.equal("rate_limited", select(2, client:send_sms(usual.TEXT)).kind)
    assert.equal("rate_limited", select(2, client:send_sms(usual.TEXT)).kind)
    assert(client:list_owned_numbers())
  end)

  it("of a provider without quotas holds the whole account", function()
    server:reply(SLOW_DOWN)
    local client = retarus.client_of(server.url,
      { rate_limit = LIMIT, max_wait = 0, retry = false })
    client:get_version()
    local _, err = client:send_job(retarus.job "+491760000001")
    assert.same({ "rate_limited", 1 }, { err.kind, #server:requests() })
  end)

  for _, off in ipairs { -3600, 0, 3600 } do
    it(("with a date is read by the provider's clock, %d s ahead of ours"):format(off), function()
      local function date(seconds)
        return http_date(os.time() + off + seconds)
      end
      for status, body in pairs { [429] = "", [503] = "", [200] = THROTTLED } do
        server:reply(raw_server.http(status, body,
          ("Date: %s\r\nRetry-After: %s\r\n"):format(date(0), date(2))))
        local client = usual.client_of(server, { rate_limit = false })
        local _, err = client:send_sms(usual.TEXT)
        assert.equal(2, err.retry_after)
      end
    end)
  end
end)
