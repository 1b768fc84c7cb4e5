-- Hooks in nginx are told in a timer, in order, and can neither delay, end nor break a call.

local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local sandbox = require "spec.support.servers.sandbox"

local INIT = [[
  sms = require "sms"
  handlers = require "spec.support.nginx.handlers"
  hooks = require "spec.support.nginx.hooks"
  insecure = {}
  client = sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", insecure = true,
    on_event = function(event) insecure[#insecure + 1] = event.name end }
  client:close()
]]

local LOCATIONS = [[
  location /send { content_by_lua_block { hooks.send() } }
  location /told { content_by_lua_block { hooks.told() } }
  location /emit { content_by_lua_block { hooks.emit() } }
  location /fill { content_by_lua_block { hooks.fill() } }
  location /pending { content_by_lua_block { hooks.fill_pending() } }
  location /status { content_by_lua_block { handlers.status() } }
  location /init { content_by_lua_block { handlers.say(insecure) } }
  location /quit {
    content_by_lua_block {
      ngx.sleep(0.5)
      hooks.emit()
      assert(ngx.worker.exiting())
      require "sms.call.events".tell(function() ngx.log(ngx.ERR, "seen at the end") end, {})
    }
  }
]]

describe("Hooks in nginx", function()
  local box, server = sandbox.for_specs(), nginx.for_specs()

  local function start(http)
    server:start { init = INIT, locations = LOCATIONS, http = http }
  end

  -- What the hooks were told, once it was so much.
  local function told(count, seconds)
    local answer
    process.wait(count .. " hooks", seconds or 10, function()
      answer = server:ask "/told"
      return #answer.told >= count
    end)
    return answer
  end

  local function send(kind)
    return server:ask(("/send?kind=%s&base=%s"):format(kind:gsub(" ", "%%20"), box.urls.nexmo))
  end

  local ORDER = { "request", "response", "request", "response", "progress", "request", "response",
    "progress" }

  for _, kind in ipairs { "plain", "sleeps", "waits while garbage is collected", "exits",
    "sleeps and exits", "raises", "yields", "yields for ever", "ends its thread",
    "reads ngx.ctx" } do
    it(("(%s) are told in order, and disturb no call"):format(kind), function()
      start()
      local answer = send(kind)
      assert.equal(3, answer.accepted)
      assert.is_true(answer.seconds < 1, answer.seconds)
      local seen = told(7, 15)
      local i = 1
      for _, name in ipairs(seen.told) do -- how often progress is told goes by the time
        if name == "progress" and ORDER[i] ~= name then i = i - 1 end
        if name ~= "progress" and ORDER[i] == "progress" then i = i + 1 end
        assert.equal(ORDER[i], name, table.concat(seen.told, " "))
        i = i + 1
      end
      if kind == "reads ngx.ctx" then assert.is_true(seen.ended >= 7, seen.ended) end
      assert.equal(0, server:ask "/status".hooks_dropped)
      assert.equal("", server:log())
    end)
  end

  it("that hang hold up the next for 5 s", function()
    start()
    server:ask "/emit?n=2&kind=hangs"
    told(1)
    assert.equal(1, #server:ask "/told".told)
    told(2, 7)
  end)

  it("wait, 1,000 of them at most; then the oldest are dropped and counted", function()
    start()
    server:ask "/emit?n=1500"
    local answer = told(1000)
    assert.same({ 501, 1500 }, { answer.told[1], answer.told[1000] })
    local status = server:ask "/status"
    assert.same({ 0, 500 }, { status.hooks_waiting, status.hooks_dropped })
    local _, text = server:get "/status?text=1"
    assert.matches("\nsms_hooks_dropped_total{worker=\"%d+\"} 500\n", text)
    assert.matches("\nsms_hooks_waiting{worker=\"%d+\"} 0\n", text)
  end)

  it("are told when nginx has a timer again", function()
    start "lua_max_running_timers 2;"
    server:ask "/fill?n=2&seconds=1.5"
    server:ask "/emit?n=3"
    assert.equal(3, server:ask "/status".hooks_waiting)
    assert.same({ 1, 2, 3 }, told(3, 5).told)
    assert.equal("", server:log "%d lua_max_running_timers are not enough")
  end)

  it("are counted as dropped where nginx gives no timer", function()
    start "lua_max_pending_timers 3;"
    server:ask "/pending"
    server:ask "/emit?n=3"
    assert.equal(3, server:ask "/status".hooks_dropped)
  end)

  it("are told before a worker ends that is quitting", function()
    start()
    server:ask "/emit?n=1" -- nginx complains of a worker whose first timer is made as it quits
    local worker, connection = server:workers()[1], server:begin "/quit?n=3"
    server:get "/told" -- the worker has taken the request before
    server:signal "QUIT"
    nginx.answer(connection)
    process.wait("the worker to quit", 5, function() return not process.lives(worker) end)
    assert.matches("seen at the end", server:log())
    assert.equal("", server:log "seen at the end")
  end)

  it("are told at once in init_by_lua", function()
    start()
    assert.same({ "warning" }, server:ask "/init")
  end)
end)
