-- A Redis server of Debian for one spec, on loopback, in a folder of its own. SMS_TEST_REDIS names
-- another program (valkey-server).
--
--     local server = redis_server.start()      it ends with this process at the latest
--     server:command("FLUSHALL")
--     server:kill()                            -9
--     server:keep()                            a copy of its data
--     server:restart { with = "data" }         or "copy" or "nothing"; `kindly`: it may clean up
--     server:pause() server:resume()           SIGSTOP, SIGCONT
--     replica:follow(server) replica:promote()
--     server:stop()

local core = require "sms.core"
local redis_client = require "spec.support.servers.redis_client"
local socket = require "socket"

local redis_server = {}

local methods = {}
local Server = { __name = "redis_server", __index = methods }

local PATIENCE = 10 -- seconds for the server to come up, or to go
local LOADING = 120 -- seconds for it to load what it has kept

-- Ends the server when its parent has gone; says its process id.
local LAUNCH = [[
  parent=$PPID
  LD_PRELOAD= "${SMS_TEST_REDIS:-redis-server}" --bind 127.0.0.1 --port %d --dir %s \
    --appendonly yes --appendfsync no \
    --save '' --repl-diskless-sync-delay 0 --daemonize no %s >/dev/null 2>&1 </dev/null &
  child=$!
  (
    while kill -0 $parent; do kill -0 $child || exit; sleep 0.5; done
    kill -9 $child
  ) >/dev/null 2>&1 </dev/null &
  echo $child
]]

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local function is_free(port)
  local listener = socket.bind("127.0.0.1", port)
  return listener ~= nil and listener:close() ~= nil
end

-- Below the ports that the kernel gives by itself: who finds nobody at one of those
-- may be given the very same port and be connected with itself, and Redis cannot come back. The
-- bus of a cluster is 10,000 above.
local function free_port()
  local port
  repeat
    port = 10000 + math.floor(core.random() * 10000)
  until is_free(port) and is_free(port + 10000)
  return port
end

local function patiently(condition, message, patience)
  local give_up = socket.gettime() + (patience or PATIENCE)
  while not condition() do
    assert(socket.gettime() < give_up, message)
    socket.sleep(0.005)
  end
end

local function is_running(pid)
  local file = io.open(("/proc/%s/stat"):format(pid))
  local text = file and file:read "*a"
  if file then file:close() end
  return text and not text:match "^%d+ %b() [ZX]"
end

-- Its last thread may keep the port when the process itself has gone.
local function listens(port)
  local client = redis_client.connect(port)
  if client then client:close() end
  return client ~= nil
end

--- One command over a connection of its own.
function methods:command(...)
  local client, err = redis_client.connect(self.port)
  if not client then return nil, err end
  local answer, why = client:command(...)
  client:close()
  return answer, why
end

function methods:launch()
  self.pid = output_of(LAUNCH:format(self.port, self.dir, self.options)):match "%d+"
  patiently(function() return self:command("PING") ~= nil end, "no Redis comes up")
  patiently(function() return self:command("PING") == "PONG" end, "Redis loads and loads", LOADING)
end

--- Ends it, by another signal where one is named.
function methods:kill(signal)
  os.execute(("kill -%s %s 2>/dev/null"):format(signal or "9", self.pid))
  patiently(function()
    return not is_running(self.pid) and not listens(self.port)
  end, "Redis does not go")
end

function methods:pause()
  os.execute("kill -STOP " .. self.pid)
end

function methods:resume()
  os.execute("kill -CONT " .. self.pid)
end

--- Keeps a copy of its data as they are now.
function methods:keep()
  os.execute(("rm -rf %s.copy && cp -r %s %s.copy"):format(self.dir, self.dir, self.dir))
end

local BETWEEN = {
  data = "true",
  copy = "rm -rf %s/* && cp -r %s.copy/* %s/",
  nothing = "rm -rf %s/*",
}

--- Ends it and starts it again on the same port.
function methods:restart(how)
  self:kill(how.kindly and "TERM" or nil)
  os.execute((BETWEEN[how.with]:gsub("%%s", self.dir)))
  self:launch()
end

--- Becomes a replica of another server that has all which that one has now.
function methods:follow(leader)
  self:command("REPLICAOF", "127.0.0.1", leader.port)
  local function offset(server, name)
    return server:command("INFO", "replication"):match(name .. ":(%d+)")
  end
  patiently(function()
    return self:command("INFO", "replication"):find "master_link_status:up"
      and offset(self, "slave_repl_offset") == offset(leader, "master_repl_offset")
  end, "the replica does not follow")
end

--- A replica becomes a master.
function methods:promote()
  self:command("REPLICAOF", "NO", "ONE")
end

function methods:stop()
  self:kill()
  os.execute(("rm -rf %s %s.copy"):format(self.dir, self.dir))
end

--- Starts a server, with further options of redis-server.
function redis_server.start(options)
  local dir = output_of("mktemp -d"):match "[^\n]+"
  local self = setmetatable({ dir = dir, port = free_port(), options = options or "" }, Server)
  self:launch()
  return self
end

return redis_server
