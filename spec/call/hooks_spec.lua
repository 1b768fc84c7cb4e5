-- Hooks can neither delay, nor end, nor break what they are told of: with errors, and with yields
-- wherever the caller runs.

local core = require "sms.core"
local loops = require "spec.support.loops"
local raw_server = require "spec.support.servers.raw_server"
local sms = require "sms"
local usual = require "spec.support.usual"

local LATE = 1 -- seconds that hooks would sleep
local TEXTS = { usual.TEXT, usual.TEXT, usual.TEXT }

describe("A hook", function()
  local server

  setup(function() server = raw_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    server:reply(usual.taken())
    server:forget()
  end)

  local HOOKS = {
    ["raises a text"] = function() error "from the hook" end,
    ["raises a table"] = function() error({}) end,
    ["raises nothing"] = function() error() end,
    yields = function() coroutine.yield "from the hook" end,
    ["yields for ever"] = function() while true do coroutine.yield() end end,
    ["sends and raises"] = function()
      local client = usual.client_of(server)
      client:send_sms(usual.TEXT)
      error "from the hook"
    end,
  }

  -- One text, and some in bulk: how often they were accepted, and how often the hooks were told.
  local function send_all_with(hook, runtime)
    local told = 0
    local function counted(value)
      told = told + 1
      hook(value)
    end
    local client = usual.client_of(server, { on_event = counted, runtime = runtime, timeout = 5 })
    local accepted = client:send_sms(usual.TEXT) and 1 or 0
    for _, result in client:send_all(TEXTS, { on_progress = counted, in_flight = 2 }) do
      accepted = accepted + (result and 1 or 0)
    end
    return accepted, told
  end

  -- By what it is called in: what runs a function there.
  local PLACES = {
    ["a script"] = function(body) body() end,
    ["sms.all"] = function(body) sms.all { body } end,
    ["a coroutine of the user's"] = function(body)
      local thread = coroutine.create(body)
      repeat assert(coroutine.resume(thread)) until coroutine.status(thread) == "dead"
    end,
    ["a coroutine of the user's in sms.all"] = function(body)
      sms.all { function()
        local thread = coroutine.wrap(body)
        thread()
      end }
    end,
  }

  for name, hook in pairs(HOOKS) do
    for place, run in pairs(PLACES) do
      it(("that %s in %s disturbs nothing"):format(name, place), function()
        local accepted, told, yields = nil, nil, 0
        run(function()
          accepted, told = send_all_with(hook)
          yields = yields + 1
        end)
        assert.equal(4, accepted)
        assert.equal(1, yields)
        assert.is_true(told >= 9)
      end)
    end
  end

  for name, tested in pairs(loops) do
    it("that sleeps and raises in the loop of " .. name .. " delays nothing, and ends nothing",
      function()
        local accepted, took, woken = nil, nil, 0
        tested.run { function()
          local began = core.now()
          accepted = send_all_with(function()
            tested.runtime.sleep(LATE)
            woken = woken + 1
            error "from the hook"
          end, tested.runtime)
          took = core.now() - began
          tested.runtime.sleep(LATE + 0.1)
        end }
        assert.equal(4, accepted)
        assert.is_true(took < LATE, took)
      end)
  end

  it("may end a run of send_all, which then ends in its loop", function()
    local run, ended
    local client = usual.client_of(server, { on_event = function(event)
      if event.name == "response" and not ended then
        ended = true
        run:close()
      end
    end })
    run = client:send_all({ usual.TEXT, usual.TEXT, usual.TEXT }, { in_flight = 1 })
    local rounds = {}
    for item, result, err in run do
      rounds[#rounds + 1] = result and "accepted" or item and err.kind or "end"
    end
    assert.equal("accepted", rounds[1])
    assert.equal(1, #server:requests())
  end)

  it("may make a run of its own, which waits for what it has in flight", function()
    server:reply { { sleep = 0.2 }, usual.taken() }
    local other, ended, took = usual.client_of(server, { timeout = 5 }), 0, nil
    local client = usual.client_of(server, { timeout = 5, on_event = function(event)
      if event.name ~= "response" or took then return end
      local began = core.now()
      local run = other:send_all(TEXTS, { in_flight = 3 })
      for _, result in run do
        if result then ended = ended + 1 end
        run:close()
      end
      took = core.now() - began
    end })
    assert(client:send_sms(usual.TEXT))
    assert.is_true(ended >= 1)
    assert.is_true(took >= 0.2)
    assert.equal(4, #server:requests())
  end)

  it("for which there is no memory is not told, and disturbs nothing", function()
    local create, told = coroutine.create, 0
    local client = usual.client_of(server, { on_event = function() told = told + 1 end })
    finally(function() coroutine.create = create end) -- luacheck: ignore
    coroutine.create = function() error("not enough memory", 0) end -- luacheck: ignore
    assert(client:send_sms(usual.TEXT))
    assert.equal(0, told)
  end)
end)
