-- Tokens of applications, made with openssl, so that neither the library nor the sandbox's own code
-- judges itself.

local cjson = require "cjson"
local mime = require "mime"

local tokens = {}

local JTI = "c5ba8f24-1a14-4c10-bfdf-3fbe8ce5%04x"
local count = 0

local function encode(text)
  return ((mime.b64(text)):gsub("+", "-"):gsub("/", "_"):gsub("=", ""))
end

local function written(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

local function sign(text, key)
  local key_path, text_path = written(key), written(text)
  local pipe = assert(io.popen(("openssl dgst -sha256 -sign %s -binary %s"):format(key_path,
    text_path), "r"))
  local signature = pipe:read "*a"
  pipe:close()
  os.remove(key_path)
  os.remove(text_path)
  return signature
end

--- A token of an application, some of its claims changed; `false` leaves one out.
function tokens.token(id, key, changes, head)
  count = count + 1
  local claims = { application_id = id, iat = os.time(), jti = JTI:format(count) }
  for name, value in pairs(changes or {}) do
    claims[name] = value or nil
  end
  local text = encode(head or '{"alg":"RS256","typ":"JWT"}') .. "." .. encode(cjson.encode(claims))
  return text .. "." .. encode(sign(text, key))
end

return tokens
