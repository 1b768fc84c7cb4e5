-- Timers as lua-resty-timer-ng has them, which Kong puts in the place of nginx's: a callback
-- without delay waits in a queue until one of a few light threads, each a timer of nginx's own,
-- has ended its last one. Other delays are left to nginx.

local semaphore = require "ngx.semaphore"

local pool = {}

local THREADS = 4
local NAP = 0.5 -- seconds until a thread notices that its worker is to quit

local at, every = ngx.timer.at, ngx.timer.every
local is_started, queue, woken = false, {}, semaphore.new()

local function run_queue()
  while #queue > 0 do
    local job = table.remove(queue, 1)
    local ok, message = pcall(job.callback, ngx.worker.exiting(), unpack(job, 1, job.count))
    if not ok then ngx.log(ngx.ERR, "pool: ", message) end
  end
end

local function thread()
  repeat
    woken:wait(NAP)
    run_queue()
  until ngx.worker.exiting()
end

--- Starts the threads; in each worker.
function pool.start()
  is_started = true
  for _ = 1, THREADS do assert(at(0, thread)) end
end

--- As ngx.timer.at, but that it raises before the start and returns a name.
function pool.at(delay, callback, ...)
  assert(is_started, "the timer module is not started")
  if delay ~= 0 then return at(delay, callback, ...) end
  queue[#queue + 1] = { callback = callback, count = select("#", ...), ... }
  woken:post(1)
  return "job " .. #queue
end

--- As ngx.timer.every, but that it raises before the start.
function pool.every(...)
  assert(is_started, "the timer module is not started")
  return every(...)
end

return pool
