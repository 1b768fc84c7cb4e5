-- Whose token is it: JWTs of applications, signed with RS256 by the application's private key.

local clock = require "base.clock"
local crypto = require "base.crypto"
local json = require "base.json"
local store = require "nexmo.applications.store"

local token = {}

local LIFE, SHORTEST, LONGEST = 900, 30, 86400 -- seconds
local AHEAD = 60 -- seconds that a token may be dated ahead of the provider's clock

local UUID = "^" .. ("%x"):rep(8) .. ("%-" .. ("%x"):rep(4)):rep(3) .. "%-" .. ("%x"):rep(12) .. "$"

local function decode(text)
  if text:find "[^%w_-]" then return nil end
  text = text:gsub("-", "+"):gsub("_", "/")
  return ngx.decode_base64(text .. ("="):rep(-#text % 4))
end

local function decode_object(text)
  local plain = decode(text)
  local value = plain and json.decode(plain)
  return type(value) == "table" and value or nil
end

local function time_problem(claims)
  local now = clock.millis() / 1000
  local issued, ends, starts = claims.iat, claims.exp, claims.nbf
  if type(issued) ~= "number" then return "iat is missing" end
  ends = ends == nil and issued + LIFE or ends
  if type(ends) ~= "number" then return "exp must be a number" end
  if ends - issued < SHORTEST or ends - issued > LONGEST then return "exp is out of range" end
  if issued > now + AHEAD then return "the token is from the future" end
  if ends <= now then return "the token has expired" end
  if starts ~= nil and (type(starts) ~= "number" or starts > now) then
    return "the token is not valid yet"
  end
  return nil
end

-- An id names one token: another with the same is refused.
local function is_fresh(claims, signature)
  local key = "jti/" .. claims.jti
  local dict = ngx.shared.nexmo
  return dict:add(key, signature, LONGEST) or dict:get(key) == signature
end

--- The application that a request's token speaks for; nil and what is wrong.
function token.application(request)
  local header = request.headers["authorization"]
  local text = type(header) == "string" and header:match "^[Bb]earer +(%S+)$"
  if not text then return nil, "a token is missing" end
  local head, body, signature = text:match "^([^.]+)%.([^.]+)%.([^.]+)$"
  local kind, claims = decode_object(head or ""), decode_object(body or "")
  local bytes = decode(signature or "")
  if not (kind and claims and bytes) then return nil, "the token cannot be read" end
  if kind.alg ~= "RS256" or kind.typ ~= "JWT" then return nil, "the token is not of RS256" end
  local id = claims.application_id
  local application = type(id) == "string" and (store.find(id) or store.find_built_in(id))
  if not application then return nil, "the application is not known" end
  if not crypto.is_signed(application.keys.public_key, head .. "." .. body, bytes) then
    return nil, "the signature is wrong"
  end
  if type(claims.jti) ~= "string" or not claims.jti:find(UUID) then
    return nil, "jti must be a UUID"
  end
  local problem = time_problem(claims)
  if problem then return nil, problem end
  if not is_fresh(claims, signature) then return nil, "jti names another token already" end
  return application
end

return token
