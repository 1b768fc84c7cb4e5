-- Plain calls to a sandbox, as its specs make them.

local cjson = require "cjson"
local mime = require "mime"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"

local calls = {}

local basic = {
  retarus = "Basic dXNlcjpwYXNz",
  nexmo = "Basic " .. mime.b64 "abcd1234:Secret0123456789",
}

--- The sandbox in use; the spec sets it.
calls.box = nil

--- One call with the right Basic header: status, decoded answer, headers. `body` is text or a
--- table; a header given as false is left out.
function calls.call(method, path, body, headers, host)
  local provider = path:find "^/rest/" and "retarus" or "nexmo"
  local all = { authorization = basic[provider], ["content-type"] = "application/json" }
  for name, value in pairs(headers or {}) do all[name] = value or nil end
  local text = type(body) == "table" and cjson.encode(body) or body
  local url = calls.box.urls[host or provider] .. path
  local status, answer, more = sandbox.request(method, url, text, all)
  local ok, value = pcall(cjson.decode, answer)
  return status, ok and value or answer, more
end

--- Sends an SMS with some parameters changed (false: left out): the first part's status, or the
--- HTTP status if that is not 200, and the answer.
function calls.sms(changes, headers)
  local params = { from = "Acme", to = "447700900000", text = "Hello" }
  for name, value in pairs(changes or {}) do params[name] = value or nil end
  local status, answer = calls.call("POST", "/sms/json", params, headers)
  return status == 200 and answer.messages[1].status or status, answer
end

--- The body of a job with one recipient.
function calls.job(options, dst, text)
  return {
    options = options,
    messages = { { text = text or "Hello", recipients = { { dst = dst or "+491760000000" } } } },
  }
end

--- Sends such a job; its id.
function calls.send_job(...)
  local status, answer = calls.call("POST", "/rest/v1/jobs", calls.job(...))
  assert(status == 201)
  return answer.jobId
end

--- The report of a job's first recipient.
function calls.first_recipient(id)
  local _, list = calls.call("GET", "/rest/v1/sms?jobId=" .. id)
  return list[1]
end

--- Sends an SMS over a bare socket: what comes until the connection ends.
function calls.raw_sms()
  local body = '{"from":"Acme","to":"447700900000","text":"Hello"}'
  local connection = assert(socket.connect(calls.box.urls.nexmo:match "//([^:]+):(%d+)"))
  connection:settimeout(5)
  connection:send("POST /sms/json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    .. "Authorization: " .. basic.nexmo .. "\r\nContent-Type: application/json\r\n"
    .. "Content-Length: " .. #body .. "\r\n\r\n" .. body)
  local text, _, rest = connection:receive "*a"
  connection:close()
  return text or rest
end

return calls
