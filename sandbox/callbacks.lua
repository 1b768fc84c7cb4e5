-- Calls back: each webhook when it is due, to loopback alone, and again as long as the receiver
-- does not take it. What was called is kept, one JSON line for each attempt.

local clock = require "base.clock"
local json = require "base.json"
local loopback = require "base.loopback"
local settings = require "settings"
local webhook = require "webhook"

local callbacks = {}

local AT_ONCE = 32 -- of a worker
local CONNECT, ANSWER = 3000, 15000 -- milliseconds
local SHORTEST = 0.001 -- seconds of a timer
local LOOK = 0.1 -- seconds after which a worker that has webhooks waiting sees a moved clock
local LONGEST_PAUSE = 180 -- times the first: 15 minutes of 5 s in life

local waiting = {} -- of this worker, the one that is due first at the end
local running, armed_for = 0, nil

-- Seconds by the provider's clock, which may be moved while webhooks wait.
local function now_here()
  return ngx.now() + settings.get().clock_offset
end

local function dict()
  return ngx.shared.callbacks
end

local function generation()
  return ngx.shared.control:get "callbacks" or 0
end

local function keep(item, status, problem)
  local fields = item.fields
  local number = dict():incr("count", 1, 0)
  dict():safe_set(number, ('{"time":%.0f,'):format(clock.micros()) .. json.quick {
    kind = item.kind, url = item.url, form = item.form, signature = item.signature,
    id = fields.messageId or fields["call-id"] or fields.uuid or fields.message_uuid,
    state = fields.status, attempt = item.attempt, status = status, problem = problem,
  }:sub(2))
end

local function post(item)
  local request, host, port = item.request, item.host, item.port
  if not request or settings.get().webhook_resign then
    request, host, port = webhook.request(item)
    item.request, item.host, item.port = request, host, port
  end
  local socket = ngx.socket.tcp()
  socket:settimeouts(CONNECT, ANSWER, ANSWER)
  local ok, problem = socket:connect(host, port)
  if not ok then return nil, problem end
  ok, problem = socket:send(request)
  local line
  if ok then line, problem = socket:receive "*l" end
  socket:close()
  local status = line and tonumber(line:match "^HTTP/1%.%d (%d%d%d)")
  return status, not status and (problem or "no status") or nil
end

local arm

local function put(item, seconds)
  item.due = now_here() + seconds
  local at = #waiting + 1
  while at > 1 and waiting[at - 1].due < item.due do at = at - 1 end
  table.insert(waiting, at, item)
  arm()
end

--- Sends one; puts it back where the receiver could not take it.
local function deliver(item)
  settings.load()
  local now = settings.get()
  item.attempt = item.attempt + 1
  local status, problem = post(item)
  if item.generation ~= generation() then return end
  keep(item, status, problem)
  local is_open = not status or status == 429 or status >= 500
  if not is_open or item.attempt > now.webhook_retries then
    dict():incr("ended", 1, 0)
    return
  end
  put(item, now.webhook_retry_after * math.min(2 ^ (item.attempt - 1), LONGEST_PAUSE))
end

local function take_due()
  local last = waiting[#waiting]
  while last and last.due <= now_here() do
    waiting[#waiting] = nil
    if last.generation == generation() then return last end
    last = waiting[#waiting]
  end
  return nil
end

local function run(premature)
  local item = not premature and take_due()
  while item do
    local ok, message = pcall(deliver, item)
    if not ok then
      ngx.log(ngx.ERR, message)
      dict():incr("ended", 1, 0)
    end
    item = take_due()
  end
  running = running - 1
  arm()
end

local function tick(_, due)
  settings.load()
  local now = now_here()
  if armed_for == due then armed_for = nil end
  for at = #waiting, 1, -1 do
    if waiting[at].due > now or running >= AT_ONCE then break end
    if ngx.timer.at(0, run) then running = running + 1 end
  end
  if running < AT_ONCE then arm(true) end
end

--- Sets the timer for the next that is due; `later`: what is due now has its runner.
function arm(later)
  local next_due
  for at = #waiting, 1, -1 do
    next_due = waiting[at].due
    if not later or next_due > now_here() then break end
    next_due = nil
  end
  if not next_due or armed_for and armed_for <= next_due or running >= AT_ONCE then return end
  -- A timer of less is run again before the clock goes on, for ever.
  local seconds = math.max(SHORTEST, math.min(next_due - now_here(), LOOK))
  if ngx.timer.at(seconds, tick, next_due) then armed_for = next_due end
end

local function refuse(item)
  item.attempt = 0
  keep(item, nil, "not a loopback address")
end

--- Calls back: `kind` and `fields`; by the settings, unless the callback says otherwise: url, form,
--- signature, delay, spread, copies.
function callbacks.send(callback)
  local now = settings.get()
  for _ = 1, callback.copies or now.webhook_copies do
    local item = {
      kind = callback.kind, fields = callback.fields, attempt = 0, generation = generation(),
      url = callback.url or now.webhook_url, form = callback.form or now.webhook_form,
      signature = callback.signature or now.webhook_signature,
    }
    if not loopback.read(item.url) then return refuse(item) end
    if not now.webhook_resign then
      callback.whole = callback.whole or { webhook.request(item) }
      item.request, item.host, item.port = unpack(callback.whole)
    end
    dict():incr("begun", 1, 0)
    put(item, (callback.delay or now.webhook_delay)
      + math.random() * (callback.spread or now.webhook_spread))
  end
end

--- How many wait for their end, and how many have ended.
function callbacks.counts()
  local begun, ended = dict():get "begun" or 0, dict():get "ended" or 0
  return { waiting = begun - ended, ended = ended }
end

--- How many attempts there were, and the line of one.
function callbacks.attempts()
  return dict():get "count" or 0
end

function callbacks.line(number)
  return dict():get(number)
end

--- All attempts, as lines.
function callbacks.lines()
  local lines = {}
  for number = 1, dict():get "count" or 0 do
    local line = dict():get(number)
    lines[#lines + 1] = line and line .. "\n"
  end
  return table.concat(lines)
end

--- Forgets all, also what waits.
function callbacks.reset()
  ngx.shared.control:incr("callbacks", 1, 0)
  dict():flush_all()
  dict():flush_expired()
end

return callbacks
