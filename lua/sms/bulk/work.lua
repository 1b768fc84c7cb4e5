--- What a run of send_all does for its loop: reads the source, starts calls, keeps the journal.

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
  run.is_over = run.is_over or last ~= nil and core.wall() >= last
  return run.is_over
end

--- Writes to the journal how items have ended.
---@param waits boolean? until the disk has it, where the journal is synced
---@return string? why it could not
function work.note(run, ordinals, outcome, waits)
  local ok, why = run.ledger:finish(ordinals, outcome)
  if ok and waits then
    ok, why = run.ledger:wait(run.sleep)
  end
  if not ok then
    work.fail(run, work.failure_of(run, "internal", why))
  end
  return why
end

--- Notes that a call is about to be sent, which has its slots.
---@return boolean? ok
---@return string? why
---@return string? kind of the failure
function work.begin(run, made)
  if not run.ledger then
    return true
  end
  local ok, why = run.ledger:begin(made.bulk, run.sleep)
  if not ok then
    work.fail(run, work.failure_of(run, "internal", why))
  elseif work.is_late(run) then -- while the disk was waited for
    return nil, "send_all ended before it was sent", "cancelled"
  end
  return ok, why
end

--- Ends a run whose account is refused, and lets items that were refused before be new again.
local function refuse_account(run, fatal, renewed)
  for _, other in ipairs(run.ledger and renewed or {}) do
    work.note(run, other.ordinals, "not_sent")
  end
  if fatal then
    work.fail(run, fatal)
  end
end

--- What was held back is told now, where there is any.
---@return boolean
function work.release(run)
  local was_any, fatal, renewed = run.refusals:release()
  refuse_account(run, fatal, renewed)
  return was_any
end

--- Judges whose a refusal is, and gives the outcome as the journal has it.
local function judge(run, unit)
  refuse_account(run, run.refusals:judge(unit))
  return unit.stays_new and "not_sent" or unit.err and unit.err.outcome or "accepted"
end

--- Writes down how a unit has ended, before it is told. Where that cannot be written, the next run
--- will tell it as ambiguous, and so does this one; but what was not sent is told as that.
local function note_end(run, unit, outcome)
  unit.is_unsettled = outcome == "ambiguous"
  local why = not unit.is_unsettled and work.note(run, unit.ordinals, outcome, true)
  if why and outcome ~= "not_sent" then
    local err = work.failure_of(run, "internal",
      ("it was %s, and its journal could not note that: %s"):format(outcome, why))
    err.outcome, err.result = "ambiguous", unit.result or unit.err.result
    unit.result, unit.err, unit.is_unsettled = nil, err, true
  end
end

--- Makes the call of a unit. That it is ambiguous is written down once the caller has been
--- told: if he never is, he will be the next time.
function work.send(run, unit)
  unit.use, unit.is_over, unit.begin = run.given.use, run.check_over, run.begin
  unit.not_after = run.given.not_after
  unit.result, unit.err = call.make_checked(run.client, run.feed.operation, unit.sent, run.chosen,
    unit)
  if unit.job then
    unit.body:drop()
  end
  unit.sent, unit.body, unit.job = nil, nil, nil
  local outcome = judge(run, unit)
  if unit.is_begun then
    note_end(run, unit, outcome)
  end
end

--- Lets the others go on where reading the source takes long.
local function breathe(run)
  local poll = run.here and run.here.poll
  if poll and core.now() - run.breathed > LONGEST_BREATH then
    poll()
    run.breathed = core.now()
  end
end

--- A unit that tells of an item that was begun in an earlier run, whose end nobody knows.
local function unknown_end(run, entry)
  local unit = feed.told(entry, work.failure_of(run, "connection",
    "it was begun in an earlier run, and how it ended is not known"))
  unit.err.outcome, unit.is_unsettled = "ambiguous", true
  return unit
end

--- Writes an item down that is refused here, so that its journal knows it too.
local function refuse(run, unit)
  local ok, why = run.ledger:begin(unit, run.sleep)
  if not ok then
    work.fail(run, work.failure_of(run, "internal", why))
  else
    work.note(run, unit.ordinals, "rejected")
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
  if entry.todo == "tell" then
    return unknown_end(run, entry)
  end
  if run.given.stop and stops(run, entry.item) then
    run.is_read = true
    return not run.is_over and run.feed:flush() or nil
  end
  local unit = run.feed:add(entry)
  if unit and unit.is_told and run.ledger then
    refuse(run, unit)
  end
  return unit
end

--- The next unit; nil where the source has ended.
local function next_unit(run)
  while not run.is_read and not run.is_over do
    local entry, err, more = run.entries:next()
    if err then
      return work.fail(run, err)
    elseif not entry and not more then
      run.is_read = true
      return run.feed:flush()
    end
    local unit = entry and unit_of(run, entry)
    if unit then
      return unit
    end
    breathe(run)
  end
end

--- Starts calls until enough are in flight.
function work.fill(run)
  local told = run.told
  while not run.is_over and not told[1] and run.pool.open < run.in_flight do
    local unit = next_unit(run)
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
    error(raised[1], 0)
  end
end

return work
