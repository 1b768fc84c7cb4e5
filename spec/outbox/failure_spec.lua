-- A Redis that is away, loses answers or is full: nothing raises, nothing is half added, and what
-- is said again is done once.

local core = require "sms.core"
local outboxes = require "spec.support.outbox.outboxes"
local redis = require "sms.redis"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local relays = require "spec.support.servers.relay"

local ITEM = { from = "Acme", to = "447700900000", text = "Hello" }

local function ignore() end

describe("An outbox whose process has no memory for OpenSSL", function()
  local server

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)

  it("says so, and goes on when there is some", function()
    local outbox = assert(outboxes.new(server, { seal = "a secret" }))
    local sha256, seal = core.sha256, outbox.seal
    local function fail() return nil, "no memory" end
    local function restore() core.sha256, outbox.seal = sha256, seal end
    finally(restore)
    local function assert_told(call, ...)
      local done, err = outbox[call](outbox, ...)
      assert.is_nil(done)
      assert.same({ "internal", "not_sent", call }, { err.kind, err.outcome, err.operation })
      assert.matches("no memory", err.message)
    end
    core.sha256 = fail
    assert_told("add", ITEM, { key = "k" })
    assert_told("result", "k")
    restore()
    outbox.seal = { apply = fail }
    assert_told("add", ITEM)
    assert_told("cancel", "k")
    restore()
    assert(outbox:add(ITEM, { key = "k" }))
    assert.is_true(outbox:cancel("k").cancelled)
  end)
end)

