-- A program in nginx that sends, takes receipts and inbound texts, and tells what it knows.

local cjson = require "cjson.safe"
local nginx = require "sms.nginx"
local sms = require "sms"

local webhooks = {}

local WINDOW = 600 -- seconds that parts wait for each other
local TROUBLE = 0.2 -- of all webhooks: it fails, and wants them again

local client, receipts, texts, inbound

--- Makes what the handlers share; before the workers start.
function webhooks.open(base_url, method)
  client = sms.nexmo { base_url = base_url, api_key = "abcd1234", api_secret = "Secret0123456789",
    rate_limit = false, signature_method = method,
    signature_secret = "SIGSECRETforTests0123456789abcdef" }
  local store = sms.stores.shared(ngx.shared.sms)
  receipts, texts = sms.receipts.new(store), ngx.shared.texts
  inbound = sms.inbound.new(store, { window = WINDOW })
  webhooks.hook = nginx.handler { client = client, nonce_store = store, on = webhooks.on }
end

local function say(value)
  ngx.say(cjson.encode(value))
end

--- Sends `parts` parts to `to`: the ids; which of them had receipts before the program knew them.
function webhooks.send()
  local result, err = client:send_sms { from = "Acme", to = ngx.var.arg_to,
    text = ("x"):rep(150 * tonumber(ngx.var.arg_parts)), ["client-ref"] = ngx.var.arg_ref }
  result = result or err.kind == "partial" and err.result
  if not result then return say { err = tostring(err) } end
  local ids, early = {}, 0
  for _, part in ipairs(result.messages) do
    local id = part["message-id"]
    ids[#ids + 1] = id
    early = early + (id and receipts:get(id) and 1 or 0)
  end
  assert(receipts:sent(result))
  say { ids = ids, early = early }
end

webhooks.on = {
  delivery_receipt = function(fields)
    if math.random() < TROUBLE then error "no database" end
    return receipts:add(fields)
  end,
  inbound_sms = function(fields)
    if math.random() < TROUBLE then return nil, "no database" end
    local message, why = inbound:add(fields, ngx.now())
    if message then webhooks.take(message) end
    return message ~= nil, why
  end,
  voice = function(fields)
    texts:rpush("calls", fields.status)
  end,
}

function webhooks.take(message)
  texts:rpush("texts", cjson.encode { text = message.fields.text, missing = message.missing })
end

--- Gives up texts whose parts did not come, as if their time were over.
function webhooks.give_up()
  for _, message in ipairs(inbound:expired(ngx.now() + WINDOW)) do webhooks.take(message) end
end

function webhooks.state()
  say(receipts:get(ngx.var.arg_id) or {})
end

--- What was taken until now, and is forgotten: `texts` or `calls`.
function webhooks.taken()
  local list = {}
  for i = 1, texts:llen(ngx.var.arg_what) do list[i] = texts:lpop(ngx.var.arg_what) end
  say(list)
end

return webhooks
