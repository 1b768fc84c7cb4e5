-- Functions of sms.later where nginx's timers are used up, where one ends its timer, and at a
-- worker's end.

local nginx = require "spec.support.servers.nginx"
local process = require "spec.support.process"
local socket = require "socket"

local INIT = [[
  handlers = require "spec.support.nginx.handlers"
  hooks = require "spec.support.nginx.hooks"
]]

local LOCATIONS = [[
  location /told { content_by_lua_block { hooks.told() } }
  location /later { content_by_lua_block { hooks.later() } }
  location /fill { content_by_lua_block { hooks.fill() } }
  location /pending { content_by_lua_block { hooks.fill_pending() } }
  location /quit { content_by_lua_block { ngx.sleep(0.5) hooks.later() } }
]]

local FULL = "%d lua_max_running_timers are not enough"

describe("sms.later", function()
  local server = nginx.for_specs()

  local function start(http)
    server:start { init = INIT, locations = LOCATIONS, http = http }
  end

  local function told(count, seconds)
    local answer
    process.wait(count .. " functions", seconds or 5, function()
      answer = server:ask "/told".told
      return #answer >= count
    end)
    return answer
  end

  local function later(ref, does)
    return server:ask(("/later?ref=%s&does=%s"):format(ref, does or ""))
  end

  it("runs what was taken as soon as nginx has a timer again", function()
    start "lua_max_running_timers 2;"
    server:ask "/fill?n=2&seconds=1.5"
    assert.is_true(later "first".ok)
    assert.same({ "first" }, told(1))
  end)

  it("takes nothing while nginx runs no timer, and does so again when it does", function()
    start "lua_max_running_timers 2;"
    server:ask "/fill?n=2&seconds=4"
    local taken, began = 0, socket.gettime()
    local answer = later "n1"
    while answer.ok do
      taken = taken + 1
      socket.sleep(0.1)
      answer = later("n" .. taken + 1)
    end
    assert.is_true(socket.gettime() - began < 4, "none was refused")
    assert.equal("internal", answer.kind)
    assert.equal("nginx has not run the last timers: more than "
      .. "lua_max_running_timers?", answer.message)
    assert.equal(taken, #told(taken, 7))
    assert.is_true(later "again".ok)
    assert.equal("again", told(taken + 1)[taken + 1])
  end)

  it("says so where nginx gives no timer", function()
    start "lua_max_pending_timers 3;"
    server:ask "/pending"
    local answer = later "x"
    assert.is_nil(answer.ok)
    assert.same({ "internal", "nginx gives no timer: too many pending timers" },
      { answer.kind, answer.message })
  end)

  it("has its place among the timers from its first function on", function()
    start "lua_max_pending_timers 3;"
    assert.is_true(later "first".ok)
    told(1)
    server:ask "/pending"
    assert.is_true(later "second".ok)
    assert.same({ "first", "second" }, told(2))
  end)

  it("goes on where functions end their timers", function()
    start()
    for i = 1, 100 do assert.is_true(later("gone" .. i, "exit").ok) end
    assert.is_true(later "here".ok)
    assert.same({ "here" }, told(1))
  end)

  it("runs what waits before the worker ends", function()
    start()
    for i = 1, 150 do assert.is_true(later("n" .. i, "sleep").ok) end
    local worker = server:workers()[1]
    local connection = server:begin "/quit?ref=quitting"
    server:get "/told"
    server:signal "QUIT"
    local _, answer = nginx.answer(connection)
    assert.matches('"ok":true', answer)
    process.wait("the worker to quit", 10, function() return not process.lives(worker) end)
    local _, count = server:log():gsub("ran n%d", "")
    assert.equal(150, count)
    assert.matches("ran quitting", server:log())
    assert.equal("", server:log "ran ")
  end)

  it("runs what waits before the worker ends, though timers were used up", function()
    start "lua_max_running_timers 2;"
    server:ask "/fill?n=2&seconds=0.5"
    assert.is_true(later "x".ok)
    local worker = server:workers()[1]
    process.wait("a timer", 5, function() return server:log():find(FULL) end)
    socket.sleep(0.6) -- the host's timers have ended, and nothing has looked since
    server:signal "QUIT"
    process.wait("the worker to quit", 5, function() return not process.lives(worker) end)
    assert.matches("ran x", server:log())
  end)
end)
