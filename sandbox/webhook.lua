-- The request of a webhook: its form, and what proves that it comes from the provider.

local auth = require "nexmo.auth"
local clock = require "base.clock"
local crypto = require "base.crypto"
local json = require "base.json"
local loopback = require "base.loopback"
local settings = require "settings"

local webhook = {}

local function uuid()
  return (("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"):gsub("x", function()
    return ("%x"):format(math.random(0, 15))
  end))
end

webhook.uuid = uuid

local function form(fields)
  local parts = {}
  for name, value in pairs(fields) do
    parts[#parts + 1] = ngx.escape_uri(name) .. "=" .. ngx.escape_uri(value)
  end
  return table.concat(parts, "&")
end

local function base64url(bytes)
  return (ngx.encode_base64(bytes, true):gsub("[+/]", { ["+"] = "-", ["/"] = "_" }))
end

local function token(body, seconds)
  local now = settings.get()
  local claims = json.quick {
    iat = seconds, jti = uuid(), iss = "Vonage", payload_hash = crypto.sha256(body),
    api_key = now.nexmo_key,
  }
  local text = base64url '{"alg":"HS256","typ":"JWT"}' .. "." .. base64url(claims)
  return text .. "."
    .. base64url(crypto.hmac_bytes("sha256", now.nexmo_signature_secret, text))
end

local function signed(fields, method, seconds)
  local copy = {}
  for name, value in pairs(fields) do copy[name] = value end
  copy.timestamp, copy.nonce = copy.timestamp or tostring(seconds), copy.nonce or uuid()
  copy.sig = auth.signature(method, copy)
  return copy
end

--- The text of the request that brings the fields of `callback` (its url, form, signature); host
--- and port.
function webhook.request(callback)
  local seconds = math.floor(clock.millis() / 1000)
  local fields, is_jwt = callback.fields, callback.signature == "jwt"
  if not is_jwt and callback.signature ~= "none" then
    fields = signed(fields, callback.signature, seconds)
  end
  local host, port, path = loopback.read(callback.url)
  local method, body, lines = "POST", "", {}
  if is_jwt or callback.form == "json" then
    body = json.encode(fields)
    lines[1] = "Content-Type: application/json"
  elseif callback.form == "form" then
    body = form(fields)
    lines[1] = "Content-Type: application/x-www-form-urlencoded; charset=UTF-8"
  else
    method, path = "GET", path .. (path:find("?", 1, true) and "&" or "?") .. form(fields)
  end
  if is_jwt then lines[#lines + 1] = "Authorization: Bearer " .. token(body, seconds) end
  if method == "POST" then lines[#lines + 1] = "Content-Length: " .. #body end
  local head = ("%s %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: Vonage/MessagingHUB/v1.0\r\n"
    .. "Accept: */*\r\nConnection: close\r\n"):format(method, path, host, port)
  lines[#lines + 1] = "\r\n"
  return head .. table.concat(lines, "\r\n") .. body, host, port
end

local PATIENCE = 3000 -- milliseconds

--- Whether a webhook at this machine answers 200 to a plain GET.
function webhook.answers_get(url)
  local host, port, path = loopback.read(url)
  local socket = ngx.socket.tcp()
  socket:settimeouts(PATIENCE, PATIENCE, PATIENCE)
  if not socket:connect(host, port) then return false end
  socket:send(("GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n")
    :format(path, host, port))
  local line = socket:receive "*l"
  socket:close()
  return line ~= nil and line:find "^HTTP/1%.%d 200" ~= nil
end

return webhook
