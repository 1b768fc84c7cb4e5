--- The socket by which the driver thread wakes the pump (sms.runtime.nginx.pump).

local core = require "sms.core"

local socket = {}

local ngx = ngx -- luacheck: ignore

local LONGEST_READ = 3600000 -- milliseconds; the driver's idle byte comes long before

--- Folders for the pump's socket, the first that can be written to is used.
socket.folders = { "/run/lua-sms", "/dev/shm", "/tmp" }

local cleaned_by -- the process that has done so

--- Removes what workers left in the folders that were killed while they made a socket.
local function clean()
  local process = ngx.worker.pid()
  if cleaned_by ~= process then
    cleaned_by = process
    for _, folder in ipairs(socket.folders) do
      core.clean_sockets(folder)
    end
  end
end

--- Makes a socket to connect to.
---@param mailbox table
---@return string? path
---@return string? why
function socket.listen(mailbox)
  clean()
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
  local ok, failure = connected:connect("unix:" .. path)
  local is_accepted, refusal = mailbox:accept() -- also where it has failed: the path is gone then
  if not is_accepted then
    connected:close()
    return nil, not ok and failure or refusal
  end
  connected:settimeout(LONGEST_READ)
  return connected
end

return socket
