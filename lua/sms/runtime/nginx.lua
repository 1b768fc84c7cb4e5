--- How a handler in nginx waits: in its light thread, until sms.runtime.pump has the answer.
--- The worker never blocks.

local pump = require "sms.runtime.pump"

local nginx = { perform = pump.perform, sweep = pump.sweep }

local ngx = ngx -- luacheck: ignore

local LEAST_SLEEP = 0.001 -- seconds; after 0 nginx would look at no socket before

-- Phases in which a handler may wait. (In others of TLS nginx needs a patch for it.)
local WAITING = { server_rewrite = true, rewrite = true, access = true, content = true,
  timer = true, ssl_cert = true }

--- Where nginx cannot wait, in words; nil where it can.
---@return string?
function nginx.cannot_wait()
  local phase = ngx.get_phase()
  if WAITING[phase] then
    return nil
  end
  return ("nginx cannot wait in its phase '%s'; use sms.later(function) for calls whose "
    .. "result is not needed there"):format(phase)
end

--- Waits.
---@param seconds number
function nginx.sleep(seconds)
  ngx.sleep(math.max(seconds, LEAST_SLEEP))
end

--- What pcall says of each function, all of them run in light threads.
local function answers_of(functions)
  local threads, answers = {}, {}
  for i, body in ipairs(functions) do
    threads[i] = ngx.thread.spawn(function()
      return pcall(body)
    end)
  end
  for i, thread in ipairs(threads) do
    answers[i] = { select(2, ngx.thread.wait(thread)) }
  end
  return answers
end

--- The same, one after the other: where nothing can wait, each call says so.
local function answers_in_turn(functions)
  local answers = {}
  for i, body in ipairs(functions) do
    answers[i] = { pcall(body) }
  end
  return answers
end

--- Runs functions side by side.
---@param functions function[]
---@return table[] results
function nginx.all(functions)
  local results, failure = {}, nil
  for i, answer in ipairs((nginx.cannot_wait() and answers_in_turn or answers_of)(functions)) do
    if answer[1] then
      results[i] = { answer[2], answer[3] }
    else
      failure = failure or { answer[2] }
    end
  end
  if failure then
    error(failure[1], 0)
  end
  return results
end

--- Runs a function beside the caller, in a light thread.
function nginx.spawn(body)
  ngx.thread.spawn(body)
end

--- Lets the others go on who can.
function nginx.poll()
  ngx.sleep(LEAST_SLEEP)
end

--- Whether the worker was told to quit.
function nginx.is_ending()
  return ngx.worker.exiting()
end

function nginx.condition()
  return require "sms.runtime.conditions".in_nginx()
end

--- Runs a function after the present phase, where calls can wait.
---@param body function
---@return boolean? ok
---@return string? why
function nginx.later(body)
  return require "sms.runtime.later".run(body)
end

return nginx
