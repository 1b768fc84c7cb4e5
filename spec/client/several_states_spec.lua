-- Clients of one account in several Lua states of one process: their limits hold for all of them.

local core = require "sms.core"
local errno = require "cqueues.errno"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local thread = require "cqueues.thread"
local usual = require "spec.support.usual"

local LONG = 30 -- seconds: a period that outlasts a case; nothing is sent for one after a boot

-- Runs in a thread, with a Lua state of its own: a client that sends as often as it is told. It is
-- not closed, its state is.
local function other_state(connection, path, cpath, url, key, limit)
  package.path, package.cpath = path, cpath
  local own, told = require "sms", 0
  local options = { api_key = key, api_secret = "Secret0123456789", base_url = url, max_wait = 0,
    retry = false, on_event = function(event)
      told = told + (event.name == "warning" and 1 or 0)
    end }
  options.rate_limit = false
  if limit ~= "none" then
    local calls, share = limit:match "^(%d+) (.+)$"
    options.rate_limit = { calls = tonumber(calls), period = 30, share = share }
    if share == "store" then
      options.rate_limit.share = { open = function() return nil, "away" end }
    end
  end
  local client = own.nexmo(options)
  connection:setmode("bn", "bn")
  connection:write(told .. "\n")
  for count in connection:lines() do
    local through = 0
    for _ = 1, tonumber(count) do
      local text = { from = "Acme", to = "447700900000", text = "x" }
      through = through + (client:send_sms(text) and 1 or 0)
    end
    connection:write(through .. "\n")
  end
end

describe("Clients of one account in several Lua states", function()
  local server, key, count, ends = nil, nil, 0, {}

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reply(usual.taken())
    count = count + 1
    key = ("states%d-%.0f"):format(count, core.now() * 1e6) -- with files of its own
  end)
  after_each(function()
    for _ = #ends, 1, -1 do table.remove(ends)() end
  end)

  local function client_here(limit)
    local client = sms.nexmo { api_key = key, api_secret = "Secret0123456789", max_wait = 0,
      base_url = server.url, retry = false, rate_limit = limit }
    table.insert(ends, function() client:close() end)
    return client
  end

  local function sent(client, wanted)
    local through = 0
    for _ = 1, wanted do
      through = through + (client:send_sms(usual.TEXT) and 1 or 0)
    end
    return through
  end

  -- A state with a client, and how many warnings it got.
  local function state_with(limit)
    local running, connection = thread.start(other_state, package.path, package.cpath, server.url,
      key, limit)
    connection:setmode("bn", "bn")
    local state = {}
    function state.sent(wanted)
      connection:write(wanted .. "\n")
      return tonumber(connection:read "*l")
    end
    function state.stop()
      if running then
        connection:close()
        local ended, why
        repeat ended, why = running:join() until ended or why ~= errno.EINTR
        running = nil
      end
    end
    table.insert(ends, state.stop)
    return state, tonumber(connection:read "*l")
  end

  for _, share in ipairs { "process", "machine" } do
    it("take a slot of each limit that has the same share: " .. share, function()
      local wide = client_here { calls = 9, period = LONG, share = share }
      assert.equal(1, sent(wide, 1))
      local narrow, warnings = state_with("2 " .. share)
      assert.equal(1, warnings)
      assert.equal(1, sent(wide, 1))
      assert.equal(1, narrow.sent(2))
      assert.equal(0, sent(wide, 1))
      narrow.stop() -- and its client with it
      assert.equal(2, sent(wide, 2))
    end)
  end

  it("with equal limits share them, and nothing is said", function()
    local here = client_here { calls = 3, period = LONG }
    local other, warnings = state_with "3 process"
    assert.same({ 0, 2, 1 }, { warnings, sent(here, 2), other.sent(2) })
  end)

  it("with limits elsewhere, or without one, have their own", function()
    local here = client_here { calls = 2, period = LONG }
    local free, warnings = state_with "none"
    assert.same({ 1, 4 }, { warnings, free.sent(4) })
    local away = state_with "1 store"
    assert.same({ 0, 2 }, { away.sent(1), sent(here, 3) })
  end)
end)
