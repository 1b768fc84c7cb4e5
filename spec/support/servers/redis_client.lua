-- The least Redis client: any command as a method, over LuaSocket; errors are returned.
--
--     local client, err = redis_client.connect(port, 0.5)
--     client:eval("return ARGV[1]", 0, "x")
--     client:close()

local socket = require "socket"

local redis_client = {}

local methods = {}
local Client = { __name = "redis_client" }

--- Any other method is a command.
function Client.__index(_, name)
  return methods[name] or function(self, ...)
    return self:command(name, ...)
  end
end

local function read_reply(connection)
  local line, err = connection:receive "*l"
  if not line then return nil, err end
  local kind, rest = line:sub(1, 1), line:sub(2)
  if kind == "+" then return rest end
  if kind == "-" then return false, rest end
  if kind == ":" then return tonumber(rest) end
  if kind == "$" then
    if rest == "-1" then return false end
    local data, why = connection:receive(tonumber(rest) + 2)
    return data and data:sub(1, -3), why
  end
  if kind ~= "*" then return nil, "not the protocol of Redis" end
  local list = {}
  for i = 1, tonumber(rest) do
    local why
    list[i], why = read_reply(connection)
    if list[i] == nil then return nil, why end
  end
  return list
end

function methods:command(...)
  local words = { ("*%d\r\n"):format(select("#", ...)) }
  for i = 1, select("#", ...) do
    local word = tostring((select(i, ...)))
    words[#words + 1] = ("$%d\r\n%s\r\n"):format(#word, word)
  end
  local ok, err = self.connection:send(table.concat(words))
  if not ok then return nil, err end
  return read_reply(self.connection)
end

function methods:close()
  self.connection:close()
end

--- A connection to a Redis on loopback; no step takes longer than `timeout`.
function redis_client.connect(port, timeout)
  local connection = socket.tcp()
  connection:settimeout(timeout or 1)
  local ok, err = connection:connect("127.0.0.1", port)
  if not ok then
    connection:close()
    return nil, err
  end
  connection:setoption("tcp-nodelay", true)
  return setmetatable({ connection = connection }, Client)
end

--- What sms.redis takes: one connection, opened when it is needed, to a port (or what it gives).
function redis_client.options(port, timeout)
  local open
  return {
    connect = function()
      local err
      if not open then
        open, err = redis_client.connect(type(port) == "function" and port() or port, timeout)
      end
      return open, err
    end,
    release = function(client, ok)
      if not ok then
        client:close()
        open = nil
      end
    end,
  }
end

return redis_client
