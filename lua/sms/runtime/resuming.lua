--- Resumes coroutines. One that did not go on, since the C stack is nearly full or memory has run
--- out, is told from one that has ended: it waits as before, and nobody else would wake it.

local core = require "sms.core"

local resuming = {}

local IN_VAIN = 100 -- returns of a loop's suspend until the loop is asked whether it turns
local NAP, NAPS = 0.001, 1000 -- seconds; how many before it must have answered
local NEVER_SUSPENDS = "the loop's suspend did not suspend (loop.new)"

local resume, status_of = coroutine.resume, coroutine.status

--- Resumes a coroutine.
---@param thread thread
---@return boolean? ok false: it has ended with an error; nil: it did not go on
---@return any first what it yielded or returned, or the error
function resuming.resume(thread)
  local ok, first = resume(thread)
  if not ok and status_of(thread) == "suspended" then
    return nil, first
  end
  return ok, first
end

--- Resumes a coroutine by the function of a loop. What that raises of one that has ended is raised.
---@param function_of_loop fun(thread: thread): any, any
---@param thread thread
---@return boolean? ok nil: it did not go on
---@return any why
function resuming.by(function_of_loop, thread)
  local called, answer, message = pcall(function_of_loop, thread)
  if called and answer ~= false then
    return true
  end
  local why = called and message or answer
  if status_of(thread) == "suspended" then
    return nil, why
  elseif not called then
    error(why, 0)
  end
  return true -- it was the loop's affair to see what coroutine.resume told
end

--- Resumes the waiters of a loop whose answers have come: a chain by `behind`. One that does not go
--- on stands in the chain `late` of the loop, for the next time.
---@param loop table resume, untold, late
---@param first table?
---@param is_left fun(waiter: table)? whether one is not resumed, since its loop has gone
---@return { [1]: any }? failure the first one
function resuming.chain(loop, first, is_left)
  local failure
  while first do
    local waiter, called, ok, why = first, true, true, nil
    first = waiter.behind
    if loop.untold[waiter] and not (is_left and is_left(waiter)) then
      called, ok, why = pcall(resuming.by, loop.resume, waiter.thread)
    end
    if called and not ok then
      waiter.behind, loop.late = loop.late, waiter
    end
    if not (called and ok) then
      failure = failure or { called and why or ok }
    end
  end
  return failure
end

--- Asks a loop whether it turns: one of its coroutines sleeps, and says so when it goes on.
local function ask(loop, doubt)
  local is_spawned = false
  pcall(loop.spawn, function()
    pcall(loop.sleep, NAP)
    doubt.turns = is_spawned -- else its sleep does not suspend either
  end)
  is_spawned = true
end

--- What is thought of a loop each time its suspend has returned. Anybody may resume a coroutine in
--- vain, as often as the loop turns. Where that stands still, suspend did not suspend: the caller
--- looks for answers by himself, in place of the loop; and where none is to come, nothing is.
---@param loop table sleep, spawn, look, waiting; without them its suspend is known to suspend
---@param is_done boolean whether it has not returned in vain
---@param doubt table? of the last time
---@return table? doubt
---@return string? why nobody should wait any longer
function resuming.in_vain(loop, is_done, doubt)
  if is_done or not loop.look then
    return doubt
  end
  doubt = doubt or { count = 0, asks_at = IN_VAIN, naps = 0 }
  doubt.count = doubt.count + 1
  if doubt.count == doubt.asks_at then
    ask(loop, doubt)
  elseif doubt.turns then
    doubt.turns, doubt.asks_at, doubt.naps = false, 2 * doubt.count, 0
  elseif doubt.count > doubt.asks_at then
    core.pause(NAP)
    if loop.waiting > 0 then
      loop:look()
    else
      doubt.naps = doubt.naps + 1
    end
  end
  return doubt, doubt.naps > NAPS and NEVER_SUSPENDS or nil
end

return resuming
