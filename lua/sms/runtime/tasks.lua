--- Calls side by side: each function runs in a coroutine; where one waits, the others go
--- on, and one loop drives the engine for all of them.

local conditions = require "sms.runtime.conditions"
local core = require "sms.core"
local resuming = require "sms.runtime.resuming"
local script = require "sms.runtime.script"

local tasks = {}

local LONGEST_STEP = 1 -- seconds

local current, status_of, yield = coroutine.running, coroutine.status, coroutine.yield
local now, resume = core.now, resuming.resume

local running = setmetatable({}, { __mode = "k" }) -- coroutines of this scheduler: group or false
local fresh = setmetatable({}, { __mode = "k" }) -- those that have not begun
local active -- the one whose turn it is
local ready, ready_count = {}, 0 -- coroutines to resume, in turn; one may stand there in vain
local spare -- an empty list for the next ones
local transfers = {} -- the coroutine that waits for it, by id; false: nobody
local driven -- the engine that they are of
local sleepers = {} -- { coroutine, time }

--- Whether the caller is a coroutine of this scheduler. A user's own generator is not,
--- even inside of one: it must not be suspended under its user.
function tasks.is_inside()
  return active ~= nil and current() == active
end

--- How the caller waits: as one of the tasks, or as a plain script.
---@return table runtime
function tasks.here()
  return active and current() == active and tasks or script
end

local function wake(thread)
  local count = ready_count + 1
  ready[count] = thread
  ready_count = count -- last: whoever is broken off in here leaves no hole
end

local function finish(thread, ok, message)
  local group = running[thread]
  if group == nil then
    return
  end
  running[thread] = nil
  if not group then
    return ok or error(message, 0) -- nobody else would be told
  elseif not ok then
    group.failure = group.failure or { message }
  end
  group.left = group.left - 1
  if group.left == 0 and group.waiter then
    wake(group.waiter)
  end
end

--- The engine. A child of fork has one of its own, and none of its parent's transfers.
local function engine_of_all()
  local engine = script.engine or script.renew()
  if engine ~= driven then
    local lost = transfers
    driven, transfers = engine, {}
    for _, thread in pairs(lost) do
      if thread then
        wake(thread)
      end
    end
  end
  return engine
end

--- What came of a turn that does not end in waiting.
local function after_turn(thread, ok, message)
  if status_of(thread) == "dead" then
    finish(thread, ok, message)
  elseif ok then -- the function yielded by itself: it gets its next turn
    wake(thread)
  elseif ok == nil then -- it gets it from whoever drives where there is room
    error(message, 0)
  end -- else it stood there in vain
end

--- Seconds until the next one is due; nil where nobody sleeps.
local function wake_sleepers()
  if not sleepers[1] then
    return nil
  end
  local time, nearest, asleep = now(), nil, {}
  for _, sleeper in ipairs(sleepers) do
    if sleeper[2] <= time then
      wake(sleeper[1])
    else
      asleep[#asleep + 1] = sleeper
      nearest = math.min(nearest or sleeper[2], sleeper[2])
    end
  end
  sleepers = asleep
  return nearest and nearest - time
end

--- Everybody who can go on does, once.
local function turn()
  local threads, count, outer = ready, ready_count, active
  ready, ready_count, spare = spare or {}, 0, nil
  for i = 1, count do
    local thread = threads[i]
    threads[i] = nil
    active = thread
    local ok, first = resume(thread)
    fresh[thread] = ok == nil and fresh[thread] or nil
    if not ok or first ~= tasks then -- else it waits
      after_turn(thread, ok, first)
    end
  end
  active = outer -- where a generator of its own drives the others
  spare = threads
end

--- Moves everything on; waits at most so long for something to happen.
local function pass(longest)
  local nearest = wake_sleepers()
  script.step(ready_count > 0 and 0 or math.min(nearest or longest, longest))
  engine_of_all()
  ready_count = script.finished(transfers, ready, ready_count)
  turn()
end

local function run_until(is_done)
  turn()
  while not is_done() do
    pass(LONGEST_STEP)
  end
end

--- A signal (Ctrl-C) may raise an error anywhere in here, and so does a coroutine that cannot be
--- resumed: then nobody knows any more who was to be woken, and everybody looks for himself as soon
--- as somebody drives again. Those of the caller's group that have not begun never will.
local function drive(run, argument, group)
  local outer = active
  local ok, message = pcall(run, argument)
  if not ok then
    active, ready, ready_count, spare = outer, {}, 0, nil
    for thread, its_group in pairs(running) do
      if status_of(thread) == "dead" then -- which nobody has been told
        finish(thread, true)
      elseif fresh[thread] and its_group and its_group == group then
        running[thread] = nil
      else
        wake(thread)
      end
    end
    error(message, 0)
  end
end

local function begin(body, group)
  local thread = coroutine.create(body)
  running[thread], fresh[thread] = group, true
  wake(thread)
end

--- Runs functions that raise nothing side by side, until all have ended.
---@param bodies function[]
function tasks.all(bodies)
  local group = { left = #bodies }
  for _, body in ipairs(bodies) do
    begin(body, group)
  end
  local function is_done()
    return group.left == 0
  end
  group.waiter = tasks.is_inside() and current()
  if group.waiter then
    while not is_done() do
      yield(tasks)
    end
  else
    drive(run_until, is_done, group)
  end
  if group.failure then -- a signal (Ctrl-C)
    error(group.failure[1], 0)
  end
end

--- As script.perform, while other tasks go on.
function tasks.perform(client, head, timeout, connect_timeout, start_before, body, claims)
  local engine = engine_of_all()
  local transfer, id = engine:submit(client, head, timeout, connect_timeout, start_before, body)
  if not transfer then
    if id == "forked" then
      script.renew()
      return tasks.perform(client, head, timeout, connect_timeout, start_before, body, claims)
    end
    return nil, nil, id
  end
  local own = transfers
  own[id] = active
  repeat
    yield(tasks)
  until own ~= transfers or not own[id]
  if own ~= transfers then
    return script.lost()
  end
  return transfer:response(claims)
end

--- As script.sleep, while other tasks go on.
function tasks.sleep(seconds)
  local time = now() + seconds
  sleepers[#sleepers + 1] = { current(), time }
  repeat
    yield(tasks)
  until now() >= time
end

--- Runs a function beside the caller.
function tasks.spawn(body)
  begin(body, false)
end

--- Lets the others go on who can.
function tasks.poll()
  if tasks.is_inside() then
    wake((current()))
    yield(tasks)
  else
    drive(pass, 0)
  end
end

local scheduler = {
  is_inside = tasks.is_inside,
  resume = wake,
  suspend = function()
    yield(tasks)
  end,
  drive_until = function(is_done)
    drive(run_until, is_done)
  end,
}

--- What one waits for and others bring about.
function tasks.condition()
  return conditions.in_tasks(scheduler)
end

return tasks
