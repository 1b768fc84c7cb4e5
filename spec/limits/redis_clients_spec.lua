-- The example of lua/sms/redis.lua as it stands there, with Debian's lua-redis where it is
-- installed (its Lua has to have it: Debian has it for Lua 5.1 to 5.3, so for LuaJIT).

local core = require "sms.core"
local redis_server = require "spec.support.servers.redis_server"
local socket = require "socket"

local LEASE, PERIOD = 0.1, 0.1
local TIMEOUT, GRACE = 0.5, 0.25 -- as in the example; for a busy machine

--- The lines of the example behind the words "With lua-redis", which make a share.
local function example()
  local file = assert(io.open "lua/sms/redis.lua")
  local text = file:read "*a"
  file:close()
  local lines = {}
  for line in text:match "With lua%-redis[^\n]*\n(.-)\n%-%-%- A Redis":gmatch "[^\n]+" do
    lines[#lines + 1] = line:sub(5)
  end
  return table.concat(lines, "\n")
end

local compile = loadstring or load -- luacheck: ignore loadstring

--- Runs the example for a server on another port.
local function share_of(port)
  return assert(compile(example():gsub("6379", port) .. "\nreturn share"))()
end

describe("lua-redis", function()
  local server, slots

  it("is shown as what compiles", function() assert.is_function(compile(example())) end)

  if not pcall(require, "redis") then return end

  setup(function() server = redis_server.start() end)
  teardown(function() server:stop() end)

  local function wait_for_slot()
    local gives_up = core.now() + 5
    while core.now() < gives_up do
      local index, wait = slots:acquire(core.now(), LEASE)
      if index then return index, wait end
      socket.sleep(wait or 0.02)
    end
  end

  before_each(function()
    slots = share_of(server.port):open("nexmo:lua-redis", 1, PERIOD)
    assert.is_string((wait_for_slot()))
  end)

  it("gives slots, takes them back and tells how long to wait", function()
    local index, mark = wait_for_slot()
    assert.is_string(index)
    assert.is_true(select(2, slots:acquire(core.now(), LEASE)) > 0)
    assert(slots:refund(index, mark, core.now()))
    assert.equal(1, slots:available(core.now()))
  end)

  it("gives none while Redis is stopped, and is not waited for long", function()
    server:pause()
    local began = core.now()
    local index, wait, why = slots:acquire(began, LEASE)
    local seconds = core.now() - began
    server:resume()
    assert.same({ true, true, "string" }, { index == nil, wait == nil, type(why) })
    assert.is_true(seconds < TIMEOUT + GRACE, seconds)
    assert.is_string((wait_for_slot()))
  end)

  it("gives none while Redis is away, and some when it is back", function()
    server:kill()
    local index, wait, why = slots:acquire(core.now(), LEASE)
    assert.same({ true, true, "string" }, { index == nil, wait == nil, type(why) })
    server:launch()
    assert.is_string((wait_for_slot()))
  end)
end)
