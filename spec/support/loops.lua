-- The event loops that specs run in: lua-cqueues, luv, and one of our own on LuaSocket's select.
--
--     for name, tested in pairs(loops) do
--       client { runtime = tested.runtime }
--       tested.run { function() … end }     functions in coroutines of the loop, until nobody waits

local core = require "sms.core"
local cqueues = require "cqueues"
local loop = require "sms.runtime.loop"
local socket = require "socket"
local uv = require "luv"

-- A loop of our own: as docs and examples/loop_select.lua have it.
local own = { watched = {}, sleepers = {} }

own.runtime = loop.new {
  watch = function(descriptor, callback)
    own.watched[1] = { getfd = function() return descriptor end, callback = callback }
    return function() own.watched[1] = nil end
  end,
  sleep = function(seconds)
    own.sleepers[coroutine.running()] = core.now() + seconds
    coroutine.yield()
  end,
}

local function turn()
  for _, object in ipairs((socket.select(own.watched, nil, 0.005))) do object.callback() end
  local due = {}
  for thread, time in pairs(own.sleepers) do
    if time <= core.now() then due[#due + 1] = thread end
  end
  for _, thread in ipairs(due) do
    own.sleepers[thread] = nil
    assert(coroutine.resume(thread))
  end
end

local loops = {
  cqueues = {
    runtime = loop.cqueues(),
    run = function(bodies)
      local queue = cqueues.new()
      for _, body in ipairs(bodies) do queue:wrap(body) end
      assert(queue:loop(20))
      assert(queue:empty(), "the loop does not end")
    end,
  },
  luv = {
    runtime = loop.luv(),
    run = function(bodies)
      for _, body in ipairs(bodies) do coroutine.wrap(body)() end
      uv.run()
    end,
  },
  ["select"] = {
    runtime = own.runtime,
    run = function(bodies)
      for _, body in ipairs(bodies) do coroutine.wrap(body)() end
      while own.watched[1] or next(own.sleepers) do turn() end
    end,
    turn = turn,
    is_watching = function() return own.watched[1] ~= nil end,
  },
}

return loops
