-- Handlers that end while they wait: for their answer, for a slot, for the pump. Locations of the
-- specs, beside those of spec.support.nginx.handlers.

local core = require "sms.core"
local handlers = require "spec.support.nginx.handlers"

local ended = { events = {} }

-- A store of slots outside of C, which takes a while to be told of an end, as Redis does.
local store = {}

function store.open(_, _, calls, period)
  local leases, slots = {}, {}
  local function free(now)
    for i = 1, calls do
      if (leases[i] or 0) <= now then return i end
    end
  end
  function slots:acquire(now, lease)
    local i = free(now)
    if not i then return nil, self:delay(now) end
    leases[i] = now + lease + period
    return i, leases[i]
  end
  function slots:delay(now) -- luacheck: ignore 212
    local soonest = math.huge
    for i = 1, calls do soonest = math.min(soonest, leases[i] or 0) end
    return math.max(soonest - now, 0.001)
  end
  function slots:finish(i, _, now) -- luacheck: ignore 212
    ngx.sleep(0.01)
    leases[i] = now + period
  end
  function slots:refund(i) leases[i] = nil end -- luacheck: ignore 212
  function slots:available(now) -- luacheck: ignore 212
    local count = 0
    for i = 1, calls do count = count + ((leases[i] or 0) <= now and 1 or 0) end
    return count
  end
  function slots.hold() end
  function slots.close() end
  return slots
end

--- Makes the client, whose events are kept.
function ended.open(base_url, options)
  options.on_event = function(event) table.insert(ended.events, event) end
  if options.rate_limit.share == "store" then options.rate_limit.share = store end
  handlers.open(base_url, options)
end

local function call()
  return handlers.call(ngx.var.arg_ref)
end

-- How a handler ends that waits for a call, a moment after it has begun.
local WAYS = {
  abort = function()
    ngx.on_abort(function() ngx.exit(499) end)
    call()
  end,
  kill = function(pause)
    local thread = ngx.thread.spawn(call)
    ngx.sleep(pause)
    ngx.thread.kill(thread)
  end,
  exit = function(pause)
    ngx.thread.spawn(call)
    ngx.sleep(pause)
    ngx.exit(ngx.HTTP_NO_CONTENT)
  end,
  exec = function(pause)
    ngx.thread.spawn(call)
    ngx.sleep(pause)
    ngx.exec("/status")
  end,
  error = function(pause)
    ngx.thread.spawn(function()
      ngx.sleep(pause)
      ngx.exit(ngx.ERROR)
    end)
    call()
  end,
  raise = function(pause)
    ngx.thread.spawn(call)
    ngx.sleep(pause)
    error "the handler is broken"
  end,
}

--- Ends as the argument `way` says, after so many seconds as `pause` says.
function ended.early()
  WAYS[ngx.var.arg_way](tonumber(ngx.var.arg_pause))
end

--- Two calls, of which the later one is killed as soon as there is an answer to one.
function ended.race()
  local threads = {}
  for i = 1, 2 do
    threads[i] = ngx.thread.spawn(handlers.call, ngx.var.arg_ref .. "-" .. i)
  end
  ngx.thread.wait(threads[1], threads[2])
  for i = 1, 2 do ngx.thread.kill(threads[i]) end
  handlers.say {}
end

--- One call, and how long it took; the argument `max_wait` is its option.
function ended.one()
  ngx.update_time()
  local began = ngx.now()
  local told = handlers.call(ngx.var.arg_ref, { max_wait = tonumber(ngx.var.arg_max_wait) })
  ngx.update_time()
  told.seconds = ngx.now() - began
  handlers.say(told)
end

--- What is known: calls in flight and counted, free slots, responses by their status.
function ended.known()
  local status, responses = require "sms.nginx".status(), {}
  for _, event in ipairs(ended.events) do
    if event.name == "response" then
      local name = tostring(event.status)
      responses[name] = (responses[name] or 0) + 1
    end
  end
  handlers.say { in_flight = status.in_flight, calls = status.nexmo.calls,
    failures = status.nexmo.failures, responses = responses,
    free = handlers.nexmo.limits:free(core.now())[1].slots }
end

return ended
