--- What a run of send_all does for its loop: reads its queue, starts calls, tells the queue how
--- they ended.
---
--- A queue is what a source is to a run: a list with its journal (sms.bulk.items), or an outbox
--- that many machines share (sms.outbox.queue). The metatable of such a source has `open_queue`,
--- called with the source and the run, of which it may ask `client`, `operation`, `given`, `pool`,
--- `in_flight`, `most`, `sleep`, `fail`, `failure`, `skip`, `warn`. It gives a queue, or nil, err:
---
---   next(room)           an entry; nil, err, which ends the run; nil, nil, "at once" or "later",
---                        when to ask again; nil at the end. Where `room` is 0, what is high alone
---   begin(unit)          its call has its slots: true and may set `unit.start_before`, after which
---                        no first byte leaves; or nil, why, kind
---   finish(unit, outcome)   how its call has ended; `stays_new` is set where it is not told
---   refuse(unit)         its item is wrong, and is told
---   renew(unit)          it was refused, but its items are to be new again
---   refused(fatal)       the account was
---   before_told(unit), told(unit, at)   the loop is going to know its items; knows one of them
---   beat(now), nap()     what is done from time to time; seconds to the next time, or nil
---   public(handle)       what the loop is given as its fourth value
---   close()              nothing of the run is under way any more; again at the end of a loop that
---                        goes on after that
---   abandon()            the run is closed, also where waiting for that was broken off
---   abandoned            the queue that takes its place then, if another one does
---
--- An entry is { item, handle, hash, err, is_high, is_last }: with `err` it is told and not sent;
--- after the last one of a row of high ones their call goes at once.

local call = require "sms.call"
local core = require "sms.core"
local errors = require "sms.base.errors"
local feed = require "sms.bulk.feed"
local refusals = require "sms.bulk.refusals"

local work = {}

local LONGEST_BREATH = 0.02 -- seconds for which the others are not looked after

--- An error of the whole run, or of what is told and not sent.
function work.failure_of(run, kind, message)
  return errors.new { kind = kind, outcome = "not_sent", message = message,
    provider = run.client.provider.name, operation = run.feed and run.feed.operation[1] }
end

--- Ends the run as soon as what is in flight has ended.
function work.fail(run, err)
  run.fatal = run.fatal or err
  run.is_over = true
end

--- Whether nothing may leave any more: the run is over, if only because of the time.
---@return boolean
function work.is_late(run)
  local last = run.given.not_after
  run.is_over = run.is_over or last ~= nil and core.wall() + run.client.clock.ahead >= last
  return run.is_over
end

--- Notes that a call is about to be sent, which has its slots.
---@return boolean? ok
---@return string? why
---@return string? kind of the failure
function work.begin(run, made)
  local ok, why, kind = run.queue:begin(made.bulk)
  if ok and work.is_late(run) then -- while the queue was waited for
    return nil, "send_all ended before it was sent", "cancelled"
  end
  return ok, why, kind
end

--- Ends a run whose account is refused, and lets items that were refused before be new again.
local function refuse_account(run, fatal, renewed)
  if fatal then
    run.queue:refused(fatal)
    work.fail(run, fatal)
  end
  for _, other in ipairs(renewed or {}) do
    run.queue:renew(other)
  end
end

--- What was held back is told now, where there is any.
---@return boolean
local function release(run)
  local was_any, fatal, renewed = run.refusals:release()
  refuse_account(run, fatal, renewed)
  return was_any
end

--- Judges whose a refusal is, and gives the outcome as the queue has it.
local function judge(run, unit)
  refuse_account(run, run.refusals:judge(unit))
  return unit.stays_new and "not_sent" or unit.err and unit.err.outcome or "accepted"
end

--- Makes the call of a unit.
function work.send(run, unit)
  unit.use, unit.is_over, unit.begin = run.given.use, run.check_over, run.begin
  if unit.is_high then
    unit.use = nil -- before all that have a share, and in the share that these leave free
  end
  unit.not_after = run.given.not_after
  unit.result, unit.err = call.make_checked(run.client, run.feed.operation, unit.sent, run.chosen,
    unit)
  if unit.job then
    unit.body:drop()
  end
  unit.sent, unit.body, unit.job = nil, nil, nil
  run.queue:finish(unit, judge(run, unit))
