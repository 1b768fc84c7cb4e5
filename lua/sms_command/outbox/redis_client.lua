--- A client of Redis over LuaSocket, as sms.redis takes it: `eval` and little else. Debian's
--- lua-redis has nothing for Lua 5.4, which runs the command.
---
---   local client, why = redis_client.connect({ host = "127.0.0.1", port = 6379 }, 1)
---   local answer, problem = client:eval("return ARGV[1]", 0, "x")
---   client:close()
---
--- What Redis answers as an error is nil and its text; no step takes longer than its time-out.

local redis_client = {}

local unpack = table.unpack or rawget(_G, "unpack")

local methods = {}
local Client = { __name = "sms_command.redis_client", __index = methods }

local MISSING = "the Lua module socket is missing, by which the command speaks to Redis "
  .. "(LuaSocket: package lua-socket of Debian, or luasocket of LuaRocks)"
local FOREIGN = "what answers is no Redis"
local LONGEST_LINE = 65536 -- bytes of an error or a number
local DEEPEST = 8 -- lists within lists
local ENDED = "\r\n"

-- Modules of LuaSocket.
local LOAD = {
  tcp = function()
    return require "socket"
  end,
  unix = function()
    return require "socket.unix"
  end,
}

--- One of them; nil and a sentence where it is not there.
local function load(name)
  local found, module = pcall(LOAD[name])
  if found then
    return module
  end
  local why = tostring(module):match "^[^\n]*"
  return nil, why:find("not found", 1, true) and MISSING or ("%s: %s"):format(MISSING, why)
end

local read

local READERS = {
  ["+"] = function(_, rest)
    return rest
  end,
  ["-"] = function(_, rest)
    return nil, rest, true
  end,
  [":"] = function(_, rest)
    return tonumber(rest)
  end,
  ["$"] = function(self, rest)
    local length = tonumber(rest)
    if length == -1 then
      return false
    end
    local data, why = self.socket:receive(length + #ENDED)
    return data and data:sub(1, length), why
  end,
  ["*"] = function(self, rest, depth)
    local list = {}
    for i = 1, depth <= DEEPEST and tonumber(rest) or 0 do
      local value, why, is_answer = read(self, depth + 1)
      if value == nil and not is_answer then
        return nil, why
      end
      list[i] = value == nil and why or value
    end
    return list
  end,
}

--- The next answer; nil, what is wrong, and whether it is Redis that says so.
function read(self, depth)
  local line, why = self.socket:receive "*l"
  if not line then
    return nil, why
  end
  line = line:gsub("\r$", "")
  local reader = #line <= LONGEST_LINE and READERS[line:sub(1, 1)]
  local rest = line:sub(2)
  if not reader or line:find "^[$*:]" and not rest:find "^%-?%d+$" then
    return nil, FOREIGN
  end
  return reader(self, rest, depth)
end

--- Asks for a command.
---@return any answer
---@return string? why
function methods:command(...)
  local count = select("#", ...)
  local words = { ("*%d"):format(count) }
  for i = 1, count do
    local word = tostring((select(i, ...)))
    words[#words + 1] = "$" .. #word
    words[#words + 1] = word
  end
  words[#words + 1] = ""
  local sent, why = self.socket:send(table.concat(words, ENDED))
  if not sent then
    return nil, why
  end
  local answer, problem = read(self, 1)
  return answer, problem
end

function methods:eval(...)
  return self:command("EVAL", ...)
end

function methods:config(...)
  return self:command("CONFIG", ...)
end

function methods:info(...)
  return self:command("INFO", ...)
end

function methods:close()
  self.socket:close()
end

--- A socket for a place, that is not connected.
local function socket_for(place)
  local made, why
  if place.path then
    made, why = load "unix"
    local new = type(made) == "table" and made.stream or made
    return made and new(), why
  end
  made, why = load "tcp"
  return made and made.tcp(), why
end

--- Says who this is.
local function log_in(client, place)
  if not place.password then
    return true
  end
  local words = { "AUTH", place.password }
  if place.username then
    table.insert(words, 2, place.username)
  end
  local ok, why = client:command(unpack(words))
  if ok then
    return true
  end
  why = tostring(why)
  return nil, why, why:find "^WRONGPASS" ~= nil or why:find "^ERR" ~= nil
end

--- Connects.
---@param place { host: string?, port: integer?, path: string?, username: string?,
---  password: string? }
---@param timeout number seconds of each step
---@return table? client
---@return string? why
---@return boolean? is_final it is there, and will not have it: another password is needed
function redis_client.connect(place, timeout)
  local socket, why = socket_for(place)
  if not socket then
    return nil, why
  end
  socket:settimeout(timeout)
  local ok
  if place.path then
    ok, why = socket:connect(place.path)
  else
    ok, why = socket:connect(place.host, place.port)
  end
  if not ok then
    socket:close()
    return nil, why
  elseif place.host then
    socket:setoption("tcp-nodelay", true)
  end
  local client = setmetatable({ socket = socket }, Client)
  local is_final
  ok, why, is_final = log_in(client, place)
  if not ok then
    client:close()
    return nil, why, is_final
  end
  return client
end

--- Waits.
---@param seconds number
function redis_client.sleep(seconds)
  load "tcp".sleep(seconds)
end

--- What is missing on this machine to speak to Redis; nil: nothing.
---@return string?
function redis_client.missing()
  return (select(2, load "tcp"))
end

return redis_client
