-- Calls from nginx's handlers: many at a time, killed ones, and what others notice of them.

local cjson = require "cjson"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

local INIT = [[
  sms = require "sms"
  broken = require "spec.support.nginx.broken"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { max_connections = 300 })
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /many { content_by_lua_block { handlers.many() } }
  location /raise { content_by_lua_block { handlers.raise() } }
  location /close { content_by_lua_block { handlers.close() } }
  location /kill { content_by_lua_block { broken.kill() } }
  location /abort { lua_check_client_abort on; content_by_lua_block { handlers.abortable() } }
  location /follow { content_by_lua_block { handlers.follow() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /plain { return 200 "plain"; }
  location /log {
    log_by_lua_block {
      local answers = sms.all { function() return handlers.call "a" end, function() end }
      ngx.log(ngx.ERR, "seen ", #answers, answers[1][1].kind)
    }
    return 200 "";
  }
]]

describe("Calls in nginx", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start(options)
    server:start({ init = INIT:format(box.urls.nexmo), locations = LOCATIONS }, options)
  end

  -- Asks for all paths at a time; the decoded answers, in order.
  local function ask_all(count, path)
    local connections, answers = {}, {}
    for i = 1, count do connections[i] = server:begin(path:format(i)) end
    for i, connection in ipairs(connections) do
      local status, body = nginx.answer(connection)
      assert.equal(200, status, body)
      answers[i] = cjson.decode(body)
    end
    return answers
  end

  local function refs_of_arrivals()
    local refs, seen = {}, {}
    for i, arrival in ipairs(box:arrivals "send_sms") do
      assert.is_nil(seen[arrival.ref], "twice")
      refs[i], seen[arrival.ref] = arrival.ref, arrival
    end
    return refs, seen
  end

  local function can_quit(seconds)
    local worker = server:workers()[1]
    server:signal "QUIT"
    process.wait("the worker to quit", seconds, function() return not process.lives(worker) end)
    server:stop()
    assert.equal("", server.last_log)
  end

  it("run side by side with sms.all", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.2 }
    local began = socket.gettime()
    local refs = server:ask "/many?n=50&ref=side"
    assert.is_true(socket.gettime() - began < 50 * 0.2 / 4, "one after the other")
    assert.equal(50, #refs)
    for i, ref in ipairs(refs) do assert.equal("side-" .. i, ref) end
    assert.equal(50, #refs_of_arrivals())
  end)

  it("follow a job, while the worker serves others", function()
    start()
    box:settings { job_open = 0.4, job_running = 0.5, visible_after = 0.05 }
    local connection = server:begin("/follow?base=" .. box.urls.retarus)
    assert.equal("plain", select(2, server:get "/plain"))
    assert.is_false(nginx.have_answers { connection }, "the worker was held up")
    local _, body = nginx.answer(connection)
    assert.same({ "OPEN", "RUNNING", "DONE" }, cjson.decode(body))
  end)

  it("raise in sms.all what was raised first, when all have ended", function()
    start()
    local told = server:ask "/raise"
    assert.same({ false, { "first" }, 2 }, { told.ok, told.message, told.ended })
    assert.same({ { 2 }, { 4 } }, { told.results[2], told.results[4] })
    assert.equal("", server:log())
  end)

  it("end at once where their client is closed", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 20 }
    local told = server:ask "/close"
    assert.same({ "cancelled", "ambiguous" }, { told.kind, told.outcome })
    assert.is_true(told.seconds < 10)
    assert.equal("", server:log())
  end)

  it("say for themselves in sms.all that they cannot wait", function()
    start()
    server:get "/log"
    process.wait("the log", 5, function() return server:log() ~= "" end)
    assert.matches("seen 2invalid", server:log())
    assert.equal("", server:log "seen 2invalid")
  end)

  it("of a client made before the fork get their own answers on their own sockets", function()
    start { workers = 4 }
    local worker_of, workers = {}, {}
    for round = 1, 4 do
      for i, told in ipairs(ask_all(100, "/one?ref=r" .. round .. "-%d")) do
        assert.equal(("r%d-%d"):format(round, i), told.ref, told.message)
        worker_of[told.ref], workers[told.worker] = told.worker, true
      end
    end
    local _, arrivals = refs_of_arrivals()
    local owner, count = {}, 0
    for ref, worker in pairs(worker_of) do
      local connection = assert(arrivals[ref], ref).connection
      assert.equal(worker, owner[connection] or worker, "a shared socket")
      owner[connection] = worker
    end
    for _ in pairs(workers) do count = count + 1 end
    assert.is_true(count > 1, "one worker did it all")
  end)

  it("do not hold up an unrelated request", function()
    start()
    server:ask "/one?ref=warm"
    box:fault { operation = "send_sms", kind = "latency", seconds = 2 }
    local waiting = {}
    for i = 1, 200 do waiting[i] = server:begin("/one?ref=w" .. i) end
    process.wait("200 calls in flight", 5, function()
      return server:ask "/status".in_flight == 200
    end)
    for _ = 1, 20 do assert.equal(200, (server:get "/plain")) end
    assert.is_false(nginx.have_answers(waiting), "the worker was held up")
    for i, connection in ipairs(waiting) do
      local _, body = nginx.answer(connection)
      assert.equal("w" .. i, cjson.decode(body).ref)
    end
  end)

  it("are all answered where 1,000 wait", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.2 }
    for i, told in ipairs(ask_all(1000, "/one?ref=k%d")) do
      assert.equal("k" .. i, told.ref, told.message)
    end
    assert.equal(1000, #refs_of_arrivals())
    assert.equal(0, server:ask "/status".in_flight)
  end)

  it("go on for others when a thread that waits is killed", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.2 }
    local other = server:begin "/one?ref=other"
    process.wait("the other call", 5, function() return server:ask "/status".in_flight == 1 end)
    for i = 1, 20 do server:ask("/kill?ref=killed" .. i) end
    assert.equal("other", cjson.decode((select(2, nginx.answer(other)))).ref)
    process.wait("the killed ones", 5, function() return server:ask "/status".in_flight == 0 end)
    assert.equal("later", server:ask "/one?ref=later".ref)
    can_quit(1.25)
  end)

  it("leave nothing behind when the first thread is killed before the pump runs", function()
    start()
    server:ask "/kill?ref=early&early=1"
    assert.equal(0, server:ask "/status".in_flight)
    can_quit(1.5)
  end)

  it("go on for others when a client goes away", function()
    start()
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.3 }
    local gone = {}
    for i = 1, 20 do gone[i] = server:begin("/abort?ref=gone" .. i) end
    local other = server:begin "/one?ref=other"
    process.wait("21 calls in flight", 5, function()
      return server:ask "/status".in_flight == 21
    end)
    for _, connection in ipairs(gone) do connection:close() end
    assert.equal("other", cjson.decode((select(2, nginx.answer(other)))).ref)
    process.wait("the others", 5, function() return server:ask "/status".in_flight == 0 end)
    assert.equal("later", server:ask "/one?ref=later".ref)
    assert.equal(22, #refs_of_arrivals())
    can_quit(1.25)
  end)
end)
