-- Webhooks: whatever comes, read_webhook does not raise; a client that knows the secret takes
-- nothing that is not signed with it, and says in one line what it refuses.

local errors = require "sms.base.errors"
local sms = require "sms"

local METHODS = { "md5hash", "md5", "sha1", "sha256", "sha512" }
local TYPES = { "application/x-www-form-urlencoded", "application/json", "text/plain", nil }
local KINDS = { auth = true, protocol = true, invalid = true }

local function client_of(method, secret)
  return sms.nexmo { api_key = "abcd1234", api_secret = "Secret0123456789", rate_limit = false,
    signature_method = method, signature_secret = secret }
end

-- Nobody has signed with this secret: the corpus is signed with that of spec/support's webhooks.
local strict, lenient = {}, {}
for i, method in ipairs(METHODS) do
  strict[i] = client_of(method, "another secret of the same length")
  lenient[i] = client_of(method, "SIGSECRETforTests0123456789abcdef")
end
local open = client_of()

local function refused(err)
  assert(errors.is(err) and err.outcome == "rejected" and KINDS[err.kind], tostring(err))
  assert(not tostring(err):find "[%z\1-\31\127-\255]", tostring(err))
end

--- Method and content type by the first byte, a token where the second says so, then the text.
local function request_of(bytes)
  local how, token = bytes:byte(1, 2)
  local from = 3
  local request = { method = how % 2 == 0 and "POST" or "GET", headers = {} }
  request.headers["Content-Type"] = TYPES[math.floor(how / 2) % 4 + 1]
  if token > 0 then
    local ends = bytes:find("\n", from, true) or #bytes
    request.headers.Authorization = bytes:sub(from, ends - 1)
    from = ends + 1
  end
  local text = bytes:sub(from)
  request[request.method == "GET" and "query" or "body"] = text
  return request, math.floor(how / 8)
end

return function(bytes)
  if #bytes < 2 then return end
  local request, which = request_of(bytes)
  local read, err = strict[which % #strict + 1]:read_webhook(request, { tolerance = false })
  assert(not read, "taken, though nobody has signed it")
  refused(err)
  read, err = lenient[which % #lenient + 1]:read_webhook(request, { tolerance = false })
  assert(read and read.signed or not read and (refused(err) or true))
  read, err = open:read_webhook(request)
  assert(read and not read.signed or not read and (refused(err) or true))
  if read then open:verify_signature(read.fields) end
end
