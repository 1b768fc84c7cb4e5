-- Workers whose nginx serves TLS and opens it in Lua while the library does; loaded inside of
-- nginx.

local cjson = require "cjson.safe"
local sms = require "sms"

local tls = {}

local client

--- Makes the client that signs each text, and each voice call with a token of its own.
function tls.open(urls, application, key)
  client = sms.nexmo { base_url = urls.nexmo_tls, ca_file = urls.ca_file, rate_limit = false,
    retry = false, api_key = "abcd1234", api_secret = "Secret0123456789",
    signature_method = "sha256", signature_secret = "SIGSECRETforTests0123456789abcdef",
    application_id = application, private_key = key }
end

--- One text or one voice call: `OK`, or why not.
function tls.call()
  local result, err
  if ngx.var.arg_kind == "voice" then
    result, err = client:send_voice { to = "447700900000", text = "Hello" }
  else
    result, err = client:send_sms { from = "Acme", to = "447700900000", text = "Hello" }
  end
  ngx.print(result and "OK" or tostring(err))
end

-- Asks a worker over TLS to make a call.
local function ask(address, kind)
  local socket = ngx.socket.tcp()
  socket:settimeout(10000)
  local ok, why = socket:connect(address)
  if not ok then return why end
  ok, why = socket:sslhandshake(false, "localhost", true)
  if not ok then return why end
  ok, why = socket:send(("GET /call?kind=%s HTTP/1.0\r\n\r\n"):format(kind))
  if not ok then return why end
  local answer
  answer, why = socket:receive "*a"
  socket:close()
  return answer and answer:match "\r\n\r\n(.*)$" or why or "no answer"
end

--- Asks at `address` for so many `seconds`, `n` at once: how often each answer came.
function tls.storm(address)
  local ends = ngx.now() + tonumber(ngx.var.arg_seconds)
  local threads, told = {}, {}
  local function work(number)
    local kind = number % 4 == 0 and "voice" or "sms"
    repeat
      local answer = ask(address, kind)
      told[answer] = (told[answer] or 0) + 1
      ngx.update_time()
    until ngx.now() > ends
    return true
  end
  for i = 1, tonumber(ngx.var.arg_n) do threads[i] = ngx.thread.spawn(work, i) end
  for _, thread in ipairs(threads) do assert(ngx.thread.wait(thread)) end
  ngx.print(cjson.encode(told))
end

return tls
