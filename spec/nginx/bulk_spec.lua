-- send_all in nginx: in a request, in a timer, beside other requests, and at the worker's end.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

local INIT = [[
  sms = require "sms"
  bulk = require "spec.support.nginx.bulk"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { %s })
]]

local LOCATIONS = [[
  location /bulk { content_by_lua_block { bulk.here() } }
  location /later { content_by_lua_block { bulk.later() } }
  location /one { content_by_lua_block { handlers.one() } }
  location /waits { content_by_lua_block { bulk.waits() } }
  location /slow { content_by_lua_block { bulk.slow_source() } }
  location /kept { content_by_lua_block { handlers.kept() } }
  location /plain { return 200 "plain"; }
  location /log {
    log_by_lua_block {
      local _, _, err = handlers.nexmo:send_all({ {} })()
      ngx.log(ngx.ERR, "seen ", err.kind, " ", err.outcome)
    }
    return 200 "";
  }
]]

local QUICK = 0.25 -- seconds in which an unrelated request must be answered

describe("send_all in nginx", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start(options)
    server:start { init = INIT:format(box.urls.nexmo, options or ""),
      http = "lua_shared_dict kept 1m;", locations = LOCATIONS }
  end

  local function assert_once(count)
    local seen, arrived = {}, 0
    for _, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], arrival.ref)
      seen[arrival.ref] = true
      arrived = arrived + 1
    end
    assert.equal(count, arrived)
  end

  it("sends all in a request, calls side by side", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    local began = socket.gettime()
    local told = server:ask "/bulk?n=200&ref=here"
    assert.is_true(socket.gettime() - began < 200 * 0.1 / 4, "one after the other")
    assert.same({ 200, 0 }, { told.count, told.twice })
    for i = 1, 200 do assert.is_true(told.seen["here-" .. i]) end
    assert_once(200)
    assert.equal("", server:log())
  end)

  it("sends all in a timer, and the worker answers others meanwhile", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    server:get "/later?n=300&ref=later"
    local meanwhile, told = -1, ""
    process.wait("the timer", 20, function()
      assert.equal("plain", select(2, server:get "/plain"))
      meanwhile = meanwhile + 1
      told = select(2, server:get "/kept?name=later")
      return told ~= ""
    end)
    assert.is_true(meanwhile >= 5, meanwhile)
    told = cjson.decode(told)
    assert.same({ 300, 0 }, { told.count, told.twice })
    assert_once(300)
    assert.equal("", server:log())
  end)

  it("reads a long source of what cannot be sent, and the worker answers others", function()
    start()
    local connection = server:begin "/slow?n=2000"
    for _ = 1, 10 do assert.equal("plain", select(2, server:get "/plain")) end
    assert.is_false(nginx.have_answers { connection }, "the worker was held up")
    assert.same({ 200, "2000\n" }, { nginx.answer(connection) })
  end)

  it("leaves single calls their slots at once", function()
    local key = ("bulk%d"):format(socket.gettime() * 1000 % 1e9)
    start(("api_key = '%s', rate_limit = { calls = 10, period = 0.5 }"):format(key))
    box:settings { nexmo_key = key }
    local connection = server:begin "/bulk?n=30&ref=slots"
    local singles = 0
    while box:count() < 30 + singles do
      socket.sleep(0.3)
      local began = socket.gettime()
      assert.equal("code" .. singles, server:ask("/one?ref=code" .. singles).ref)
      assert.is_true(socket.gettime() - began < QUICK)
      singles = singles + 1
    end
    assert.equal(200, (nginx.answer(connection)))
    assert_once(30 + singles)
    local arrivals = box:arrivals()
    for i = 11, #arrivals do
      assert.is_true(arrivals[i].time - arrivals[i - 10].time >= 0.5e6, "over the limit")
    end
  end)

  it("is closed early: what is in flight is waited for", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    local told = server:ask "/bulk?n=1000&ref=stop&in_flight=10&stop=5"
    assert.equal(box:count(), told.count)
    assert.is_true(told.count >= 5 and told.count <= 20, told.count)
  end)

  it("ends in time where it is left without close", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    local began = socket.gettime()
    local told = server:ask "/bulk?n=1000&ref=leave&in_flight=10&leave=5"
    assert.equal(5, told.count)
    assert.is_true(socket.gettime() - began < 5 + 2, "somebody waits for ever")
    assert.is_true(box:count() <= 15, box:count())
    assert.equal("", server:log())
  end)

  it("keeps a journal, on the disk before it sends, and the worker answers others", function()
    start()
    local path = server.dir .. "/journal"
    local function run(more) return "/bulk?n=100&ref=kept&journal=" .. path .. more end
    local told = server:ask(run "&in_flight=8&stop=20")
    assert.equal(box:count(), told.count)
    box:fault { operation = "send_sms", kind = "latency", seconds = 1 }
    local connection = server:begin(run "")
    assert.equal("plain", select(2, server:get "/plain"))
    assert.is_false(nginx.have_answers { connection }, "the worker was held up")
    box:clear_faults()
    local status, body = nginx.answer(connection)
    assert.equal(200, status)
    assert.equal(100 - told.count, cjson.decode(body).count)
    assert.equal(0, server:ask(run "").count)
    assert_once(100)
  end)

  it("keeps nothing of how often it has waited while a call was under way", function()
    start()
    local left = tonumber((select(2, server:get "/waits?n=1000")))
    assert.is_true(left < 100, left .. " KiB are left of 1,000 waits")
  end)

  it("says where it cannot wait", function()
    start()
    server:get "/log"
    process.wait("the log", 5, function() return server:log() ~= "" end)
    assert.matches("seen invalid not_sent", server:log())
    assert.equal(0, box:count())
  end)

  it("ends with the worker: what is in flight is waited for, nothing more is started", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.1 }
    local connection = server:begin "/bulk?n=100000&ref=quit&in_flight=10"
    process.wait("calls", 10, function() return box:count() >= 30 end)
    local worker = server:workers()[1]
    server:signal "QUIT"
    local status, body = nginx.answer(connection)
    assert.equal(200, status)
    local told = cjson.decode(body)
    assert.equal("cancelled", told.fatal)
    assert.equal(box:count(), told.count)
    process.wait("the worker to quit", 5, function() return not process.lives(worker) end)
    assert_once(told.count)
  end)
end)
