-- A program whose secrets are canaries of the environment: it makes clients, sends, closes all, and
-- prints at each stage what its memory has of the canaries: "stage: name, form".

local remains = require "remains" -- before there is a secret

local core = require "sms.core"
local loops = require "spec.support.loops"
local script = require "sms.runtime.script"
local sms = require "sms"

local env = os.getenv
local TEXT = { from = "Acme", to = "447700900000", text = "Hello" }

local PATIENCE = 5 -- seconds for the driver thread, which lets go of what it has by itself

local function report(stage, until_gone)
  local gives_up = core.now() + PATIENCE
  for name, form, hex in env "FORMS":gmatch "([^\t]+)\t([^\t]+)\t(%x+)\n" do
    local where = remains.find(hex)
    while where and name == until_gone and core.now() < gives_up do where = remains.find(hex) end
    if where then print(("%s: %s, %s %s"):format(stage, name, form, where)) end
  end
  print(stage .. ": end")
end

local function nexmo(options)
  options.api_key, options.api_secret = "abcd1234", options.api_secret or env "SECRET"
  options.base_url, options.ca_file = options.base_url or env "NEXMO", env "CA"
  return sms.nexmo(options)
end

local plain = nexmo {}
local signing = nexmo { signature_secret = env "SIGNATURE", application_id = env "APPLICATION",
  private_key = env "KEY" }
local proxied = nexmo { base_url = "http://provider.test", allow_http = true, proxy = env "PROXY" }
local retarus = sms.retarus { username = "user", password = env "PASSWORD",
  base_url = env "RETARUS", ca_file = env "CA", client_cert = env "CERT",
  client_key = env "CLIENT_KEY" }

local looped = nexmo { api_secret = env "LOOPED", runtime = loops.select.runtime }

local refused
loops.select.run { function() refused = select(2, looped:send_sms(TEXT)) end }
assert(refused.status == 401, tostring(refused)) -- it was sent
assert(plain:send_sms(TEXT))
assert(plain:get_balance())
assert(signing:send_sms(TEXT))
assert(signing:send_voice { to = TEXT.to, from = "447700900001", text = "Hello" })
assert(retarus:send_job { messages = { { text = "Hello", recipients = { "+491760000001" } } } })
assert(not proxied:send_sms(TEXT)) -- its answer is none of a provider
report "open"
for _, client in ipairs { plain, signing, retarus, proxied, looped } do
  client:close()
end
report("closed", "LOOPED")
script.engine:close() -- as when the Lua state ends
report "ended"
