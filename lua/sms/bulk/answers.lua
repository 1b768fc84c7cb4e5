--- What the calls of a run of send_all and its queue ask it.

local core = require "sms.core"
local events = require "sms.call.events"
local runtime = require "sms.runtime"
local work = require "sms.bulk.work"

local answers = {}

--- Why a run cannot go on, or nil.
local function why_ending(run)
  if run.is_over then
    return nil
  elseif run.client.closed then
    return "the client was closed"
  end
  local signal = core.caught_signal()
  if signal then
    return "the process was told to end by SIG" .. signal
  end
  local here = run.here
  local ends = here and here.is_ending and here.is_ending()
  return ends and "nginx has told its worker to quit" or nil
end

local function answer_calls(run)
  function run.check_over()
    return run.is_over or run.client.closed or work.is_late(run)
  end

  function run.begin(call)
    return work.begin(run, call)
  end

  function run.is_ending()
    return why_ending(run) ~= nil
  end

  function run.check_ending()
    local why = why_ending(run)
    if why then
      work.fail(run, work.failure_of(run, "cancelled", why))
    end
  end
end

local function answer_queue(run)
  function run.sleep(seconds)
    local here = run.client.settings.runtime or runtime.here()
    here.sleep(seconds)
  end

  function run.failure(kind, message)
    return work.failure_of(run, kind, message)
  end

  function run.fail(err)
    work.fail(run, err)
  end

  function run.skip(outcome)
    run.progress:add(outcome, true)
  end

  function run.warn(message)
    events.emit(run, { name = "warning", message = message })
  end
end

--- Lets a run answer.
---@param run table changed
function answers.add(run)
  answer_calls(run)
  answer_queue(run)
end

return answers
