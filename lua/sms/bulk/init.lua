--- Bulk: sends whatever a source gives, so many calls side by side.
---
---   for item, result, err, entry in client:send_all(source, options) do … end
---
--- It goes on whenever the loop asks for more: then the source is read, calls are started,
--- and the caller waits for one of them to end. So nothing piles up, whatever is slowest.

local answers = require "sms.bulk.answers"
local bulk_options = require "sms.bulk.options"
local core = require "sms.core"
local events = require "sms.call.events"
local feed = require "sms.bulk.feed"
local items = require "sms.bulk.items"
local misuse = require "sms.base.misuse"
local pool = require "sms.bulk.pool"
local progress = require "sms.bulk.progress"
local refusals = require "sms.bulk.refusals"
local runtime = require "sms.runtime"
local sources = require "sms.bulk.items.source"
local work = require "sms.bulk.work"

local bulk = {}

local methods = {}
local Run = { __name = "sms.bulk", __index = methods }

--- The next item of what has ended: item, result, err, entry. A Ctrl-C after that would lose it.
local function hand_out(run)
  local unit = run.handing
  unit.at = unit.at + 1
  run.telling = unit
  return unit.items[unit.at], unit.result, unit.err, run.queue:public(unit.handles[unit.at])
end

--- The unit that is to be told next; nil where there is nothing left. Others are started when the
--- one before it is gone, so that fewer are there at a time, or at once where none is under way.
local function next_ended(run)
  while true do
    run.check_ending()
    work.beat(run)
    work.fill(run)
    local unit = run.pool:take()
    if not unit or not work.is_untold(run, unit) then
      if run.pool.open == 0 then
        work.fill(run)
      end
      unit = unit or table.remove(run.told)
      if unit then
        run.queue:before_told(unit)
        return unit
      end
      work.raise(run)
      if not work.wait(run) then
        return nil
      end
      run.breathed = core.now()
    end
  end
end

--- The caller has been told of the last item.
local function settle(run)
  local unit = run.telling
  run.telling = nil
  if unit and run.queue then
    run.queue:told(unit, unit.at)
  end
end

local function close_queue(run)
  if run.queue then
    run.queue:close()
  end
end

local function finish(run)
  run.has_ended = true
  run.pool:close()
  close_queue(run) -- again, where the run was closed and its loop has told of more since
  run.progress:tell(core.now(), true)
  if run.fatal then
    return false, nil, run.fatal
  end
end

--- The loop's next round.
function Run.__call(run)
  if run.has_ended then
    return nil
  end
  settle(run)
  local unit = run.handing
  if not unit or unit.at == #unit.items then
    run.handing = nil
    run.handing = next_ended(run)
    if not run.handing then
      return finish(run)
    end
  else
    work.beat(run) -- a job has many items, and the loop's body takes its time for each
  end
  run.progress:reach(run.handing, core.now())
  return hand_out(run)
end

local function wind_up(run)
  work.join(run)
  settle(run)
  if not run.has_ended then
    close_queue(run)
  end
end

--- Ends the run: nothing more is started, and what is in flight is waited for. The loop may
--- go on with what has ended by then. Called again, it does nothing.
function methods:close()
  if self.is_closed then
    return
  end
  self.is_over = true
  self.pool:close()
  if events.depth() > self.depth then
    return -- the call that a hook is told of goes on after it; the loop does the rest
  end
  local ok, raised = pcall(wind_up, self)
  local queue = self.queue
  self.is_closed = true
  if not ok then -- Ctrl-C, or no memory, which the next call of a function needs as well
    self.queue = queue and queue.abandoned or queue
  end
  if queue then
    queue:abandon()
  end
  if not ok then
    error(raised, 0)
  elseif not self.has_ended then
    self.progress:tell(core.now(), true)
  end
end

misuse.guard(methods, "run")

--- In Lua 5.4, at the end of a loop. Where its body raised, it may not have seen its item.
function Run.__close(run, raised)
  if raised ~= nil then
    run.telling = nil
  end
  run:close()
end

local function open(run, open_queue, source)
  local here = run.here
  local why = here and here.cannot_wait and here.cannot_wait()
  local err
  run.feed, err = feed.new(run.client, run.given, run.chosen)
  if why then
    err = work.failure_of(run, "invalid", why)
  end
  if not err then
    run.queue, err = open_queue(source, run)
  end
  if err then
    work.fail(run, err)
  end
end

--- What reads a source, and opens its queue: of an outbox, its metatable says that.
---@return table? reader
---@return function open_queue
---@return table without options that make no sense with it, and why
local function reader_of(source)
  local meta = getmetatable(source)
  if type(source) == "table" and type(meta) == "table" and meta.open_queue then
    return source, meta.open_queue, meta.without
  end
  return sources.new(source), items.open, {}
end

--- Makes a run of send_all.
---@param self table the client
---@param source table|function a list, what gives the next item each time, or of an outbox
---@param given table? options
---@return table? run nil where it is misused
---@return string? message how
function bulk.new(self, source, given)
  local provider = self.provider
  local operation = self.operations[provider.bulk.operation]
  local reader, open_queue, without = reader_of(source)
  local read, message, chosen = bulk_options.read(provider, self.settings, operation, given,
    without)
  if not read or not reader then
    return nil, "send_all: " .. (message or "a list or a function was expected as its source")
  end
  local run = setmetatable({ client = self, operation = operation, given = read, chosen = chosen,
    told = {}, breathed = core.now(), is_over = false, depth = events.depth() }, Run)
  run.here = runtime.beside(self.settings.runtime)
  run.in_flight = math.min(read.in_flight,
    math.max(1, math.floor(self.settings.max_connections * read.use)))
  run.most = provider.bulk.most
  run.refusals = refusals.new(run.told)
  answers.add(run)
  run.pool = pool.new(run.here, run.sleep, function(unit)
    work.send(run, unit)
  end)
  run.progress = progress.new { hook = read.on_progress, total = read.total or reader.total,
    now = core.now(), per_call = run.most, use = read.use, limits = self.settings.limits }
  open(run, open_queue, reader)
  return run
end

return bulk