describe("An outbox whose Redis", function()
  local server

  setup(function() server = redis_server.start(outboxes.DURABLE) end)
  teardown(function() server:stop() end)

  describe("cannot be reached", function()
    local ways = {
      ["returns an error"] = function() return nil, "connection refused" end,
      ["raises"] = function() error "no route" end,
      ["raises a table"] = function() error {} end,
      ["gives a client without eval"] = function() return {} end,
    }
    for name, connect in pairs(ways) do
      it("is not made where connecting " .. name, function()
        local made, err = redis.outbox { connect = connect, release = ignore, name = "codes" }
        assert.is_nil(made)
        assert.same({ "internal", "not_sent", "outbox" }, { err.kind, err.outcome, err.provider })
        assert.matches("^Redis", err.message)
      end)
    end

    it("has got nothing where connecting gives no client", function()
      local given = redis_client.options(server.port)
      local connect, other = given.connect, nil
      local outbox = assert(outboxes.new(server, { release = given.release, connect = function()
        if other ~= nil then return other end
        return connect()
      end }))
      for _, none in ipairs { {}, true, "127.0.0.1:6379", io.stdout } do
        other = none
        local added, err = outbox:add(ITEM)
        assert.is_nil(added)
        assert.same({ "internal", "not_sent" }, { err.kind, err.outcome }, tostring(none))
        assert.matches("^Redis cannot be reached: connect gave no client", err.message)
      end
      other = nil
      assert(outbox:add(ITEM))
    end)

    it("answers every call with an error, and goes on when it is back", function()
      local outbox = assert(outboxes.new(server))
      local id = assert(outbox:add(ITEM, { key = "k" })).id
      server:kill()
      outbox:status() -- the first one only finds that its connection is gone
      for call, arguments in pairs { add = { ITEM }, result = { id }, wait = { id, 0.05 },
        status = {}, ambiguous = {}, resend = { id }, settle = { id, "accepted" }, pause = { "r" },
        resume = {}, cancel = { id }, erase = { id } } do
        local done, err = outbox[call](outbox, arguments[1], arguments[2])
        assert.is_nil(done)
        assert.same({ "internal", "not_sent", call }, { err.kind, err.outcome, err.operation })
        assert.matches("Redis cannot be reached", err.message)
      end
      server:launch()
      assert.same({ state = "queued" }, outbox:result "k")
    end)
  end)

  describe("loses answers", function()
    local relay, outbox

    setup(function() relay = relays.start("http://127.0.0.1:" .. server.port) end)
    teardown(function() relay:stop() end)
    before_each(function()
      relay:pass()
      outbox = assert(outboxes.new { port = relay.url:match "%d+$" })
    end)

    for _, way in ipairs { "close", "reset", "stall" } do
      it(("has added once what was added, after a %s"):format(way), function()
        local list = {}
        for i = 1, 150 do list[i] = { to = ("4477009%05d"):format(i) } end
        relay:cut("reply", 0, way)
        local added = assert(outbox:add(list, { key = function(item) return item.to end }))
        for i = 1, 150 do assert.is_true(added[i].is_new) end
        relay:pass()
        assert.are.equal(150, outbox:status().queued)
        relay:cut("reply", 0, way)
        assert.is_true(assert(outbox:add(ITEM)).is_new)
        relay:pass()
        assert.are.equal(151, outbox:status().queued)
      end)
    end

    it("has added nothing of a question that was cut", function()
      relay:cut("request", 50, "close")
      assert.is_true(assert(outbox:add(ITEM, { key = "k" })).is_new)
      relay:pass()
      assert.are.equal(1, outbox:status().queued)
    end)

    it("asks again only as long as Redis remembers what was asked before", function()
      outbox:status()
      outbox.told_time = outbox.told_time - 301 * 1e6 -- as if the machine had stood still since
      relay:cut("reply", 0, "close")
      local added, err = outbox:add(ITEM)
      assert.is_nil(added)
      assert.same({ "ambiguous", 1 }, { err.outcome, outbox:status().queued })
    end)

    it("says that it is not known where both answers are lost; a key makes it safe", function()
      local id = assert(outbox:add(ITEM, { key = "k" })).id
      server:pause()
      local added, err = outbox:add(ITEM, { key = "l" })
      server:resume()
      assert.is_nil(added)
      assert.same({ "internal", "ambiguous" }, { err.kind, err.outcome })
      assert.matches("the item may have been added", err.message)
      assert.are_not.equal(id, assert(outbox:add(ITEM, { key = "l" })).id)
      assert.are.equal(2, outbox:status().queued)
    end)
  end)

  describe("is full", function()
    local outbox

    before_each(function() outbox = assert(outboxes.new(server)) end)

    local function fill()
      server:command("CONFIG", "SET", "maxmemory", "1")
      finally(function() server:command("CONFIG", "SET", "maxmemory", "0") end)
    end

    it("adds nothing and says so; reads, ends and decisions go on", function()
      local ids = {}
      for i = 1, 4 do ids[i] = assert(outbox:add(ITEM)).id end
      local step = outboxes.stepping(outbox)
      step.take(ids[1])
      step.begin(ids[1])
      fill()
      local added, err = outbox:add(ITEM)
      assert.is_nil(added)
      assert.same({ "internal", "not_sent" }, { err.kind, err.outcome })
      assert.matches("OOM", err.message)
      assert.are.equal(3, assert(outbox:status()).queued)
      step.close(ids[1], "ambiguous")
      assert.is_true(outbox:resend(ids[1]))
      assert.is_true(outbox:cancel(ids[2]).cancelled)
      assert.is_true(outbox:pause "full")
    end)

    it("takes back what it has added of a list until then", function()
      local other = assert(outboxes.new(server, { name = outbox.name }))
      local list, asked = {}, 0
      for i = 1, 300 do list[i] = { to = ("4477009%05d"):format(i) } end
      local function key(item) return item.to end
      local connect = outbox.link.connect
      outbox.link.connect = function()
        asked = asked + 1
        if asked == 3 then -- somebody else wants one of them; then there is no room for the rest
          assert(other:add(list[7], { key = list[7].to }))
          fill()
        end
        return connect()
      end
      local added, err = outbox:add(list, { key = key })
      assert.is_nil(added)
      assert.are.equal("not_sent", err.outcome)
      server:command("CONFIG", "SET", "maxmemory", "0")
      assert.are.equal(1, outbox:status().queued)
      assert.same({ state = "queued" }, outbox:result(list[7].to))
      assert.are.equal("not_found", select(2, outbox:result(list[8].to)).kind)
      assert.are.equal(1, server:command("XLEN", outboxes.key(outbox, "bulk")))
    end)
  end)
end)
