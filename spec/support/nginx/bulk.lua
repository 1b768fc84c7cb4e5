-- Locations of the specs that use send_all, beside those of spec.support.nginx.handlers.

local core = require "sms.core"
local handlers = require "spec.support.nginx.handlers"
local pool = require "sms.bulk.pool"
local runtime = require "sms.runtime"

local bulk = {}

--- Asks for as many items as `n` says, each of which takes a millisecond and is refused.
function bulk.slow_source()
  local n, at, refused = tonumber(ngx.var.arg_n), 0, 0
  for _, result in handlers.nexmo:send_all(function()
    at = at + 1
    local until_time = core.now() + 0.001
    while core.now() < until_time do end
    return at <= n and { from = "Acme" } or nil
  end) do
    refused = refused + (result and 0 or 1)
  end
  ngx.say(refused)
end

--- Sends as many texts as `n` says in bulk. `stop`: closes after so many; `leave`: leaves
--- without that. What was told, as a table.
function bulk.run(n, ref, given)
  given = given or {}
  local told = { count = 0, seen = {}, twice = 0 }
  local at = 0
  local run = handlers.nexmo:send_all(function()
    at = at + 1
    return at <= n and { from = "Acme", to = "447700900000", text = "Hello",
      ["client-ref"] = ref .. "-" .. at } or nil
  end, { in_flight = given.in_flight, use = given.use,
    journal = given.journal, sync = given.journal ~= nil })
  for sent, _, err in run do
    if not sent then
      told.fatal = err.kind
      break
    end
    told.count = told.count + 1
    local own = sent["client-ref"]
    told.twice = told.twice + (told.seen[own] and 1 or 0)
    told.seen[own] = err and tostring(err) or true
    if told.count == given.leave then break end
    if told.count == given.stop then run:close() end
  end
  told.read = at
  return told
end

--- The same in a handler, by its arguments.
function bulk.here()
  local arg = ngx.req.get_uri_args()
  handlers.say(bulk.run(tonumber(arg.n), arg.ref, { in_flight = tonumber(arg.in_flight),
    stop = tonumber(arg.stop), leave = tonumber(arg.leave), use = tonumber(arg.use),
    journal = arg.journal }))
end

--- The same in a timer; what came of it is kept under the argument `ref`.
function bulk.later()
  local n, ref = tonumber(ngx.var.arg_n), ngx.var.arg_ref
  assert(ngx.timer.at(0, function()
    handlers.keep(ref, bulk.run(n, ref))
  end))
end

local function kibibytes()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count"
end

--- Waits so often while a unit is worked on, as for an outbox; says how many KiB are left of that.
function bulk.waits()
  local here, is_over = runtime.beside(), false
  local units = pool.new(here, here.sleep, function()
    repeat ngx.sleep(0.01) until is_over
  end)
  local function wait(times)
    for _ = 1, times do
      units:wait(function() return false end, 0.001)
    end
  end
  units:start {}
  wait(100) -- LuaJIT compiles
  local before = kibibytes()
  wait(tonumber(ngx.var.arg_n))
  ngx.print(kibibytes() - before)
  is_over = true
  units:close()
  units:join()
end

return bulk
