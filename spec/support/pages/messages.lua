-- What is sent to a sandbox whose page is looked at, by plain HTTP.

local assert = require "luassert"
local cjson = require "cjson"
local sandbox = require "spec.support.servers.sandbox"
local socket = require "socket"
local url = require "socket.url"

local messages = {}

local AT_ONCE = 100

local function request(number)
  local body = "api_key=abcd1234&api_secret=Secret0123456789&from=Acme&to=447700900000&text=Number+"
    .. number
  return "POST /sms/json HTTP/1.1\r\nHost: localhost\r\n"
    .. "Content-Type: application/x-www-form-urlencoded\r\n"
    .. ("Content-Length: %d\r\n\r\n%s"):format(#body, body)
end

local function skip_answer(connection)
  local length
  repeat
    local line = assert(connection:receive "*l")
    length = tonumber(line:match "^Content%-Length: (%d+)") or length
  until line == ""
  assert(connection:receive(length))
end

local FORM = { ["content-type"] = "application/x-www-form-urlencoded" }

local function form(fields)
  local parts = { "api_key=abcd1234", "api_secret=Secret0123456789" }
  for name, value in pairs(fields) do parts[#parts + 1] = name .. "=" .. url.escape(value) end
  return table.concat(parts, "&")
end

--- Sends a text through Nexmo, with other parameters where they are given; its first part's answer.
function messages.sms(box, text, more)
  local fields = { from = "Acme", to = "447700900000", text = text }
  for name, value in pairs(more or {}) do fields[name] = value end
  local status, body = sandbox.request("POST", box.urls.nexmo .. "/sms/json", form(fields), FORM)
  assert.same(200, status)
  return cjson.decode(body).messages[1]
end

--- Sends a job through Retarus; its id.
function messages.job(box, list, options)
  local status, body = sandbox.request("POST", box.urls.retarus .. "/rest/v1/jobs",
    cjson.encode { messages = list, options = options },
    { ["content-type"] = "application/json", authorization = "Basic dXNlcjpwYXNz" })
  assert.same(201, status, body)
  return cjson.decode(body).jobId
end

--- Has a text spoken.
function messages.speak(box, text)
  local fields = { to = "447700900000", lg = "en-gb", text = text }
  local status = sandbox.request("POST", box.urls.nexmo .. "/tts/json", form(fields), FORM)
  assert.same(200, status)
end

--- Makes an application.
function messages.application(box, name)
  local status = sandbox.request("POST", box.urls.nexmo .. "/v2/applications",
    cjson.encode { name = name }, { ["content-type"] = "application/json",
      authorization = "Basic YWJjZDEyMzQ6U2VjcmV0MDEyMzQ1Njc4OQ==" })
  assert.same(201, status)
end

--- Sends texts "Number 1" and on, in little time: over one connection, a hundred at once.
function messages.send_many(box, count)
  local connection = socket.tcp()
  connection:settimeout(10)
  assert(connection:connect("127.0.0.1", tonumber(box.urls.nexmo:match "%d+$")))
  for first = 1, count, AT_ONCE do
    local all, last = {}, math.min(count, first + AT_ONCE - 1)
    for number = first, last do all[#all + 1] = request(number) end
    assert(connection:send(table.concat(all)))
    for _ = first, last do skip_answer(connection) end
  end
  connection:close()
end

return messages
