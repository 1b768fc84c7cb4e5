--- Bulk: sends whatever a source gives, so many calls side by side (DESIGN 2.3).
---
---   for item, result, err in client:send_all(source, options) do … end
---
--- It goes on whenever the loop asks for more: then the source is read, calls are started,
--- and the caller waits for one of them to end. So nothing piles up, whatever is slowest.

local bulk_options = require "sms.bulk.options"
local client = require "sms.client"
local core = require "sms.core"
local errors = require "sms.errors"
local feed = require "sms.bulk.feed"
local pool = require "sms.bulk.pool"
local progress = require "sms.bulk.progress"
local runtime = require "sms.runtime"
local sources = require "sms.bulk.source"

local bulk = {}

local LONGEST_BREATH = 0.02 -- seconds for which the others are not looked after

local methods = {}
local Run = { __name = "sms.bulk", __index = methods }

local function failure_of(run, kind, message)
  return errors.new { kind = kind, outcome = "not_sent", message = message,
    provider = run.client.provider.name, operation = run.feed and run.feed.operation[1] }
end

--- Ends the run as soon as what is in flight has ended.
local function fail(run, err)
  run.fatal = run.fatal or err
  run.is_over = true
end

--- Makes the call of a unit.
local function send(run, unit)
  unit.use, unit.is_over, unit.begin = run.given.use, run.check_over, run.begin
  unit.result, unit.err = client.send(run.client, run.feed.operation, unit.sent, run.chosen, unit)
  unit.sent, unit.body, unit.job = nil, nil, nil
end

--- Lets the others go on where reading the source takes long.
local function breathe(run)
  local poll = run.here and run.here.poll
  if poll and core.now() - run.breathed > LONGEST_BREATH then
    poll()
    run.breathed = core.now()
  end
end

--- The next unit; nil where the source has ended.
local function next_unit(run)
  while not run.is_read do
    local item, err = run.source:next()
    if err then
      return fail(run, err)
    elseif not item then
      run.is_read = true
      return run.feed:flush()
    end
    local unit = run.feed:add { item = item, ordinal = run.source.count }
    if unit then
      return unit
    end
    breathe(run)
  end
end

--- Starts calls until enough are in flight.
local function fill(run)
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

--- The next item of what has ended: item, result, err; nil where there is none left.
local function hand_out(run)
  local unit = run.handing
  if not unit or unit.at == #unit.items then
    run.handing = nil
    return nil
  end
  unit.at = unit.at + 1
  run.progress:add(unit.err and unit.err.outcome or "accepted")
  return unit.items[unit.at], unit.result, unit.err
end

--- Whether an item was neither sent nor ever will be by this run.
local function is_dropped(run, unit)
  return run.is_over and unit.err and unit.err.kind == "cancelled"
    and unit.err.outcome == "not_sent"
end

--- The unit that is to be told next; nil where there is nothing left.
local function next_ended(run)
  while true do
    local unit = run.pool:take()
    if not unit or not is_dropped(run, unit) then
      run.check_ending()
      fill(run)
      unit = unit or table.remove(run.told)
      if unit then
        return unit
      elseif not run.pool:is_busy() then
        return nil
      end
      run.pool:wait(run.is_ending)
      run.breathed = core.now()
      if run.pool.raised then
        run.is_over = true
        error(run.pool.raised[1], 0)
      end
    end
  end
end

local function finish(run)
  local had_ended = run.has_ended
  run.has_ended = true
  run.pool:close()
  run.progress:tell(core.now(), true)
  if run.fatal and not had_ended then
    return false, nil, run.fatal
  end
end

--- The loop's next round.
function Run.__call(run)
  if run.has_ended then
    return nil
  end
  local item, result, err = hand_out(run)
  if item == nil then
    run.handing = next_ended(run)
    if not run.handing then
      return finish(run)
    end
    item, result, err = hand_out(run)
  end
  run.progress:tell(core.now())
  return item, result, err
end

--- Ends the run: nothing more is started, and what is in flight is waited for. The loop may
--- go on with what has ended by then. Called again, it does nothing.
function methods:close()
  if self.is_closed then
    return
  end
  self.is_closed, self.is_over = true, true
  self.pool:close()
  self.pool:join()
end

Run.__close = methods.close

function Run.__tostring()
  return "sms.bulk"
end

--- What the calls of a run ask it.
local function answers_of(run)
  function run.check_over()
    return run.is_over
  end

  function run.begin()
    return true
  end

  --- Why the run cannot go on, or nil.
  local function why_ending()
    if run.is_over then
      return nil
    elseif run.client.closed then
      return "the client was closed"
    end
    local here = run.here
    local ends = here and here.is_ending and here.is_ending()
    return ends and "nginx has told its worker to quit" or nil
  end

  function run.is_ending()
    return why_ending() ~= nil
  end

  function run.check_ending()
    local why = why_ending()
    if why then
      fail(run, failure_of(run, "cancelled", why))
    end
  end
end

local function open(run, given)
  local here = run.here
  local why = here and here.cannot_wait and here.cannot_wait()
  local err
  run.feed, err = feed.new(run.client, run.source, given, run.chosen)
  if why then
    err = failure_of(run, "invalid", why)
  end
  if err then
    fail(run, err)
  end
end

--- Makes a run of send_all.
---@param self table the client
---@param source table|function a list, or what gives the next item each time
---@param given table? options
---@return table? run nil where it is misused
---@return string? message how
function bulk.new(self, source, given)
  local provider = self.provider
  local operation = self.operations[provider.bulk.operation]
  local read, message, chosen = bulk_options.read(provider, self.settings, operation, given)
  local items = sources.new(source)
  if not read or not items then
    return nil, "send_all: " .. (message or "a list or a function was expected as its source")
  end
  local run = setmetatable({ client = self, source = items, given = read, chosen = chosen,
    told = {}, breathed = core.now(), is_over = false }, Run)
  run.here = runtime.beside(self.settings.runtime)
  run.in_flight = math.min(read.in_flight,
    math.max(1, math.floor(self.settings.max_connections * read.use)))
  run.pool = pool.new(run.here, function(unit)
    send(run, unit)
  end)
  run.progress = progress.new { hook = read.on_progress, total = read.total or items.total,
    now = core.now(), per_call = provider.bulk.most, use = read.use,
    limits = self.settings.limits }
  answers_of(run)
  open(run, read)
  return run
end

return bulk
