-- What an outbox needs of its Redis, looked at in a real one.

local needs = require "sms.outbox.needs"
local process = require "spec.support.process"
local redis_client = require "spec.support.servers.redis_client"
local redis_link = require "sms.limits.redis_link"
local redis_server = require "spec.support.servers.redis_server"

local KEY = "sms:{outbox:codes}:state"
local ENOUGH = "--appendfsync always"

local server

local function link_to(options)
  return redis_link.new(options.connect, options.release)
end

--- What connects as a spec does, and changes its client.
local function connecting(change)
  local options = redis_client.options(server.port)
  local connect = options.connect
  function options.connect()
    local client = assert(connect())
    return change(client) or client
  end
  return link_to(options)
end

local function look(link, risk)
  return needs.new(link or link_to(redis_client.options(server.port)), KEY, risk):look()
end

--- The reason says all of that.
local function assert_refused(why, ...)
  assert.is_string(why)
  for _, part in ipairs { ... } do
    assert.truthy(why:find(part, 1, true), why)
  end
end

describe("a Redis", function()
  setup(function() server = redis_server.start(ENOUGH) end)
  teardown(function() server:stop() end)

  local changed = {} -- settings as they were

  after_each(function()
    server:command("ACL", "SETUSER", "default", "+@all")
    for name, before in pairs(changed) do server:command("CONFIG", "SET", name, before) end
    changed = {}
    process.wait("its file", 10, function() -- until then it would not go
      return server:command("INFO", "persistence"):find "aof_rewrite_in_progress:0"
    end)
  end)

  local function with(name, value)
    changed[name] = server:command("CONFIG", "GET", name)[2]
    assert.equal("OK", server:command("CONFIG", "SET", name, value))
  end

  local function without(right)
    server:command("ACL", "SETUSER", "default", "-" .. right)
  end

  it("that has all that is needed is taken", function()
    assert.same({ true }, { look() })
  end)

  local less = {
    { "appendonly", "no", "its last snapshot" },
    { "appendfsync", "everysec", "the last second" },
    { "appendfsync", "no", "the last second" },
    { "no-appendfsync-on-rewrite", "yes", "rewrites its file" },
    { "maxmemory-policy", "allkeys-lru", "memory is full" },
    { "maxmemory-policy", "volatile-ttl", "memory is full" },
  }
  for _, row in ipairs(less) do
    local name, value, expected = row[1], row[2], row[3]
    it(("with %s %s is refused in words, unless the risk is taken"):format(name, value), function()
      with(name, value)
      local ok, why = look()
      assert.is_nil(ok)
      assert_refused(why, name .. " is " .. value, expected, "is lost", "is sent again",
        'risk = "accepted"')
      assert.is_true(look(nil, "accepted"))
    end)
  end

  it("that has several settings wrong is told of all of them", function()
    with("appendonly", "no")
    with("maxmemory-policy", "allkeys-random")
    assert_refused(select(2, look()), "appendonly is no", "maxmemory-policy is allkeys-random")
  end)

  local blind = {
    ["CONFIG is forbidden"] = { "config", nil },
    ["its client has no config"] = { nil, function(client)
      return { eval = function(_, ...) return client:eval(...) end }
    end },
    ["config raises"] = { nil, function(client)
      return { eval = function(_, ...) return client:eval(...) end,
        config = function() error "unknown command" end }
    end },
    ["config answers nothing"] = { nil, function(client)
      return { eval = function(_, ...) return client:eval(...) end,
        config = function() return {} end }
    end },
  }
  for name, row in pairs(blind) do
    it(("whose appendfsync cannot be seen, since %s, is refused"):format(name), function()
      if row[1] then without(row[1]) end
      local link = row[2] and connecting(row[2]) or nil
      local ok, why = look(link)
      assert.is_nil(ok)
      assert_refused(why, "appendfsync cannot be seen", 'risk = "accepted"')
      assert.is_nil(why:find("appendonly is", 1, true))
      assert.is_true(look(link, "accepted"))
    end)
  end

  it("is seen by a config that answers with a table by name, as that of lua-redis", function()
    assert.is_true(look(connecting(function(client)
      return { eval = function(_, ...) return client:eval(...) end,
        config = function(_, word, name)
          return { [name] = client:config(word, name)[2] }
        end }
    end)))
  end)

  it("that is too old is refused, whatever the risk", function()
    local link = connecting(function(client)
      return { eval = function(_, ...)
        local answer = client:eval(...)
        answer[3], answer[4] = "6.2.14", ""
        return answer
      end }
    end)
    assert_refused(select(2, look(link, "accepted")), "Redis 7", "6.2.14")
  end)

  it("that calls itself Valkey is not too old", function()
    assert.is_true(look(connecting(function(client)
      return { eval = function(_, ...)
        local answer = client:eval(...)
        answer[3], answer[4] = "6.2.14", "8.1.1"
        return answer
      end, config = function(_, ...) return client:config(...) end }
    end)))
  end)

  it("that is away is told as that", function()
    local ok, why = look(link_to { connect = function() return nil, "connection refused" end,
      release = function() end })
    assert.is_nil(ok)
    assert_refused(why, "cannot be reached", "connection refused")
  end)

  it("that may not be asked who it is gives no answer", function()
    without "info"
    assert_refused(select(2, look()), "gave no answer")
  end)

  it("is looked at again when another one answers", function()
    local guard = needs.new(link_to {
      connect = function() return redis_client.connect(server.port) end,
      release = function(client) client:close() end,
    }, KEY)
    assert.is_true(guard:look())
    local function identity()
      return server:command("INFO", "server"):match "run_id:(%w+)" .. ":replication"
    end
    server:command("CONFIG", "SET", "appendfsync", "everysec")
    assert.is_true(guard:allows(identity())) -- it is the one that was looked at
    server:restart { with = "data", kindly = true }
    assert.is_true(guard:allows(identity())) -- it has what it was started with
    server.options = ""
    server:restart { with = "data" }
    server.options = ENOUGH
    local ok, why = guard:allows(identity())
    assert.is_nil(ok)
    assert_refused(why, "appendfsync is no")
    assert.is_nil((guard:allows(identity())))
    server:command("CONFIG", "SET", "appendfsync", "always")
    guard.looks_at = 0
    assert.is_true(guard:allows(identity()))
  end)
end)
