-- Who is asking: Basic, key and secret among the parameters, or a signature.

local clock = require "base.clock"
local crypto = require "base.crypto"
local settings = require "settings"

local auth = {}

local WINDOW = 300

--- Key and secret of a Basic header; nil if there is none or it cannot be read.
function auth.basic(request)
  local header = request.headers["authorization"]
  local encoded = type(header) == "string" and header:match "^[Bb]asic +(%S+)$"
  local plain = encoded and ngx.decode_base64(encoded)
  if not plain then return nil end
  return plain:match "^([^:]*):(.*)$"
end

--- Whether key and secret are the account's.
function auth.is_account(key, secret)
  local now = settings.get()
  return key == now.nexmo_key and secret == now.nexmo_secret
end

--- Basic alone, as Application v2 wants it.
function auth.by_basic(request)
  return auth.is_account(auth.basic(request))
end

--- Basic, or `api_key` and `api_secret` among the parameters.
function auth.by_either(request, params)
  if request.headers["authorization"] then return auth.by_basic(request) end
  return auth.is_account(params.api_key, params.api_secret)
end

local function canonical(params, with_empty)
  local names, out = {}, {}
  for name, value in pairs(params) do
    if name ~= "sig" and (with_empty or value ~= "") then names[#names + 1] = name end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    out[i] = "&" .. name .. "=" .. params[name]:gsub("[&=]", "_")
  end
  return table.concat(out)
end

local function digest(method, text, secret)
  if method == "md5hash" then return ngx.md5(text .. secret) end
  return crypto.hmac(method, secret, text)
end

--- The signature that Nexmo itself makes: lower case for md5hash, upper case for HMACs.
function auth.signature(method, params)
  local sig = digest(method, canonical(params, true), settings.get().nexmo_signature_secret)
  return method == "md5hash" and sig or sig:upper()
end

local methods = { "md5hash", "md5", "sha1", "sha256", "sha512" }

local function is_signed(params)
  local now = settings.get()
  local sig = params.sig:lower()
  local whole, short = canonical(params, true), canonical(params, false)
  for _, method in ipairs(methods) do
    if now.nexmo_signature_method == "any" or now.nexmo_signature_method == method then
      local secret = now.nexmo_signature_secret
      if digest(method, whole, secret) == sig or digest(method, short, secret) == sig then
        return true
      end
    end
  end
  return false
end

local function signature_problem(request, params)
  if params.api_secret or request.headers["authorization"] then
    return "32", "Signature And API Secret Disallowed"
  end
  if not params.api_key then return "2", "Missing api_key" end
  if params.api_key ~= settings.get().nexmo_key then return "4", "Bad Credentials" end
  if not params.timestamp then return "2", "Missing timestamp" end
  local stamp = tonumber(params.timestamp)
  local is_near = stamp and math.abs(stamp - clock.millis() / 1000) <= WINDOW
  if not is_near or request.is_mixed or not is_signed(params) then
    return "14", "Invalid Signature"
  end
  return nil
end

--- What is wrong with the credentials of an SMS call: a status and its text; "401" for a wrong
--- header; nil if nothing is.
function auth.sms_problem(request, params)
  if params.sig then return signature_problem(request, params) end
  if request.headers["authorization"] then
    if auth.by_basic(request) then return nil end
    if settings.get().nexmo_basic_error == "401" then return "401" end
    return "4", "Bad Credentials"
  end
  if not params.api_key then return "2", "Missing api_key" end
  if not params.api_secret then return "2", "Missing api_secret" end
  if auth.is_account(params.api_key, params.api_secret) then return nil end
  return "4", "Bad Credentials"
end

return auth
