--- What nginx runs for Nexmo's webhooks, as webhook.conf says.

local nginx = require "sms.nginx"
local sms = require "sms"

local ngx = ngx -- luacheck: ignore

local EVERY = 30 -- seconds between two looks for texts that will not get whole

local store = sms.stores.shared(ngx.shared.sms) -- for all workers
local receipts = sms.receipts.new(store)
local inbound = sms.inbound.new(store, { window = 3600 })

local webhook = {}

--- Deals with an inbound text: here goes what your program does with it.
local function take(message)
  local what = message.complete and "a text" or "a text with gaps"
  ngx.log(ngx.NOTICE, what, " of ", #message.fields.text, " bytes")
  return true
end

local on = {}

function on.delivery_receipt(fields)
  local state, err = receipts:add(fields)
  if state and state.changed and state.final then
    ngx.log(ngx.NOTICE, "message ", state.parts[1].id, ": ", state.status)
  end
  return state, err
end

function on.inbound_sms(fields)
  local message, err = inbound:add(fields)
  if message == nil then
    return nil, err -- the provider sends it again
  elseif message and not take(message) then
    inbound:put_back(message)
    return nil, "the text could not be dealt with"
  end
end

webhook.handle = nginx.handler { client = sms.nexmo(), nonce_store = store, on = on }

--- Gives up texts whose parts did not come.
local function give_up()
  for _, message in ipairs(inbound:expired() or {}) do
    if not take(message) then
      inbound:put_back(message)
    end
  end
end

--- For the first worker to do now and then.
function webhook.start()
  if ngx.worker.id() == 0 then
    assert(ngx.timer.every(EVERY, give_up))
  end
end

--- Tells what became of a message, by any of its ids.
function webhook.state()
  local state, err = receipts:get(ngx.var.arg_id or "")
  ngx.status = state and 200 or err and 500 or 404
  ngx.say(state and state.status .. (state.final and "" or ", for now")
    or err and err.message or "not known")
end

return webhook
