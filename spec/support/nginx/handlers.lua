-- What the locations of the specs run; loaded inside of nginx, under the name `handlers`.

local cjson = require "cjson.safe"
local sms = require "sms"

local handlers = {}

--- Makes the client that all handlers use, of a sandbox.
function handlers.open(base_url, options)
  local all = { base_url = base_url, api_key = "abcd1234", api_secret = "Secret0123456789",
    rate_limit = false, retry = false }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  handlers.nexmo = sms.nexmo(all)
end

--- Sends one text and tells what came of it.
function handlers.call(ref, options)
  local result, err = handlers.nexmo:send_sms(
    { from = "Acme", to = "447700900000", text = "Hello", ["client-ref"] = ref }, options)
  if result then
    return { ref = result.messages[1]["client-ref"] }
  end
  return { kind = err.kind, outcome = err.outcome, message = err.message }
end

--- As many calls of the Voice API as the argument `n` says, side by side: what came of them.
function handlers.voice()
  local bodies, told = {}, {}
  for i = 1, tonumber(ngx.var.arg_n) do
    bodies[i] = function()
      return handlers.nexmo:send_voice { to = "447700900000", text = "Hello" }
    end
  end
  for i, answer in ipairs(sms.all(bodies)) do
    told[i] = answer[1] and answer[1].call_id or tostring(answer[2])
  end
  handlers.say(told)
end

--- Sends a Retarus job and follows it: the states it went through.
function handlers.follow()
  local retarus = sms.retarus { base_url = ngx.var.arg_base, username = "user",
    password = "pass", rate_limit = false }
  local job = assert(retarus:send_job { options = { statusRequested = true },
    messages = { { text = "Hello", recipients = { "+4917600000000" } } } })
  local told = {}
  for recipient, err in retarus:follow(job.jobId, { interval = { first = 0.02, longest = 0.05 },
    timeout = 10 }) do
    told[#told + 1] = recipient and recipient.processStatus or tostring(err)
  end
  retarus:close()
  handlers.say(told)
end

--- Answers with JSON.
function handlers.say(value)
  ngx.say(cjson.encode(value))
end

--- One call, named by the argument `ref`.
function handlers.one()
  local told = handlers.call(ngx.var.arg_ref)
  told.worker = ngx.worker.pid()
  handlers.say(told)
end

--- As many calls as the argument `n` says, side by side.
function handlers.many()
  local bodies = {}
  for i = 1, tonumber(ngx.var.arg_n) do
    bodies[i] = function()
      return handlers.call(ngx.var.arg_ref .. "-" .. i)
    end
  end
  local refs = {}
  for i, answer in ipairs(sms.all(bodies)) do
    refs[i] = answer[1].ref or answer[1].message
  end
  handlers.say(refs)
end

--- Three functions side by side, the first and the third of which raise.
function handlers.raise()
  local ended = 0
  local function call()
    handlers.call "beside"
    ended = ended + 1
    return ended
  end
  local ok, message = pcall(sms.all, {
    function() error({ "first" }) end,
    call,
    function() error "third" end,
    call,
  })
  handlers.say { ok = ok, message = message, ended = ended }
end

--- One call in a light thread that is killed as soon as its request has been submitted, if
--- it has not ended by then.
function handlers.kill()
  local pump = require "sms.runtime.pump"
  local thread = ngx.thread.spawn(handlers.call, ngx.var.arg_ref)
  while pump.in_flight() == 0 and ngx.var.arg_early == nil
    and coroutine.status(thread) ~= "zombie" do
    ngx.sleep(0.001) -- 0 would run no other timer
  end
  ngx.thread.kill(thread)
  handlers.say { in_flight = pump.in_flight() }
end

--- One call whose answer never comes from the driver.
function handlers.unanswered()
  local core = require "sms.core"
  debug.getmetatable(core.mailbox()).__index.take = function() end
  handlers.open(ngx.var.arg_base, { rate_limit = { calls = 5, period = 10, share = "process" } })
  local told = handlers.call("unanswered", { timeout = 0.1 })
  local function free_after(seconds)
    return handlers.nexmo.limits:free(core.now() + seconds)[1].slots
  end
  told.free = { free_after(0), free_after(8) }
  handlers.say(told)
end

--- One call that ends with the client's connection.
function handlers.abortable()
  ngx.on_abort(function() ngx.exit(499) end)
  handlers.one()
end

--- What the library counts, for programs or for Prometheus.
function handlers.status()
  local status, text = require "sms.nginx".status()
  if ngx.var.arg_text then
    ngx.print(text)
  else
    handlers.say(status)
  end
end

-- Set-ups that a test cannot make for real.
local BROKEN = {
  ca = function(core)
    core.libcurl = function()
      return { ca_file = "/nowhere/ca.pem", quick_exit = true, keeps_connections = true }
    end
  end,
  libcurl = function(core)
    core.libcurl = function()
      return { ca_file = "/dev/null", version = "7.80.0", keeps_connections = true }
    end
  end,
  tls = function(core)
    core.libcurl = function()
      return { ca_file = "/dev/null", tls = "GnuTLS/3.7.9", quick_exit = true }
    end
  end,
  container = function(core)
    core.in_container = function() return true end
  end,
  clock = function()
    os.time = function() return 1000 end -- luacheck: ignore 122
  end,
}

--- What the doctor says, as a list and as text; the argument `broken` names what is made
--- to be missing before.
function handlers.doctor()
  local core, time = require "sms.core", os.time
  local libcurl, in_container = core.libcurl, core.in_container
  if ngx.var.arg_broken then BROKEN[ngx.var.arg_broken](core) end
  local checks, text = require "sms.nginx".doctor()
  core.libcurl, core.in_container = libcurl, in_container
  os.time = time -- luacheck: ignore 122
  return { checks = checks, text = text }
end

--- Keeps what came of a call for a later request to look at.
function handlers.keep(name, value)
  ngx.shared.kept:set(name, cjson.encode(value))
end

--- Makes a call whose end is kept under the same name.
function handlers.call_and_keep(ref)
  handlers.keep(ref, handlers.call(ref))
end

--- Asks for as many items as `n` says, each of which takes a millisecond and is refused.
function handlers.slow_source()
  local core = require "sms.core"
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
function handlers.bulk(n, ref, given)
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
function handlers.bulk_here()
  local arg = ngx.req.get_uri_args()
  handlers.say(handlers.bulk(tonumber(arg.n), arg.ref, { in_flight = tonumber(arg.in_flight),
    stop = tonumber(arg.stop), leave = tonumber(arg.leave), use = tonumber(arg.use),
    journal = arg.journal }))
end

--- The same in a timer; what came of it is kept under the argument `ref`.
function handlers.bulk_later()
  local n, ref = tonumber(ngx.var.arg_n), ngx.var.arg_ref
  assert(ngx.timer.at(0, function()
    handlers.keep(ref, handlers.bulk(n, ref))
  end))
end

--- Answers with what was kept.
function handlers.kept()
  ngx.print(ngx.shared.kept:get(ngx.var.arg_name) or "")
end

return handlers
