--- The yardstick: one SMS through nginx's own sockets, written by hand for just that, with
--- kept connections. No checks, no limits, no retries.

local cjson = require "cjson.safe"

local ngx = ngx -- luacheck: ignore

local cosocket = {}

--- A client for one server, as sms.nexmo makes one.
function cosocket.new(host, port, key, secret, tls)
  local head = "POST %s HTTP/1.1\r\nHost: " .. host .. ":" .. port
    .. "\r\nAccept: application/json\r\nUser-Agent: yardstick\r\nAuthorization: Basic "
    .. ngx.encode_base64(key .. ":" .. secret)
    .. "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
  return { host = host, port = port, head = head, tls = tls, send_sms = cosocket.send_sms,
    pool = { pool = "yardstick " .. port, pool_size = 100 } }
end

local function read(socket)
  local line, why = socket:receive "*l"
  local status = line and line:match "^HTTP/1%.1 (%d+)"
  local length, keep
  while line and line ~= "" do
    line, why = socket:receive "*l"
    if line then
      local name, value = line:match "^([^:]+):%s*(.*)$"
      name = name and name:lower()
      if name == "content-length" then
        length = tonumber(value)
      elseif name == "connection" then
        keep = value:lower() ~= "close"
      end
    end
  end
  local body
  if line and length then
    body, why = socket:receive(length)
  end
  return tonumber(status), body, keep, why
end

--- Sends one SMS.
function cosocket:send_sms(params, path)
  local socket = ngx.socket.tcp()
  socket:settimeouts(5000, 5000, 30000)
  local ok, why = socket:connect(self.host, self.port, self.pool)
  if ok and self.tls and socket:getreusedtimes() == 0 then
    ok, why = socket:sslhandshake(false, "localhost", true)
  end
  if not ok then
    return nil, why
  end
  local body = ngx.encode_args(params)
  ok, why = socket:send { self.head:format(path or "/sms/json", #body), body }
  if not ok then
    return nil, why
  end
  local status, answer, keep
  status, answer, keep, why = read(socket)
  if not answer then
    socket:close()
    return nil, why
  elseif keep == false then
    socket:close()
  else
    socket:setkeepalive(20000)
  end
  local result = cjson.decode(answer)
  if status ~= 200 or not result or result.messages[1].status ~= "0" then
    return nil, "refused"
  end
  return result
end

return cosocket
