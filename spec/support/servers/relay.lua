-- A TCP relay in a process of its own that cuts what goes through it at any byte.
--
--     local relay = relay.start(box.urls.nexmo)              relay.url stands for it
--     relay:cut("request", 17, "reset")    the 17th byte of the next request is the last to pass
--     relay:cut("reply", 0, "close")       no byte of the next reply passes
--     relay:cut("accept", 0, "close")      the next connection ends before anything passes
--     relay:pass()                         all passes; counting begins anew
--     relay:counted()                      bytes, and bytes to the end of the first head
--     relay:stop()
--
-- Ways are "close" (FIN), "reset" (RST) and "stall": nothing more passes, and nothing ends. A cut
-- happens once, to both sides; bytes are counted from the command on, over all connections.

local lua_process = require "spec.support.lua_process"
local socket = require "socket"

local relay = {}

local methods = {}
local Relay = { __name = "relay", __index = methods }

local CHILD = "spec/support/servers/relay_child.lua"
local PATIENCE = 10 -- seconds for an answer of the process

--- The ports for control and for connections, once the process has named them.
local function ports_in(name)
  local file = assert(io.open(name))
  local control, own = file:read("*a"):match "^(%d+) (%d+)\n"
  file:close()
  return tonumber(control), own
end

local function command(self, line)
  assert(self.control:send(line .. "\n"))
  return assert(self.control:receive "*l")
end

function methods:cut(side, at, way)
  command(self, ("plan %s %d %s"):format(side, at, way))
end

function methods:pass()
  command(self, "none")
end

--- Ends all connections that are kept. The library looks at those that are idle once in a
--- millisecond (src/http/sockets.c): what ends within it may cross a request that is on its way.
function methods:drop()
  command(self, "drop")
  socket.sleep(0.001)
end

function methods:counted()
  local counts = {}
  for number in command(self, "count"):gmatch "%d+" do counts[#counts + 1] = tonumber(number) end
  return { request = counts[1], reply = counts[3] }, { request = counts[2], reply = counts[4] }
end

function methods:stop()
  if not self.pipe then return end
  self.control:close()
  self.pipe:close()
  self.pipe = nil
end

--- Starts a relay in front of a URL; it ends with `stop`, at the latest with this process.
function relay.start(url)
  local host, port = url:match "^http://([^:/]+):(%d+)$"
  local ports = os.tmpname()
  local pipe = assert(io.popen(lua_process.command(CHILD, {}, { host, port }) .. " >" .. ports,
    "w"))
  local self = setmetatable({ pipe = pipe }, Relay)
  local give_up = socket.gettime() + PATIENCE
  local control, own = ports_in(ports)
  while not control do
    assert(socket.gettime() < give_up, "the relay does not come up")
    socket.sleep(0.005)
    control, own = ports_in(ports)
  end
  os.remove(ports)
  self.control = assert(socket.connect("127.0.0.1", control))
  self.control:setoption("tcp-nodelay", true)
  self.control:settimeout(PATIENCE)
  self.url = "http://127.0.0.1:" .. own
  return self
end

return relay
