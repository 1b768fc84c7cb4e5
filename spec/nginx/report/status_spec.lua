-- The figures of all workers, by the dictionary `sms`: no counter ever falls, whatever becomes of
-- workers.

local load = require "spec.support.runs.load"
local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  handlers.open("%s", { signature_secret = "abc", signature_method = "sha256", auth = "basic" })
]]

local LOCATIONS = [[
  location /one { content_by_lua_block { handlers.one() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /invalid { content_by_lua_block { handlers.say { handlers.nexmo:send_sms {} == nil } } }
  location /doctor {
    content_by_lua_block { ngx.print((select(2, require("sms.nginx").doctor()))) }
  }
  location ~ ^/plain/(?<does>.*) {
    content_by_lua_block {
      plain = plain or sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789" }
      return require("sms.nginx").handler { client = plain,
        on = { inbound_sms = function() return ngx.var.does == "well" end } }()
    }
  }
  location /free {
    content_by_lua_block {
      for i = 0, full do ngx.shared.sms:delete(i) end
      handlers.say {}
    }
  }
  location /hook {
    content_by_lua_block {
      hook = hook or require("sms.nginx").handler { client = handlers.nexmo, on = {} }
      return hook()
    }
  }
]]

local SHARED = "lua_shared_dict sms 1m;"

describe("The status of nginx's workers", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start(workers, http)
    server:start({ init = INIT:format(box.urls.nexmo), locations = LOCATIONS, http = http },
      { workers = workers })
  end

  -- All counters of the text, by their names and labels.
  local function counters()
    local _, text = server:get "/status?text=1"
    local found = {}
    for series, value in text:gmatch "\n(sms_[%l_]+{[^\n]*}) ([%d.]+)" do
      if series:find "^sms_[%l_]+_total{" or series:find "^sms_[%l_]+_[bsc]%l+{" then
        found[series] = tonumber(value)
      end
    end
    return found, text
  end

  -- What has fallen or gone since the last look.
  local function assert_risen(before, after)
    for series, value in pairs(before) do
      assert.is_true((after[series] or -1) >= value, ("%s: %s, then %s"):format(series, value,
        tostring(after[series])))
    end
  end

  local OK = 'sms_calls_total{provider="nexmo",operation="send_sms",kind="ok",outcome="accepted"}'
  local COUNT = 'sms_request_duration_seconds_count{provider="nexmo",operation="send_sms"}'

  it("is right over all of them, whoever is asked", function()
    start(4, SHARED)
    local answers = load.run(server, 16, function(i) return "/one?ref=" .. i end,
      function(_, count) return (count or 0) < 200 end, 200)
    local made = 0
    for _ in pairs(answers) do made = made + 1 end
    process.wait("all workers' counts", 5, function()
      return server:ask "/status".nexmo.calls == made
    end)
    for _ = 1, 12 do
      local status = server:ask "/status"
      assert.same({ made, 0, 0 }, { status.nexmo.calls, status.nexmo.failures, status.in_flight })
    end
    local found, text = counters()
    assert.same({ made, made }, { found[OK], found[COUNT] })
    assert.is_nil(text:find "worker=")
    assert.is_nil(text:find "abcd1234")
  end)

  it("has what is in flight in other workers", function()
    start(3, SHARED)
    box:fault { operation = "send_sms", kind = "latency", seconds = 2, when = "before" }
    local connections = {}
    for i = 1, 12 do connections[i] = server:begin("/one?ref=f" .. i) end
    process.wait("what is in flight", 4, function()
      return server:ask "/status".in_flight == 12
    end)
    for _, connection in ipairs(connections) do nginx.answer(connection) end
    box:clear_faults()
    process.wait("nothing in flight", 5, function()
      return server:ask "/status".in_flight == 0
    end)
    process.wait("the counts", 3, function() return server:ask "/status".nexmo.calls == 12 end)
  end)

  it("never falls over reloads and workers that are killed", function()
    start(3, SHARED)
    box:fault { operation = "send_sms", kind = "latency", seconds = 0.02, when = "before" }
    local seen, step = counters(), 0
    local _, made = load.run(server, 8, function(i) return "/one?ref=k" .. i end, function(passed)
      if passed > 0.4 * (step + 1) then
        step = step + 1
        if step % 2 == 1 then
          server:signal "HUP"
        else
          process.signal("KILL", server:workers()[1])
        end
      end
      local now = counters()
      assert_risen(seen, now)
      seen = now
      return passed < 3.2 or step < 7
    end)
    box:clear_faults()
    process.wait("the counts", 5, function()
      local now = counters()
      assert_risen(seen, now)
      seen = now
      return (now[OK] or 0) > 0.5 * made
    end)
    print(("# %d calls begun, %d counted; %d reloads and kills"):format(made, seen[OK], step))
  end)

  it("counts refusals and webhooks at once", function()
    start(1, SHARED)
    server:ask "/invalid"
    assert.equal(401, (server:get "/hook?msisdn=447700900000&to=1234&messageId=1&text=x&type=text"))
    local found = counters()
    assert.equal(1, found['sms_webhooks_total{provider="nexmo",result="refused",kind="auth"}'])
    for result, does in pairs { accepted = "well", failed = "badly" } do
      server:get("/plain/" .. does .. "?msisdn=447700900000&to=1234&messageId=1&text=x&type=text")
      assert.equal(1, counters()[('sms_webhooks_total{provider="nexmo",result="%s",'
        .. 'kind="inbound_sms"}'):format(result)])
    end
    assert.equal(1, found['sms_calls_total{provider="nexmo",operation="send_sms",kind="invalid",'
      .. 'outcome="not_sent"}'])
  end)

  it("keeps what it has counted until there is room in the dictionary", function()
    start(1, "lua_shared_dict sms 100k;\n  init_worker_by_lua_block { full = 0\n"
      .. "    for _, size in ipairs { 1000, 300, 100, 40, 1 } do\n"
      .. "      while ngx.shared.sms:safe_set(full, ('y'):rep(size)) do full = full + 1 end end }")
    for i = 1, 3 do assert.equal("s" .. i, server:ask("/one?ref=s" .. i).ref) end
    assert.equal(0, server:ask "/status".nexmo.calls)
    assert.matches("the dictionary sms is full", select(2, server:get "/doctor"))
    server:ask "/free"
    assert.equal(3, server:ask "/status".nexmo.calls)
    assert.is_nil(select(2, server:get "/doctor"):find "is full")
  end)

  it("is each worker's own without a dictionary, told apart by a label", function()
    start(2)
    server:ask "/one?ref=x"
    local pids = {}
    for _, pid in ipairs(server:workers()) do pids[tostring(pid)] = true end
    local found = counters()
    assert.is_not_nil(next(found))
    for series in pairs(found) do assert.is_true(pids[series:match 'worker="(%d+)"'], series) end
  end)
end)