end

--- Lets the others go on where reading the source takes long.
local function breathe(run)
  local poll = run.here and run.here.poll
  if poll and core.now() - run.breathed > LONGEST_BREATH then
    poll()
    run.breathed = core.now()
  end
end

--- Whether the run ends before an item: `stop` says so, or raises.
local function stops(run, item)
  local ok, answer = pcall(run.given.stop, item)
  if ok then
    return answer
  end
  run.is_over = true -- in a loop that goes on, too: the item has been taken from its source
  if tostring(answer):find "interrupted!$" then -- Ctrl-C in lua and luajit
    error(answer, 0)
  end
  work.fail(run, work.failure_of(run, "internal", "stop raised an error: "
    .. errors.safe_text(tostring(answer))))
  return true
end

--- What is sent or told next; nil where there is nothing yet.
local function unit_of(run, entry)
  if entry.err then
    return feed.told(entry, entry.err)
  end
  if run.given.stop and stops(run, entry.item) then
    run.is_read = true
    return not run.is_over and run.feed:flush() or nil
  end
  local unit = run.feed:add(entry)
  if unit and unit.is_told then
    run.queue:refuse(unit)
  elseif not unit and entry.is_last then
    return run.feed:flush()
  end
  return unit
end

--- The next unit; nil where there is none now, or the queue has ended.
local function next_unit(run, room)
  while not run.is_read and not run.is_over do
    local entry, err, more = run.queue:next(room)
    if err then
      return work.fail(run, err)
    elseif not entry and more ~= "at once" then
      run.is_read = not more
      return room > 0 and run.feed:flush() or nil
    end
    local unit = entry and unit_of(run, entry)
    if unit then
      return unit
    end
    breathe(run)
  end
end

--- How many more calls may be started, and how many high ones, also where all others wait.
local function room_of(run)
  local pool = run.pool
  return math.max(0, run.in_flight - pool.open),
    run.queue.has_high and run.in_flight - pool.high or 0
end

--- Starts calls until enough are in flight.
function work.fill(run)
  local told = run.told
  while not run.is_over and not told[1] do
    local room, high = room_of(run)
    local unit = (room > 0 or high > 0) and next_unit(run, room)
    if not unit then
      return
    elseif unit.is_told then
      told[1] = unit
    else
      run.pool:start(unit)
    end
    breathe(run)
  end
end

--- What the queue does from time to time.
function work.beat(run)
  if run.queue then
    run.queue:beat(core.now())
  end
end

--- Waits until nothing is under way any more.
function work.join(run)
  local nap = run.queue and run.queue:nap()
  while run.pool:is_working() do
    run.pool:join(nap)
    work.beat(run)
  end
end

--- Waits for what is under way, or for the queue to have more; false where nothing more comes.
---@return boolean
function work.wait(run)
  local nap = run.queue and run.queue:nap()
  if run.pool:is_busy() then
    run.pool:wait(run.is_ending, nap)
    return true
  elseif run.queue and release(run) then
    return true
  elseif not nap or run.is_read or run.is_over then
    return false
  end
  run.sleep(nap)
  return true
end

--- Whether the caller is not told of a unit: it was not sent and never will be by this run, or it
--- is not known yet whose its refusal is.
function work.is_untold(run, unit)
  return refusals.keeps(unit) or run.is_over and unit.err and unit.err.kind == "cancelled"
    and unit.err.outcome == "not_sent"
end

--- Raises what a call has raised, once: Ctrl-C, for one.
function work.raise(run)
  local raised = run.pool.raised
  run.pool.raised = nil
  if raised then
    run.is_over = true
    run.pool:close() -- nobody may be left to work on what has not begun
    error(raised[1], 0)
  end
end

return work
