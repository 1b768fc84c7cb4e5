--- Calls side by side: each function runs in a coroutine; where one waits, the others go
--- on, and one loop drives the engine for all of them.

local core = require "sms.core"
local script = require "sms.runtime.script"

local tasks = {}

local unpack = table.unpack or unpack -- luacheck: ignore

local running = setmetatable({}, { __mode = "k" }) -- coroutines of this scheduler
local count = 0 -- of them
local ready = {} -- coroutines to resume, first in, first out
local transfers = {} -- the coroutine that waits for it, by id
local sleepers = {} -- { coroutine, time }

--- Whether the caller is a coroutine of this scheduler. A user's own generator is not,
--- even inside of one: it must not be suspended under its user.
function tasks.is_inside()
  if count == 0 then
    return false
  end
  local current = coroutine.running()
  return current ~= nil and running[current] ~= nil
end

local function wake(thread)
  ready[#ready + 1] = thread
end

local function finish(thread, ok, ...)
  local group, index = unpack(running[thread])
  running[thread], count = nil, count - 1
  if ok then
    group.results[index] = { ... }
  else
    group.failure = group.failure or { (...) }
  end
  group.left = group.left - 1
  if group.left == 0 and group.waiter then
    wake(group.waiter)
  end
end

local function resume(thread)
  local function after(ok, ...)
    if coroutine.status(thread) == "dead" then
      finish(thread, ok, ...)
    elseif (...) ~= tasks then -- the function yielded by itself: it gets its next turn
      wake(thread)
    end
  end
  after(coroutine.resume(thread))
end

local function wake_sleepers()
  local now, nearest, asleep = core.now(), nil, {}
  for _, sleeper in ipairs(sleepers) do
    if sleeper[2] <= now then
      wake(sleeper[1])
    else
      asleep[#asleep + 1] = sleeper
      nearest = math.min(nearest or sleeper[2], sleeper[2])
    end
  end
  sleepers = asleep
  return nearest and nearest - now
end

local function wake_finished()
  local id = script.finished()
  while id do
    local waiter = transfers[id]
    transfers[id] = nil
    if waiter then
      wake(waiter)
    end
    id = script.finished()
  end
end

--- Everybody who can go on does, once.
local function turn()
  local now = ready
  ready = {}
  for _, thread in ipairs(now) do
    resume(thread)
  end
end

local function drive(group)
  turn()
  while group.left > 0 do
    local nearest = wake_sleepers()
    script.step(ready[1] and 0 or nearest or 1)
    wake_finished()
    turn()
  end
end

--- Runs functions side by side.
---@param functions function[]
---@return { [1]: any, [2]: any }[] results in the order of the functions
function tasks.all(functions)
  local group = { left = #functions, results = {} }
  for i, body in ipairs(functions) do
    local thread = coroutine.create(body)
    running[thread], count = { group, i }, count + 1
    wake(thread)
  end
  if group.left > 0 and tasks.is_inside() then
    group.waiter = coroutine.running()
    coroutine.yield(tasks)
  else
    drive(group)
  end
  if group.failure then
    error(group.failure[1], 0)
  end
  return group.results
end

--- As script.perform, while other tasks go on.
function tasks.perform(...)
  local transfer, why = script.submit(...)
  if not transfer then
    return nil, why
  end
  transfers[transfer:id()] = coroutine.running()
  coroutine.yield(tasks)
  return transfer:response()
end

--- As script.sleep, while other tasks go on.
function tasks.sleep(seconds)
  sleepers[#sleepers + 1] = { coroutine.running(), core.now() + seconds }
  coroutine.yield(tasks)
end

return tasks
