-- Plays the provider that sends webhooks: builds and signs their requests, by openssl alone.
--
--     local params = webhooks.signed({ msisdn = "447700900000", … }, "sha256")
--     client:read_webhook(webhooks.request("form", params), { tolerance = false })

local cjson = require "cjson"
local cases = require "spec.cases.webhooks"
local child = require "spec.support.child"
local core = require "sms.core"
local sms = require "sms"

local webhooks = {}

webhooks.secret = "SIGSECRETforTests0123456789abcdef"
webhooks.key = "abcd1234"
webhooks.methods = { "md5hash", "md5", "sha1", "sha256", "sha512" }
webhooks.forms = { "query", "form", "json" }

--- A client; without a method it knows no signature secret.
function webhooks.client(method, secret)
  return sms.nexmo { api_key = webhooks.key, api_secret = "Secret0123456789", rate_limit = false,
    signature_method = method, signature_secret = method and (secret or webhooks.secret) }
end

local known = {} -- digests, by what they were asked for with

--- What openssl says of a text.
local function digest(options, text)
  local name = options .. "\n" .. text
  if not known[name] then
    local unused = os.tmpname()
    local path = unused .. ".signed"
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    local ended = child.shell("openssl dgst -r " .. options .. " " .. path)
    os.remove(path)
    os.remove(unused)
    known[name] = assert(ended.out:match "^%x+", ended.err)
  end
  return known[name]
end

--- A signature in lower-case hex.
function webhooks.sign(text, method, secret)
  secret = secret or webhooks.secret
  if method == "md5hash" then
    return digest("-md5", text .. secret)
  end
  return digest("-" .. method .. " -hmac " .. child.quoted(secret), text)
end

function webhooks.sha256(text)
  return digest("-sha256", text)
end

local function names_of(params)
  local names = {}
  for name in pairs(params) do names[#names + 1] = name end
  table.sort(names, core.is_before)
  return names
end

--- The text of a value in a signature.
local function text_of(value)
  return type(value) == "table" and value.number or tostring(value)
end

--- The text that is signed; blanks left out where asked for.
function webhooks.canonical(params, without_blanks)
  local parts = {}
  for _, name in ipairs(names_of(params)) do
    local text = text_of(params[name])
    if not (without_blanks and text:find "^%s*$") and name ~= "sig" then
      parts[#parts + 1] = "&" .. name .. "=" .. text:gsub("[&=]", "_")
    end
  end
  return table.concat(parts)
end

function webhooks.copy(params, changes)
  local copy = {}
  for name, value in pairs(params) do copy[name] = value end
  for name, value in pairs(changes or {}) do copy[name] = value end
  return copy
end

--- The parameters with their signature. HMACs are in upper case, as the provider sends them.
function webhooks.signed(params, method, secret, without_blanks)
  local sig = webhooks.sign(webhooks.canonical(params, without_blanks), method, secret)
  return webhooks.copy(params, { sig = method == "md5hash" and sig or sig:upper() })
end

local function escape(text)
  return (text:gsub("[^%w]", function(c)
    return c == " " and "+" or ("%%%02x"):format(c:byte())
  end))
end

function webhooks.form(params)
  local parts = {}
  for _, name in ipairs(names_of(params)) do
    parts[#parts + 1] = escape(name) .. "=" .. escape(text_of(params[name]))
  end
  return table.concat(parts, "&")
end

--- An object whose numbers, `{ number = "1.50" }`, stand as they are written.
function webhooks.json(params)
  local parts = {}
  for _, name in ipairs(names_of(params)) do
    local value = params[name]
    local text = type(value) == "table" and value.number or cjson.encode(value)
    parts[#parts + 1] = cjson.encode(name) .. " : " .. text
  end
  return " { " .. table.concat(parts, " ,\n ") .. " } "
end

--- The raw request: `form` is "query", "form" or "json".
function webhooks.request(form, params)
  if form == "query" then
    return { method = "GET", query = webhooks.form(params), headers = {}, body = "" }
  elseif form == "form" then
    return { method = "POST", query = "", body = webhooks.form(params),
      headers = { ["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8" } }
  end
  return { method = "POST", query = "", body = webhooks.json(params),
    headers = { ["content-type"] = { "application/json" } } }
end

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

local function base64url(bytes)
  local out, bits, count = {}, 0, 0
  local function put(value) out[#out + 1] = LETTERS:sub(value + 1, value + 1) end
  for i = 1, #bytes do
    bits, count = bits * 256 + bytes:byte(i), count + 8
    while count >= 6 do
      count = count - 6
      put(math.floor(bits / 2 ^ count))
      bits = bits % 2 ^ count
    end
  end
  if count > 0 then put(bits * 2 ^ (6 - count)) end
  return table.concat(out)
end

--- A token of JSON texts.
function webhooks.token(header, claims, secret)
  local text = base64url(header) .. "." .. base64url(claims)
  local hex = webhooks.sign(text, "sha256", secret)
  return text .. "." .. base64url((hex:gsub("%x%x", function(byte)
    return string.char(tonumber(byte, 16))
  end)))
end

webhooks.header = '{"alg":"HS256","typ":"JWT"}'

--- The claims of a token for a body, some of them changed; `false` leaves one out.
function webhooks.claims(body, now, changes)
  local claims = webhooks.copy({ iat = now, jti = "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
    iss = "Vonage", payload_hash = webhooks.sha256(body), api_key = webhooks.key }, changes)
  for name, value in pairs(claims) do
    if value == false then claims[name] = nil end
  end
  return cjson.encode(claims)
end

--- A request with a JSON body that a token signs.
function webhooks.with_token(body, token)
  return { method = "POST", query = "", body = body,
    headers = { ["Content-Type"] = "application/json", Authorization = "Bearer " .. token } }
end

--- The same, with the token that it needs.
function webhooks.by_token(body, now)
  return webhooks.with_token(body,
    webhooks.token(webhooks.header, webhooks.claims(body, now or 1700000000)))
end

--- Runs a function while the host's clock says something else.
function webhooks.at(time, f)
  local real = os.time
  os.time = function() return time end -- luacheck: ignore
  local ok, message = pcall(f)
  os.time = real -- luacheck: ignore
  assert(ok, message)
end

--- Every text that differs in one bit; `skip` says which of them are the same by their meaning.
function webhooks.flips(text, skip)
  local list = {}
  for i = 1, #text do
    for bit = 0, 7 do
      local byte = text:byte(i)
      local flipped = byte + (byte % 2 ^ (bit + 1) >= 2 ^ bit and -1 or 1) * 2 ^ bit
      if not (skip and skip(byte, bit)) then
        list[#list + 1] = text:sub(1, i - 1) .. string.char(flipped) .. text:sub(i + 1)
      end
    end
  end
  return list
end

--- A webhook that is made now.
function webhooks.fresh(params, changes)
  changes = webhooks.copy({ timestamp = tostring(os.time()) }, changes)
  return webhooks.signed(cases.changed(params, changes), "sha256")
end

--- Asks with a request as read_webhook takes it.
function webhooks.send(server, path, request)
  if request.method == "GET" then
    return server:get(path .. "?" .. request.query)
  end
  local headers = {}
  for name, value in pairs(request.headers) do
    headers[name] = type(value) == "table" and value[1] or value
  end
  return server:get(path, { method = "POST", body = request.body, headers = headers })
end

return webhooks
