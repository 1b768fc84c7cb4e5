-- A Redis that is away, slow or answers nonsense: it gives no slot, and nothing raises.

local core = require "sms.core"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local scripts = require "sms.limits.redis_scripts"
local socket = require "socket"

local LEASE, PERIOD, TIMEOUT = 0.2, 0.1, 0.3
local W, GRACE = PERIOD * 1.01, 5 -- what is held up is so for good

local function ignore() end

local function nothing_listens()
  return nil, "connection refused"
end

--- Asks everything; nobody ever gets a slot, and the reason says `expected`.
local function assert_closed(slots, expected)
  local now = core.now()
  local index, wait, why = slots:acquire(now, LEASE)
  assert.same({}, { index, wait })
  assert.truthy(why:find(expected, 1, true), why)
  for _, name in ipairs { "finish", "refund" } do
    assert.is_nil((slots[name](slots, "1", "2", now)))
  end
  assert.is_nil((slots:available(now)))
  assert.is_nil((slots:hold(now + 5)))
end

--- Slots at a client that answers what `eval` says; how its connections were given back.
local function slots_of(eval)
  local returned = {}
  local slots = redis.new {
    connect = function() return { eval = eval } end,
    release = function(_, ok) returned[#returned + 1] = ok end,
  }:open("nexmo:key", 10, PERIOD)
  return slots, returned
end

describe("slots in a Redis that cannot be reached", function()
  local ways = {
    ["connecting returns an error"] = { nothing_listens, "connection refused" },
    ["connecting raises"] = { function() error "no route" end, "no route" },
    ["connecting raises a table"] = { function() error { code = 1 } end, "table" },
    ["connecting returns nothing"] = { ignore, "nil" },
    ["a client has no eval"] = { function() return {} end, "eval" },
  }
  for name, way in pairs(ways) do
    it("are not given out where " .. name, function()
      assert_closed(redis.new { connect = way[1], release = ignore }:open("key", 1, 1), way[2])
    end)
  end

  -- Its own clocks stood still; by the server's the lease may have ended.
  it("are not used where the machine was paused before the answer came", function()
    local wall, gone = core.wall, 0
    finally(function() core.wall = wall end)
    core.wall = function() return wall() + gone end
    local pause, asked = 0, {}
    local slots = slots_of(function(_, script, _, _, _, question, _, _, index, claim)
      gone = gone + pause
      asked[#asked + 1] = script == scripts.refund and index .. ":" .. claim or "acquire"
      return { question, script == scripts.refund and "done" or "taken", "1", "2" }
    end)
    assert.are.equal("1", (slots:acquire(core.now(), LEASE)))
    pause = 600
    local index, wait = slots:acquire(core.now(), LEASE)
    assert.is_nil(index)
    assert.is_true(wait > 0 and wait < 1)
    pause = 0
    assert.are.equal("1", (slots:acquire(core.now(), LEASE)))
    assert.same({ "acquire", "acquire", "1:2", "acquire" }, asked) -- whoever asks next may have it
  end)

  it("are held by this process alone where the provider says so", function()
    local slots = redis.new { connect = nothing_listens, release = ignore }:open("key", 1, 1)
    local now = core.now()
    slots:hold(now + 5)
    assert.are.equal(now + 5 - now, select(2, slots:acquire(now, LEASE)))
    assert.are.equal(now + 5 - now, slots:delay(now, 1))
  end)
end)

describe("an answer of Redis that makes no sense", function()
  local null = io.stdout -- like ngx.null: neither nil nor a table
  local bad = {
    ["nil and an error"] = function() return nil, "timeout" end,
    ["false and an error"] = function() return false, "READONLY You can't write" end,
    ["an error that is raised"] = function() error "connection error: closed" end,
    ["nothing"] = ignore,
    ["null"] = function() return null end,
    ["a number"] = function() return 1 end,
    ["text"] = function() return "taken" end,
    ["an empty list"] = function() return {} end,
    ["true"] = function() return true end,
    ["nulls"] = function() return { null, null, null, null } end,
    ["an answer to another question"] = function() return { "0.1", "taken", "5", "6" } end,
  }
  for name, eval in pairs(bad) do
    it("gives no slot: " .. name, function()
      local slots, returned = slots_of(eval)
      assert_closed(slots, "Redis gave no answer")
      assert.are.same({ false, false, false, false, false }, returned)
    end)
  end

  for name, rest in pairs {
    ["nothing more"] = {},
    ["another word"] = { "OK", "5", "6" },
    ["taken, but not what"] = { "taken" },
    ["taken, but not until when"] = { "taken", "5" },
    ["taken, with garbage"] = { "taken", "5", "x6" },
    ["taken, with null"] = { "taken", null, null },
    ["taken, with a negative number"] = { "taken", "-5", "6" },
    ["wait, but not how long"] = { "wait" }, ["wait, with garbage"] = { "wait", "soon" },
    ["wait, with a negative number"] = { "wait", "-1" },
    ["held, but not how long"] = { "held" }, ["free, with garbage"] = { "free", "many" },
  } do
    it("gives no slot: the question and " .. name, function()
      local slots = slots_of(function(_, _, _, _, _, question)
        return { question, rest[1], rest[2], rest[3] }
      end)
      assert_closed(slots, "Redis gave no answer")
    end)
  end

  it("is told apart from one that does, and so are the connections", function()
    local slots, returned = slots_of(function(_, _, _, _, _, question)
      return { question, "taken", "5", "6" }
    end)
    assert.are.same({ "5", "6" }, { slots:acquire(core.now(), LEASE) })
    assert.are.same({ true }, returned)
  end)

  it("does not matter where a connection cannot be given back", function()
    local slots = redis.new {
      connect = function()
        return { eval = function(_, _, _, _, _, question) return { question, "wait", "0" } end }
      end,
      release = function() error "closed" end,
    }:open("key", 1, 1)
    local index, wait = slots:acquire(core.now(), LEASE)
    assert.is_nil(index)
    assert.is_true(wait > 0)
  end)
end)

describe("slots in a real Redis", function()
  local server, count = nil, 0

  setup(function() server = redis_server.start() end)
  teardown(function() server:stop() end)

  local function slots_of_server(calls)
    count = count + 1
    local slots = redis.new(redis_client.options(server.port, TIMEOUT))
      :open("nexmo:key" .. count, calls, PERIOD)
    slots:available(core.now())
    server:command("HSET", slots.state, "lost", 0)
    return slots
  end

  --- An error, within the time that the connection allows.
  local function assert_closed_in_time(slots)
    local began = core.now()
    local index, wait, why = slots:acquire(began, LEASE)
    assert.is_nil(index)
    assert.is_nil(wait)
    assert.is_string(why)
    assert.is_true(core.now() - began < TIMEOUT + GRACE)
  end

  it("are not given out while it is stopped, and free themselves where it took one", function()
    local slots = slots_of_server(1)
    server:pause()
    assert_closed_in_time(slots)
    server:resume()
    local began = core.now()
    repeat
      local index, wait, why = slots:acquire(core.now(), LEASE)
      assert(index or wait, why)
      if not index then socket.sleep(wait) end
    until index
    assert.is_true(core.now() - began < LEASE + W + GRACE)
  end)

  it("are not given out where it dies before it has answered", function()
    local slots = slots_of_server(1)
    server:pause()
    os.execute(("(sleep 0.1; kill -9 %s) &"):format(server.pid))
    assert_closed_in_time(slots)
    server:restart { with = "data" }
  end)

  it("are not given out while it is away, and are again when it is back", function()
    local slots = slots_of_server(1)
    server:kill()
    for _ = 1, 3 do assert_closed_in_time(slots) end
    server:launch()
    local index, wait = slots:acquire(core.now(), LEASE)
    assert.is_nil(index)
    assert.is_true(wait > LEASE)
    socket.sleep(wait)
    assert.is_string((slots:acquire(core.now(), LEASE)))
  end)

  it("are not given out twice where it has no memory left", function()
    local slots, given = slots_of_server(3), 0
    server:command("CONFIG", "SET", "maxmemory", 1)
    for _ = 1, 10 do
      if slots:acquire(core.now(), 5) then given = given + 1 end
    end
    server:command("CONFIG", "SET", "maxmemory", 0)
    assert.is_true(given <= 3)
    assert.are.equal(3 - given, slots:available(core.now()))
  end)

  it("are not given out where a script may not ask who the server is", function()
    local slots = slots_of_server(1)
    local function allow(right) server:command("ACL", "SETUSER", "default", right) end
    finally(function() allow "+info" end)
    allow "-info"
    local _, refusal = server:command("EVAL", "return redis.call 'INFO'", 0)
    assert_closed(slots, refusal:match "^ERR [^:]+") -- each release has words of its own
    allow "+info"
    assert.are.equal(1, slots:available(core.now()))
  end)

  it("are not given out where something else lies under their name", function()
    local slots = slots_of_server(1)
    server:command("SET", slots.leases, "x")
    assert_closed(slots, "WRONGTYPE")
  end)

  it("are not given out by what is no Redis", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local slots = redis.new(redis_client.options(port, TIMEOUT)):open("key", 1, 1)
    assert_closed_in_time(slots) -- accepts, and never answers
    listener:close()
  end)

  it("does not keep a signal to itself", function()
    local slots, returned = slots_of(function() error("lua: interrupted!", 0) end)
    assert.has_error(function() slots:acquire(core.now(), LEASE) end, "lua: interrupted!")
    assert.same({ false }, returned)
  end)
end)
