-- Coroutines that cannot be resumed: nobody waits for them without an end.

local child = require "spec.support.child"
local core = require "sms.core"
local lua_process = require "spec.support.lua_process"
local loop = require "sms.runtime.loop"
local resuming = require "sms.runtime.resuming"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local socket = require "socket"
local wire = require "spec.support.wire"

local PATIENCE = 120 -- seconds

describe("A coroutine that cannot be resumed", function()
  it("is waited for by nobody, and what it would have sent is not sent later", function()
    local command = lua_process.command "spec/support/starved/stack.lua"
    local ended = child.shell(("timeout %d %s"):format(PATIENCE, command))
    assert.matches("^%d+ runs, %d+ raised, 0 problems\n$", ended.out .. ended.err)
    print("# " .. ended.out:match "[^\n]+")
  end)
end)

describe("Resuming", function()
  it("tells what was yielded, returned and raised", function()
    local thread = coroutine.create(function()
      coroutine.yield(1)
      error("mine", 0)
    end)
    assert.same({ true, 1 }, { resuming.resume(thread) })
    assert.same({ false, "mine" }, { resuming.resume(thread) })
    assert.same({ true }, { resuming.resume(coroutine.create(function() end)) })
  end)

  local function resume_that(...)
    local told = { ... }
    return function() return (table.unpack or unpack)(told) end
  end

  it("by a loop's function tells whether it went on", function()
    local thread = coroutine.create(function() end)
    assert.is_true(resuming.by(resume_that(), thread))
    assert.is_true(resuming.by(resume_that(true), thread))
    assert.same({ [2] = "full" }, { resuming.by(resume_that(false, "full"), thread) })
    assert.same({ [2] = "full" }, { resuming.by(function() error("full", 0) end, thread) })
    coroutine.resume(thread)
    assert.is_true(resuming.by(coroutine.resume, thread)) -- which tells that it is dead
    assert.has_error(function() resuming.by(function() error("mine", 0) end, thread) end, "mine")
  end)

  it("a chain keeps who did not go on for the next time, and loses nobody", function()
    local went, full = {}, { b = true }
    local own = { untold = {}, late = false }
    local waiters = {}
    for i, name in ipairs { "a", "b", "c" } do
      waiters[i] = { name = name, thread = coroutine.create(function() went[#went + 1] = name end),
        behind = false }
      own.untold[waiters[i]] = true
    end
    waiters[1].behind, waiters[2].behind = waiters[2], waiters[3]
    function own.resume(thread)
      if thread == waiters[2].thread and full.b then error("C stack overflow", 0) end
      return coroutine.resume(thread)
    end
    assert.same({ "C stack overflow" }, resuming.chain(own, waiters[1]))
    assert.same({ "a", "c" }, went)
    assert.equal(waiters[2], own.late)
    full.b, own.late = false, false
    assert.is_nil(resuming.chain(own, waiters[2]))
    assert.same({ "a", "c", "b" }, went)
    assert.is_false(own.late)
  end)
end)

describe("A loop of one's own", function()
  local box, host = sandbox.for_specs(), nil

  -- At each turn it looks whether there is an answer, and resumes all of its coroutines.
  local function new_host(suspend)
    local own = { returns = 0, threads = {} }
    function own.spawn(body)
      local thread = coroutine.create(body)
      assert(coroutine.resume(thread))
      table.insert(own.threads, thread)
    end
    own.runtime = loop.new {
      watch = function(descriptor, callback)
        own.watched = { { getfd = function() return descriptor end, callback = callback } }
        return function() own.watched = nil end
      end,
      sleep = function(seconds)
        local ends = core.now() + seconds
        repeat coroutine.yield() until core.now() >= ends
      end,
      suspend = function()
        own.returns = own.returns + 1
        suspend()
      end,
      spawn = own.spawn,
      is_inside = function()
        if own.refuses then error(own.refuses, 0) end
        return own.is_running or false
      end,
    }
    function own.run()
      while own.threads[1] or own.watched do
        if own.watched and socket.select(own.watched, nil, 0)[1] then
          own.watched[1].callback()
        end
        for i = #own.threads, 1, -1 do
          if coroutine.status(own.threads[i]) == "dead" then
            table.remove(own.threads, i)
          else
            assert(coroutine.resume(own.threads[i]))
          end
        end
      end
    end
    host = own
  end
  after_each(function() host.is_running = false end)

  local function sender(options)
    local nexmo = wire.nexmo(box, wire.changed({ runtime = host.runtime }, options or {}))
    return function()
      return nexmo:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
    end
  end

  it("may resume in vain as often as it turns", function()
    new_host(coroutine.yield)
    box:fault { operation = "send_sms", kind = "latency", seconds = 1.5 }
    local send, all = sender(), nil
    host.is_running = true
    host.spawn(function() all = sms.all { send, send } end)
    host.run()
    assert.is_table(all[1][1])
    assert.is_table(all[2][1])
    assert.is_true(host.returns > 200)
  end)

  local function stand_still() end

  it("may stand still: who waits for an answer looks by himself", function()
    new_host(stand_still)
    local send = sender()
    host.is_running = true
    assert.is_table((send()))
    assert.is_table(sms.all({ send, send })[2][1])
    assert.is_true(host.returns < 100000)
    assert.equal(3, #box:arrivals())
  end)

  it("that stands still while others sleep is told so by sms.all", function()
    new_host(stand_still)
    local send = sender { rate_limit = { calls = 1, period = 60, share = "process" } }
    host.is_running = true
    local ok, message = pcall(sms.all, { send, send })
    assert.is_false(ok)
    assert.matches("the loop's suspend did not suspend", message)
    assert.is_true(host.returns < 100000)
    assert.equal(1, #box:arrivals())
  end)

  it("ends where it has raised an error while a call began", function()
    new_host(coroutine.yield)
    local send, results = sender(), {}
    host.is_running = true
    host.spawn(function()
      local wait = host.runtime.cannot_wait
      host.runtime.cannot_wait = function()
        host.refuses = "spoilt"
        return nil
      end
      results[1] = select(2, pcall(send))
      host.refuses, host.runtime.cannot_wait = nil, wait
      results[2] = send()
    end)
    host.run()
    assert.equal("spoilt", results[1])
    assert.is_table(results[2])
  end)
end)
