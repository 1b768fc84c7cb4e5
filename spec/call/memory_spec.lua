-- Memory of Lua's that runs out: what was sent is never told as not sent, nor does it raise.

local core = require "sms.core"
local failing_memory = require "failing_memory"
local loops = require "spec.support.loops"
local raw_server = require "spec.support.servers.raw_server"
local script = require "sms.runtime.script"
local sms = require "sms"
local usual = require "spec.support.usual"

local TEXT, taken = usual.TEXT, usual.taken

local IS_LUAJIT = rawget(_G, "jit") ~= nil
-- Lua 5.4 collects its garbage and asks once more.
local REFUSALS = IS_LUAJIT and 1 or 2
local NOWHERE = 1000000 -- a place that no call comes to

describe("Where memory runs out", function()
  local server

  setup(function()
    server = raw_server.start()
    server:reply(taken())
    if IS_LUAJIT then -- an error of memory passes pcalls within compiled code by
      jit.off()
      jit.flush()
    end
  end)
  teardown(function()
    if IS_LUAJIT then jit.on() end
    server:stop()
  end)

  local function client_of(runtime)
    local client = usual.client_of(server, { rate_limit = { calls = 100000, period = 1 },
      timeout = 5, runtime = runtime })
    finally(function()
      failing_memory.disarm()
      client:close()
    end)
    return client
  end

  -- Calls, memory running out at the n-th place of each, until there is no such place. send(place)
  -- gives whether there is, and how the call ended.
  local function run_out(send)
    local place, ambiguous = 0, 0
    local is_there, ok, result, err
    repeat
      place = place + 1
      server:forget()
      is_there, ok, result, err = send(place)
      local was_asked = #server:requests() > 0
      assert.is_true(ok or not was_asked, result)
      assert.is_true(not was_asked or result ~= nil or err.outcome == "ambiguous", tostring(err))
      ambiguous = ambiguous + (err and err.outcome == "ambiguous" and 1 or 0)
    until not is_there
    assert.is_table(result)
    assert.is_true(ambiguous > 0)
  end

  it("anywhere in a call of a script", function()
    local client = client_of()
    assert(client:send_sms(TEXT)) -- what is made once is there
    run_out(function(place)
      failing_memory.arm(place, REFUSALS)
      local ok, result, err = pcall(client.send_sms, client, TEXT)
      return failing_memory.disarm(), ok, result, err
    end)
  end)

  -- Has memory run out within a method alone, at a place that may be changed.
  local function watched(object, name)
    local methods = debug.getmetatable(object).__index
    local method = methods[name]
    local watch = { place = NOWHERE, is_there = false }
    methods[name] = function(self, claims)
      watch.is_there = failing_memory.disarm() or watch.is_there
      failing_memory.arm(watch.place, REFUSALS)
      local status, answer, retry_after, date = method(self, claims)
      watch.is_there = failing_memory.disarm() or watch.is_there
      return status, answer, retry_after, date
    end
    finally(function() methods[name] = method end)
    return watch
  end

  -- In tasks a transfer tells of the end, in a loop a letter: each is looked at more than once.
  local function in_tasks(client)
    local ended = sms.all { function() return { pcall(client.send_sms, client, TEXT) } end }[1][1]
    return ended[1], ended[2], ended[3]
  end

  local function in_a_loop(client)
    local ended
    loops.cqueues.run { function() ended = { pcall(client.send_sms, client, TEXT) } end }
    return ended[1], ended[2], ended[3]
  end

  local function a_transfer(client)
    local engine = script.engine or script.renew()
    return (engine:submit(client.transports.rest, { method = "GET", url = server.url }, 1, 1, 0))
  end

  for name, way in pairs {
    ["side by side"] = { in_tasks, nil, a_transfer, "response" },
    ["in a loop"] = { in_a_loop, loops.cqueues.runtime, core.mailbox, "read" },
  } do
    it("while an answer is told: " .. name, function()
      local client = client_of(way[2])
      local watch = watched(way[3](client), way[4])
      assert(select(2, way[1](client)))
      run_out(function(place)
        watch.place, watch.is_there = place, false
        if IS_LUAJIT then collectgarbage() end -- a text that is there already needs no memory
        local ok, result, err = way[1](client)
        return failing_memory.disarm() or watch.is_there, ok, result, err
      end)
    end)
  end
end)
