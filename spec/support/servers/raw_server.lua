-- A TCP server in a process of its own that answers whatever it is told, byte by byte.
--
--     local server = raw_server.start()
--     server:reply(raw_server.http(200, "{}"))                   every request from now on
--     server:replies { { "HTTP/1.1 200 OK\r\n", { close = true } }, raw_server.http(200, "{}") }
--     server:requests()            what came, oldest first: { text, connection }
--     server:stop()
--
-- A reply is text or a list of steps: text, { sleep = seconds }, { drip = text, every = seconds },
-- { close = true }, { reset = true }, { endless = text }. The last of several replies goes on for
-- ever.

local lua_process = require "spec.support.lua_process"
local cjson = require "cjson"
local socket = require "socket"

local raw_server = {}

local methods = {}
local Server = { __name = "raw_server", __index = methods }

local CHILD = "spec/support/servers/raw_server_child.lua"
local PATIENCE = 10 -- seconds for the process to come up

local taken = {} -- sockets, which keep others from their ports

local function read(name)
  local file = io.open(name)
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local function write(name, text)
  local file = assert(io.open(name .. ".new", "w"))
  file:write(text)
  file:close()
  assert(os.rename(name .. ".new", name))
end

--- A whole answer with a JSON body, or what `headers` say it is.
function raw_server.http(status, body, headers)
  return ("HTTP/1.1 %d Status\r\n%sContent-Length: %d\r\n\r\n%s")
    :format(status, headers or "Content-Type: application/json\r\n", #body, body)
end

--- A port on which nobody listens, nor will as long as this process lives.
function raw_server.closed_port()
  local bound = assert(socket.tcp4())
  assert(bound:bind("127.0.0.1", 0))
  taken[#taken + 1] = bound
  return select(2, bound:getsockname())
end

function methods:replies(list)
  self.version = self.version + 1
  write(self.dir .. "/replies", cjson.encode { version = self.version, list = list })
end

function methods:reply(one)
  self:replies { one }
end

function methods:requests()
  local list = {}
  for line in (read(self.dir .. "/requests") or ""):gmatch "[^\n]+" do
    list[#list + 1] = cjson.decode(line)
  end
  return list
end

function methods:forget()
  os.remove(self.dir .. "/requests")
end

function methods:stop()
  if not self.pipe then return end
  self.pipe:close()
  self.pipe = nil
  for _, name in ipairs { "port", "replies", "requests" } do os.remove(self.dir .. "/" .. name) end
  os.remove(self.dir)
end

--- Starts a server; it ends with `stop`, at the latest with this process.
function raw_server.start(reply)
  local pipe = assert(io.popen("mktemp -d"))
  local dir = pipe:read "*l"
  pipe:close()
  local self = setmetatable({ dir = dir, version = 0 }, Server)
  self:reply(reply or raw_server.http(200, "{}"))
  self.pipe = assert(io.popen(lua_process.command(CHILD, {}, { dir }), "w"))
  local give_up = socket.gettime() + PATIENCE
  while not read(dir .. "/port") do
    assert(socket.gettime() < give_up, "the raw server does not come up")
    socket.sleep(0.005)
  end
  self.port = tonumber(read(dir .. "/port"))
  self.url = "http://127.0.0.1:" .. self.port
  return self
end

return raw_server
