--- Webhooks that a token signs: a JWT in the header Authorization. Pure; the signature and the
--- hash are compared in C.

local json = require "sms.base.json"
local plain = require "sms.base.plain"

local token = {}

local LONGEST = 8 * 1024 -- bytes; what servers take as one header

local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
local digits = {}
for i = 1, #LETTERS do
  digits[LETTERS:byte(i)] = i - 1
end

--- Bytes of base64url; nothing but its letters may be in the text.
local function decode_base64url(text)
  local bytes, bits, count = {}, 0, 0
  for i = 1, #text do
    bits, count = bits * 64 + digits[text:byte(i)], count + 6
    if count >= 8 then
      count = count - 8
      local rest = bits % 2 ^ count
      bytes[#bytes + 1] = string.char((bits - rest) / 2 ^ count)
      bits = rest
    end
  end
  return table.concat(bytes)
end

local function decode_part(text)
  local value = json.decode(decode_base64url(text))
  return type(value) == "table" and value or nil
end

--- The token of a header `Authorization: Bearer …`; nil where it has another scheme.
---@param header string?
---@return string?
function token.of_header(header)
  local scheme, given = (header or ""):match "^%s*(%a+)%s+(.-)%s*$"
  return scheme and plain.lower(scheme) == "bearer" and given or nil
end

--- Checks a token against the secret and the body that it signs.
---@param given string
---@param body string the raw bytes
---@param credentials table with `verify_token` and `verify_hash`
---@param api_key string whose secret it is
---@return table? claims
---@return string? message what is wrong with it
---@return string? failure why it could not be checked
function token.read(given, body, credentials, api_key)
  local head, middle = given:match "^([A-Za-z0-9_-]+)%.([A-Za-z0-9_-]+)%.[A-Za-z0-9_-]+$"
  if not head or #given > LONGEST then
    return nil, "the token is not a signed one"
  end
  local is_signed, failure = credentials:verify_token(given)
  if not is_signed then
    return nil, "the signature of the token is wrong", failure
  end
  local header, claims = decode_part(head), decode_part(middle)
  if not header or not claims or header.alg ~= "HS256" or header.crit ~= nil then
    return nil, "the token is not signed by HS256"
  elseif claims.iss ~= "Vonage" then
    return nil, "the token has another issuer"
  elseif claims.api_key ~= api_key then
    return nil, "the token is for another API key"
  elseif type(claims.iat) ~= "number" or type(claims.jti) ~= "string" or claims.jti == "" then
    return nil, "the token does not say when and by which id it was made"
  elseif type(claims.payload_hash) ~= "string" then
    return nil, "the token does not sign the body"
  end
  local is_hash, why = credentials:verify_hash(body, claims.payload_hash)
  if not is_hash then
    return nil, "the token signs another body", why
  end
  return claims
end

return token
