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
  local function call(place)
    return function()
      handlers.call "beside"
      ended = ended + 1
      return place
    end
  end
  local ok, message = pcall(sms.all, {
    function() error({ "first" }) end,
    call(2),
    function() error "third" end,
    call(4),
  })
  handlers.say { ok = ok, message = message.cause, results = message.results, ended = ended }
end

--- One call whose client is closed while it is in flight.
function handlers.close()
  local began = ngx.now()
  local told = sms.all {
    function() return handlers.call "closed" end,
    function()
      ngx.sleep(0.2)
      handlers.nexmo:close()
    end,
  }[1][1]
  ngx.update_time()
  told.seconds = ngx.now() - began
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

--- Keeps what came of a call for a later request to look at.
function handlers.keep(name, value)
  ngx.shared.kept:set(name, cjson.encode(value))
end

--- Makes a call whose end is kept under the same name.
function handlers.call_and_keep(ref)
  handlers.keep(ref, handlers.call(ref))
end

--- Answers with what was kept.
function handlers.kept()
  ngx.print(ngx.shared.kept:get(ngx.var.arg_name) or "")
end

return handlers
