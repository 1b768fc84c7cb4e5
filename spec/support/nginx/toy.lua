-- The toy provider in nginx: a handler of its webhooks, and what operators see of it.

local cjson = require "cjson.safe"
local facade = require "sms.client.facade"
local nginx = require "sms.nginx"
local sms = require "sms"

local toy = {}

--- Makes what the handlers share; before the workers start.
function toy.open(url)
  local made = facade.of(require "spec.support.toy.init")
  local client = made { base_url = url, user = "u", password = "p", rate_limit = false,
    webhook_secret = "SIGSECRETforTests0123456789abcdef" }
  local store = sms.stores.shared(ngx.shared.sms)
  local receipts = sms.receipts.new(store)
  local function say(value) ngx.say(cjson.encode(value)) end

  toy.hook = nginx.handler { client = client, nonce_store = store,
    on = { delivery_receipt = function(fields) return receipts:add(fields) end } }

  function toy.send()
    local result, err = client:send_text { to = "447700900000", content = "Hello" }
    say { id = result and assert(receipts:sent(result)) and result.id, err = tostring(err) }
  end

  function toy.state() say(receipts:get(ngx.var.arg_id) or {}) end

  function toy.status() say((nginx.status())) end
end

return toy
