-- Many messages for a sandbox, in little time: over one connection, a hundred at a time.

local socket = require "socket"

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

--- Sends texts "Number 1" and on.
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
