-- The shared store and that in Redis, by many requests in many workers at a time.

local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local redis_server = require "spec.support.servers.redis_server"

local SHARED = "store = sms.stores.shared(ngx.shared.sms, { lease = 1 })"

local REDIS = [[
  local redis = require "nginx.redis"
  store = require("sms.redis").store {
    name = "nginx",
    connect = function()
      local client = redis:new()
      client:set_timeout(5000)
      local ok, err = client:connect("127.0.0.1", %d)
      if not ok then return nil, err end
      return client
    end,
    release = function(client, ok)
      if ok then client:set_keepalive(10000, 64) else client:close() end
    end,
  }
]]

local INIT = [[
  sms = require "sms"
  %s
  receipts = sms.receipts.new(store)
  inbound = sms.inbound.new(store)
  words = { "accepted", "buffered", "delivered", "failed" }
]]

local LOCATIONS = [[
  location = /count { content_by_lua_block {
    for i = 1, tonumber(ngx.var.arg_times) do
      assert(store:update("n", function(old) return { n = (old and old.n or 0) + 1 } end))
      if i % 10 == 0 then ngx.sleep(0) end
    end
  } }
  location = /raw { content_by_lua_block {
    local client = sms.nexmo { api_key = "abcd1234", api_secret = "x", signature_secret = "y" }
    ngx.print(select(2, pcall(client.read_webhook, client, {}, { nonce_store = ngx.shared.sms })))
  } }
  location = /value { content_by_lua_block { ngx.print((store:get("n") or { n = 0 }).n) } }
  location = /add { content_by_lua_block {
    ngx.print(tostring(store:add(ngx.var.arg_key, 60)))
  } }
  location = /receipt { content_by_lua_block {
    local at = tonumber(ngx.var.arg_at)
    assert(receipts:add { messageId = "A", status = words[at % 4 + 1], ["err-code"] = tostring(at),
      ["message-timestamp"] = "2018-10-25 12:10:" .. at })
  } }
  location = /receipts { content_by_lua_block {
    local state = receipts:get "A"
    ngx.print(state.status, " ", state.parts[1].receipt["err-code"], " ",
      #state.parts[1].conflicts)
  } }
  location = /part { content_by_lua_block {
    local message = inbound:add({ msisdn = "447700900001", to = "447700900500", concat = "true",
      messageId = "0B" .. ngx.var.arg_n, text = "x", ["concat-ref"] = ngx.var.arg_ref,
      ["concat-total"] = "10", ["concat-part"] = ngx.var.arg_n }, ngx.time())
    ngx.print(message and #message.fields.text or tostring(message))
  } }
  location = /abandon { content_by_lua_block {
    ngx.shared.sms:safe_add("n:lock", true, 1)
  } }
  location = /log {
    log_by_lua_block {
      store:update("n", function(old) return { n = (old and old.n or 0) + 1 } end)
    }
    return 200 "";
  }
  location = /fill { content_by_lua_block {
    local i, ok, why = 0, true, nil
    while ok and i < 1e6 do
      i = i + 1
      ok, why = store:add("fill" .. i, tonumber(ngx.var.arg_seconds))
    end
    ngx.print(tostring(why))
  } }
]]

local server

local function start(store)
  server = nginx.start { init = INIT:format(store), locations = LOCATIONS, workers = 4,
    http = "lua_shared_dict sms 1m;" }
end

local function stop()
  server:stop()
  assert.equal("", server.last_log)
end

local function ask(path)
  local status, body = server:get(path)
  assert.equal(200, status, body)
  return body
end

--- The answers to many requests at a time, counted.
local function ask_all(paths)
  local connections, counts = {}, {}
  for i, path in ipairs(paths) do connections[i] = server:begin(path) end
  for _, connection in ipairs(connections) do
    local status, body = nginx.answer(connection)
    assert.equal(200, status, body)
    counts[body] = (counts[body] or 0) + 1
  end
  return counts
end

--- What each store does. `times`: changes of one record by one request.
local function keeps_what_is_told(times)
  it("loses no change of a record", function()
    local paths = {}
    for i = 1, 50 do paths[i] = "/count?times=" .. times end
    ask_all(paths)
    assert.equal(tostring(50 * times), ask "/value")
  end)

  it("adds a key for one alone", function()
    local paths = {}
    for i = 1, 200 do paths[i] = "/add?key=" .. i % 10 end
    assert.same({ ["true"] = 10, ["false"] = 190 }, ask_all(paths))
  end)

  it("keeps receipts that come at a time", function()
    local paths = {}
    for i = 1, 120 do paths[i] = "/receipt?at=" .. 10 + (i * 7) % 40 end
    ask_all(paths)
    local whole = ask "/receipts"
    ask_all(paths)
    assert.equal(whole, ask "/receipts")
    assert.matches("^delivered 10 %d+$", whole)
  end)

  it("gives a joined text to one alone", function()
    local paths = {}
    for i = 1, 200 do paths[i] = ("/part?n=%d&ref=%d"):format(i % 10 + 1, i % 3) end
    assert.same({ ["10"] = 3, ["false"] = 197 }, ask_all(paths))
  end)
end

describe("The store in Redis, in nginx", function()
  local redis

  setup(function() redis = redis_server.start() end)
  teardown(function() redis:stop() end)
  before_each(function()
    redis:command "FLUSHALL"
    start(REDIS:format(redis.port))
  end)
  after_each(stop)

  keeps_what_is_told(4)
end)

describe("The shared store in nginx", function()
  before_each(function() start(SHARED) end)
  after_each(stop)

  keeps_what_is_told(100)

  it("is not the dictionary itself, whose add takes no time", function()
    assert.matches("sms.stores.shared%(dictionary%)", (select(2, server:get "/raw")))
  end)

  it("takes the lock of a worker that has died when its lease is over", function()
    ask "/abandon"
    ask_all { "/count?times=100", "/count?times=100", "/count?times=100" }
    assert.equal("300", ask "/value")
  end)

  it("works where nothing can wait", function()
    for _ = 1, 20 do server:get "/log" end
    process.wait("the records", 5, function() return ask "/value" == "20" end)
  end)

  it("fails rather than forget, and has room again when nonces are over", function()
    assert.equal("true", ask "/add?key=first")
    assert.equal("no memory", ask "/fill?seconds=1")
    assert.equal("false", ask "/add?key=first")
    process.wait("room", 5, function() return ask "/add?key=later" == "true" end)
  end)
end)
