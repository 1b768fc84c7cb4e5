-- An outbox with Debian's lua-redis, where it is installed (Debian has it for Lua 5.1 to 5.3, so
-- for LuaJIT).

local outboxes = require "spec.support.outbox.outboxes"
local redis_server = require "spec.support.servers.redis_server"

local installed, lua_redis = pcall(require, "redis")

local ITEM = { from = "Acme", to = "447700900000", text = "\0\r\n\255" }

describe("An outbox with lua-redis", function()
  if not installed then return pending "lua-redis is not installed for this Lua" end

  local server, outbox

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)

  before_each(function()
    local open
    outbox = assert(outboxes.new(server, {
      connect = function()
        if not open then
          open = lua_redis.connect { host = "127.0.0.1", port = server.port, timeout = 0.5 }
          open.network.socket:settimeout(0.5)
        end
        return open
      end,
      release = function(client, ok)
        if not ok then
          client.network.socket:close()
          open = nil
        end
      end,
    }))
  end)

  it("adds, tells and decides", function()
    local id = assert(outbox:add(ITEM, { key = "k" })).id
    assert.is_false(outbox:add(ITEM, { key = "k" }).is_new)
    outboxes.finish(outbox, id, "ambiguous", { a = {} })
    assert.same({ state = "ended", outcome = "ambiguous", result = { a = {} } }, outbox:result "k")
    assert.same(ITEM, outbox:ambiguous()[1].item)
    assert.is_true(outbox:resend(id))
    assert.are.equal(1, outbox:status().queued)
    assert.is_true(outbox:cancel(id).cancelled)
  end)

  it("says what the matter is where Redis is stopped or away", function()
    server:pause()
    local status, err = outbox:status()
    server:resume()
    assert.is_nil(status)
    assert.matches("^Redis", err.message)
    server:kill()
    assert.matches("^Redis cannot be reached", select(2, outbox:status()).message)
    server:launch()
    assert.are.equal(0, outbox:status().queued)
  end)

  it("knows a full Redis from one that does not answer", function()
    server:command("CONFIG", "SET", "maxmemory", "1")
    local added, err = outbox:add(ITEM)
    server:command("CONFIG", "SET", "maxmemory", "0")
    assert.is_nil(added)
    assert.are.equal("not_sent", err.outcome)
  end)
end)
