--- The socket by which the driver thread wakes the pump (sms.runtime.nginx.pump).

local socket = {}

local ngx = ngx -- luacheck: ignore

local LONGEST_READ = 3600000 -- milliseconds; the driver's idle byte comes long before

--- Folders for the pump's socket, the first that can be written to is used.
socket.folders = { "/run/lua-sms", "/dev/shm", "/tmp" }

--- Makes a socket to connect to.
---@param mailbox table
---@return string? path
---@return string? why
function socket.listen(mailbox)
  local problems = {}
  for _, folder in ipairs(socket.folders) do
    local path, why = mailbox:listen(folder)
    if path then
      return path
    end
    problems[#problems + 1] = why
  end
  return nil, "no folder for the socket to the driver thread: " .. table.concat(problems, "; ")
end

--- Makes a socket through which the driver wakes the caller from now on.
---@param mailbox table
---@return table? connected a cosocket
---@return string? why
function socket.connect(mailbox)
  local path, why = socket.listen(mailbox)
  if not path then
    return nil, why
  end
  local connected = ngx.socket.tcp()
  local ok
  ok, why = connected:connect("unix:" .. path)
  if ok then
    ok, why = mailbox:accept()
  end
  if not ok then
    connected:close()
    return nil, why
  end
  connected:settimeout(LONGEST_READ)
  return connected
end

return socket
