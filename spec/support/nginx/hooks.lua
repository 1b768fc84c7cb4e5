-- Hooks in a worker of nginx: locations of the specs, beside those of spec.support.nginx.handlers.

local handlers = require "spec.support.nginx.handlers"
local sms = require "sms"

local hooks = {}

local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }

-- What the hooks of this worker were told; by each `kind` of hook, what it does beside.
local told, ended = {}, 0

local KINDS = {
  plain = function() end,
  sleeps = function() ngx.sleep(0.3) end,
  ["waits while garbage is collected"] = function()
    ngx.timer.at(0, function() collectgarbage() end)
    ngx.sleep(0.02)
  end,
  exits = function() ngx.exit(500) end,
  ["sleeps and exits"] = function()
    ngx.sleep(0.05)
    ngx.exit(500)
  end,
  raises = function() error "from the hook" end,
  yields = function() coroutine.yield() end,
  ["yields for ever"] = function() while true do coroutine.yield() end end,
  hangs = function() if #told == 1 then ngx.sleep(30) end end,
  ["ends its thread"] = function() ngx.thread.spawn(ngx.exit, 200) end,
  ["reads ngx.ctx"] = function() assert(next(ngx.ctx) == nil) end,
}

local function hook_of(kind)
  assert(KINDS[kind], kind)
  return function(value)
    told[#told + 1] = value.name or "progress"
    KINDS[kind](value)
    ended = ended + 1
  end
end

--- One text and some in bulk, with hooks of the argument `kind`: what came of it.
function hooks.send()
  told, ended = {}, 0
  ngx.ctx.is_call = true
  local hook = hook_of(ngx.req.get_uri_args().kind)
  handlers.open(ngx.var.arg_base, { on_event = hook })
  local began, accepted = ngx.now(), handlers.nexmo:send_sms(TEXT) and 1 or 0
  local at_once = #told
  for _, result in handlers.nexmo:send_all({ TEXT, TEXT }, { on_progress = hook, in_flight = 1 }) do
    accepted = accepted + (result and 1 or 0)
  end
  ngx.update_time()
  handlers.say { accepted = accepted, seconds = ngx.now() - began, at_once = at_once }
end

--- What the hooks were told until now.
function hooks.told()
  handlers.say { told = told, ended = ended }
end

--- Events without calls, as many as the argument `n` says, numbered, in one go.
function hooks.emit()
  local events = require "sms.call.events"
  local hook = hook_of(ngx.var.arg_kind or "plain")
  for i = 1, tonumber(ngx.var.arg_n) do
    events.tell(hook, { name = i })
  end
  handlers.say {}
end

--- Timers that the host runs for as many seconds as the argument says.
function hooks.fill()
  local seconds = tonumber(ngx.var.arg_seconds)
  for _ = 1, tonumber(ngx.var.arg_n) do
    assert(ngx.timer.at(0, function() ngx.sleep(seconds) end))
  end
  handlers.say {}
end

--- Timers that wait for as long as the worker lives.
function hooks.fill_pending()
  while ngx.timer.at(3600, function() end) do end -- luacheck: ignore 542
  handlers.say {}
end

--- A function of sms.later, which notes the argument `ref`.
function hooks.later()
  local ref, does = ngx.var.arg_ref, ngx.var.arg_does
  local ok, err = sms.later(function()
    if does == "exit" then ngx.exit(500) end
    if does == "sleep" then ngx.sleep(1) end
    told[#told + 1] = ref
    ngx.log(ngx.ERR, "ran ", ref)
  end)
  handlers.say { ok = ok, kind = err and err.kind, message = err and err.message }
end

return hooks
