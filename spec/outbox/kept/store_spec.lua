-- The store in Redis where others write at the same time, answers are lost, or Redis is no good.
-- What all stores do is in spec/incoming.

local lua_process = require "spec.support.lua_process"
local redis_client = require "spec.support.servers.redis_client"
local redis_server = require "spec.support.servers.redis_server"
local sms = require "sms"
local sms_redis = require "sms.redis"

local function more(old) return { n = (old and old.n or 0) + 1 } end

-- Adds to one record, for a process of its own.
local WRITER = [[
  local redis_client = require "spec.support.servers.redis_client"
  local options = redis_client.options(tonumber(os.getenv "PORT"))
  options.name = "many"
  local store = require("sms.redis").store(options)
  local added = 0
  for i = 1, 100 do
    assert(store:update("n", function(old) return { n = (old and old.n or 0) + 1 } end))
    added = added + (store:add("key " .. i, 60) and 1 or 0)
  end
  io.write(added, " ")
]]

describe("The store in Redis", function()
  local server

  setup(function() server = redis_server.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:command "FLUSHALL" end)

  local function store_of(options)
    local given = redis_client.options(server.port, 0.5)
    given.name = "codes"
    for name, value in pairs(options or {}) do given[name] = value end
    return sms_redis.store(given)
  end

  --- A store of whose answers those are lost whose numbers are in a list.
  local function losing(lost)
    local given = redis_client.options(server.port)
    local asked = 0
    return store_of {
      connect = function()
        local client = given.connect()
        return { eval = function(_, ...)
          asked = asked + 1
          local answer = client:eval(...)
          if lost[asked] then return nil, "timeout" end
          return answer
        end }
      end,
      release = function() end,
    }
  end

  it("loses no change of many processes, and adds a key once", function()
    local command = {}
    local file = os.tmpname()
    local handle = io.open(file, "w")
    handle:write(WRITER)
    handle:close()
    for i = 1, 4 do
      command[i] = lua_process.command(file, { PORT = tostring(server.port) }) .. " &"
    end
    local pipe = io.popen(table.concat(command, "\n") .. "\nwait")
    local added = 0
    for number in pipe:read "*a":gmatch "%d+" do added = added + number end
    pipe:close()
    os.remove(file)
    assert.equal(100, added)
    assert.equal(400, store_of({ name = "many" }):get("n").n)
  end)

  it("asks again what shall be there where somebody was faster", function()
    local store, other = store_of(), store_of()
    local seen = {}
    local new = store:update("a", function(old)
      seen[#seen + 1] = old and old.n or 0
      if #seen <= 3 then other:update("a", more) end
      return { n = (old and old.n or 0) + 100 }
    end)
    assert.same({ 0, 1, 2, 3 }, seen)
    assert.same({ n = 103 }, new)
    assert.same(new, other:get "a")
    local made = store:update("a", function(old)
      if old then other:remove "a" end
      return { old = old and old.n }
    end)
    assert.same({}, made)
  end)

  it("gives a new record to one alone though both write the same", function()
    local store, other = store_of(), store_of()
    local is_new, is_new_there
    store:update("a", function(old)
      is_new = old == nil
      if is_new then
        other:update("a", function(older)
          is_new_there = older == nil
          return { given = true }
        end)
      end
      return { given = true }
    end)
    assert.same({ false, true }, { is_new, is_new_there })
  end)

  it("does nothing twice where an answer is lost", function()
    assert.is_true(losing { true }:add("nonce", 60))
    assert.is_false((losing { true }:add("nonce", 60)))
    for at = 1, 2 do
      local calls = 0
      local new = losing { [at] = true }:update("n", function(old)
        calls = calls + 1
        return more(old)
      end)
      assert.equal(at, new.n)
      assert.equal(1, calls)
    end
    assert.same({ n = 2 }, losing { true }:get "n")
    assert.is_true(losing { true }:remove "n")
  end)

  local function fails(store, pattern)
    for _, ask in ipairs { function() return store:add("k", 1) end,
      function() return store:get "a" end, function() return store:update("a", more) end,
      function() return store:remove "a" end } do
      local value, why = ask()
      assert.is_nil(value)
      assert.matches(pattern, why)
    end
  end

  it("says why where answers are lost, and where Redis is away", function()
    fails(losing(setmetatable({}, { __index = function() return true end })), "timeout")
    server:kill()
    finally(function() server:launch() end)
    fails(store_of(), "^Redis cannot be reached: ")
  end)

  it("changes nothing in a Redis that is full, and reads and removes", function()
    local store = store_of()
    store:update("a", more)
    server:command("CONFIG", "SET", "maxmemory", "1")
    finally(function() server:command("CONFIG", "SET", "maxmemory", "0") end)
    assert.matches("OOM", select(2, store:add("k", 1)))
    assert.matches("OOM", select(2, store:update("a", more)))
    assert.same({ n = 1 }, store:get "a")
    assert.is_true(store:remove "a")
    assert.is_nil(store:get "a")
  end)

  it("lies in one slot of a cluster, whatever it is called", function()
    local name = "a}b{c d"
    local store = store_of { name = name }
    store:update("x}y", more)
    local keys = server:command("KEYS", "*")
    assert.same({ "sms:{outbox:a%7Db%7Bc%20d}:store:x}y" }, keys)
    assert.is_nil(store_of():get "x}y")
  end)

  it("seals what it keeps", function()
    local store = store_of { seal = { "new", "old" } }
    store:update("a", function() return { text = "Hello" } end)
    assert.same({ text = "Hello" }, store_of({ seal = "new" }):get "a")
    local text = server:command("GET", "sms:{outbox:codes}:store:a")
    assert.is_nil(text:find("Hello", 1, true))
    for seal, words in pairs { [""] = "no secret is given", other = "not among those given" } do
      local value, why = store_of({ seal = seal ~= "" and seal or nil }):get "a"
      assert.is_nil(value)
      assert.matches("cannot be read: .*" .. words, why)
      value, why = store_of({ seal = seal ~= "" and seal or nil }):update("a", more)
      assert.is_nil(value)
      assert.matches("cannot be read: .*" .. words, why)
    end
    assert.same({ text = "Hello" }, store:get "a")
  end)

  it("fails where a record cannot be kept, or is none of its own", function()
    local store = store_of()
    assert.matches("a function cannot be kept",
      select(2, store:update("a", function() return { print } end)))
    server:command("SET", "sms:{outbox:codes}:store:a", ("x"):rep(40))
    assert.matches("cannot be read", select(2, store:get "a"))
    server:command("DEL", "sms:{outbox:codes}:store:a")
    server:command("LPUSH", "sms:{outbox:codes}:store:a", "x")
    assert.matches("WRONGTYPE", select(2, store:get "a"))
  end)

  it("is made of what it needs", function()
    for message, options in pairs {
      ["connect: a function was expected"] = { connect = 1 },
      ["release: a function was expected"] = { release = false },
      ["name: a text was expected"] = { name = "" },
      ["'nane' is not known; did you mean 'name'?"] = { nane = "a" },
      ["seconds: a number of seconds was expected"] = { seconds = 0 },
      ["keep_texts: must be a boolean"] = { keep_texts = "no" },
      ["seal: a secret or a list of secrets was expected"] = { seal = 7 },
      ["seal: a list of 1 to 8 secrets was expected"] = { seal = setmetatable({}, {
        __len = function() end, __index = function() return "secret" end }) },
    } do
      assert.has_error(function() store_of(options) end, "sms.redis.store: " .. message)
    end
    assert.has_error(function() sms_redis:store {} end)
    assert.has_error(function() store_of().get "a" end,
      "get is a method: call it with a colon, store:get(…)")
  end)

  it("serves receipts, texts and nonces", function()
    local receipts = sms.receipts.new(store_of())
    assert.equal("delivered", receipts:add({ messageId = "A", status = "delivered" }).status)
    assert.equal("delivered", sms.receipts.new(store_of()):get("A").status)
    assert.is_table(sms.inbound.new(store_of()))
  end)
end)
