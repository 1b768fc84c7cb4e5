--- How a plain script waits: the caller drives the engine itself until its own answer is
--- in. One engine in a Lua state, made at first use, and anew after a fork.

local core = require "sms.core"
local letters = require "sms.runtime.letters"

local script = {}

local LONGEST_STEP = 1 -- seconds; a host's signal handler gets its turn
local AFTER_FAILURE = 0.01 -- seconds until an engine is tried again

local engine

--- In place of one that cannot be made: refuses all, and the next call tries again.
local function refuser(why)
  return {
    perform = function() return false, nil, why end,
    submit = function() return nil, why end,
    step = function() return nil, why end,
  }
end

--- Makes the engine, also where it is that of the process which forked this one.
---@return table engine
local function made()
  local why
  engine, why = core.engine()
  script.engine = engine -- for those who wait in another way
  return engine or refuser(why)
end

script.renew = made

--- An engine that fails, for want of memory or since the system refuses a poll, gets time: what it
--- has under way goes on when it can, and times out there.
---@param why string
---@param seconds number that the caller may wait
local function see_to(why, seconds)
  if why == "forked" then
    made()
  else
    core.pause(math.min(seconds, AFTER_FAILURE))
  end
end

--- Moves all transfers on; waits at most so many seconds for something to happen.
---@param seconds number
function script.step(seconds)
  local _, why = (engine or made()):step(math.min(seconds, LONGEST_STEP))
  if why then
    see_to(why, seconds)
  end
end

--- Moves who waits for the transfers that have ended since the last call to the end of a list.
---@param waiters table by ids of transfers; false where nobody waits
---@param list table
---@param count integer entries of the list
---@return integer count
function script.finished(waiters, list, count)
  return engine and engine:finished(waiters, list, count) or count
end

--- Ends what closed clients have in flight, and lets go of their connections.
function script.sweep()
  if engine then
    engine:sweep()
  end
end

--- What is told of a transfer whose engine is that of the process which forked this one.
---@return nil, table answer
function script.lost()
  return nil, letters.unknown "the process was forked while it was under way"
end

--- Waits for a transfer that is under way.
local function wait_for(transfer, claims)
  local status, answer, retry_after, date
  repeat
    status, answer, retry_after, date = engine:await(transfer, LONGEST_STEP, claims)
    local failed = status == false and answer
    if failed then
      see_to(failed, LONGEST_STEP)
    end
    if failed == "forked" then
      return script.lost()
    end
  until status ~= false
  return status, answer, retry_after, date
end

--- Sends a request and waits for its end. When it has ended, and how, is known here: claims
--- that are in C are settled, once it has.
---@param client table transport
---@param head table of core.request_head, or a whole request
---@param timeout number seconds until the last byte
---@param connect_timeout number seconds
---@param start_before number a time of core.now(): no first byte after it
---@param body string?
---@param claims table? its slots
---@return integer? status of a whole answer
---@return string|table? answer its body; without a status how the request ended: ending, sent,
--- status, body, phase, message
---@return string? retry_after header of the answer; without both, why it could not be started
---@return string? date likewise
function script.perform(client, head, timeout, connect_timeout, start_before, body, claims)
  local status, answer, retry_after, date = (engine or made()):perform(LONGEST_STEP, client, head,
    timeout, connect_timeout, start_before, body, claims)
  if status ~= false then
    return status, answer, retry_after, date
  elseif answer then
    return wait_for(answer, claims)
  elseif retry_after == "forked" then
    made()
    return script.perform(client, head, timeout, connect_timeout, start_before, body, claims)
  end
  return nil, nil, retry_after
end

--- Waits.
---@param seconds number
function script.sleep(seconds)
  local ready = core.now() + seconds
  local left = seconds
  while left > 0 do
    script.step(left)
    left = ready - core.now()
  end
end

return script
