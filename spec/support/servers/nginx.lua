-- Starts a real nginx with the library in it, asks it, and looks at its processes.
--
--     local server = nginx.start { workers = 2, init = "sms = require 'sms'",
--       locations = "location /x { content_by_lua_block { ngx.say(ngx.worker.pid()) } }" }
--     local status, body = server:get "/x"
--     server:stop()
--
-- In a `describe`: local server = nginx.for_specs(), and in a spec server:start { … }.
--
-- It uses the module for LuaJIT beside that of the running Lua, with a sanitizer's run time
-- where that was built with one.

local cjson = require "cjson"
local build = require "spec.support.hosts.build"
local child = require "spec.support.child"
local core = require "sms.core"
local nginx_conf = require "spec.support.servers.nginx_conf"
local process = require "spec.support.process"
local socket = require "socket"

local nginx = {}

local methods = {}
local Server = { __name = "nginx", __index = methods }

local TRIES = 5 -- ports
local PATIENCE = 30 -- seconds for anything that must come

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

nginx.is_root, nginx.example = nginx_conf.is_root, nginx_conf.example

--- Whether nginx runs under AddressSanitizer, whose memory grows by itself.
nginx.sanitized = process.read(nginx_conf.modules .. "/sms/core.so")
  :find("__asan_init", 1, true) ~= nil

-- The sanitizer's run time must come first; nginx frees little at its end.
local function environment(preload)
  local own = preload and ("%s/preload/%s.so"):format(build.folder, preload) or ""
  if not nginx.sanitized then
    return preload and ("env LD_PRELOAD=%s "):format(child.quoted(own)) or ""
  end
  return [[setarch $(uname -m) -R env ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 LD_PRELOAD="]]
    .. [[$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so) ]] .. own .. '" '
end

--- Where the program is.
nginx.program = process.output_of("echo " .. nginx_conf.program)

--- A script in its place, for commands that call it by its name.
function nginx.script()
  return ('#!/bin/sh\nunset NGINX\nexec %s%s "$@"\n'):format(environment(),
    child.quoted(nginx.program))
end

--- Whether a thread drives the calls in it: none does where its OpenSSL has none.
nginx.has_driver_thread = core.has_driver_thread() and not nginx_conf.has_own_openssl()

--- A port that nobody listens on, below those that the kernel gives to outgoing connections.
function nginx.free_port()
  while true do
    local port = 10000 + math.floor(core.random() * 10000)
    local probe = socket.bind("127.0.0.1", port)
    if probe then
      probe:close()
      return port
    end
  end
end

-- Whatever becomes of the specs, nginx ends with them.
local WATCHDOG = [[(
  is_here() { tr '\0' ' ' </proc/%d/cmdline | grep -q %s; }
  while is_here && kill -0 %s; do sleep 1; done
  is_here && kill -9 $(cat /proc/%d/task/%d/children) %d
) >/dev/null 2>&1 &]]

local function launch(self, options)
  -- The sockets that an environment's NGINX names are another's.
  local command = ("unset NGINX; %s%s%s -p %s/ -e %s/error.log -c %s/nginx.conf"):format(
    options.before or "", environment(options.preload), nginx_conf.program, self.dir, self.dir,
    self.dir)
  for _ = 1, TRIES do
    self.port = nginx.free_port()
    local conf = options.conf and options.conf(self) or nginx_conf.of(self, options)
    write(self.dir .. "/nginx.conf", conf)
    local ended = child.shell(command)
    if ended.status == 0 then return end
    assert(ended.err:find("bind() to", 1, true), ended.err)
    os.remove(self.dir .. "/error.log")
  end
  error "nginx finds no port"
end

--- One that is not started yet.
function nginx.new()
  return setmetatable({}, Server)
end

--- One that the specs of a file or a `describe` start, each for itself; it ends after each.
function nginx.for_specs()
  local server = nginx.new()
  require "busted".after_each(function() server:stop() end)
  return server
end

--- Starts it. Options: workers, user (for root's nginx), main, http, listen, locations: parts of
--- the configuration; init: Lua; preload: a name in build/preload; code_cache: false; log_level;
--- conf: all of the configuration, a function of the server (its dir and port). Those of `more`
--- go before.
function methods:start(given, more)
  local options = {}
  for _, part in ipairs { given, more or {} } do
    for name, value in pairs(part) do options[name] = value end
  end
  local dir = process.output_of "mktemp -d ${TMPDIR:-/tmp}/nginx.XXXXXX"
  child.shell("chmod 755 " .. dir)
  self.dir = dir
  launch(self, options)
  self.url = "http://127.0.0.1:" .. self.port
  self.pid = process.wait("nginx to start", PATIENCE, function()
    return tonumber(process.read(dir .. "/nginx.pid") or "")
  end)
  child.shell(WATCHDOG:format(self.pid, dir, process.output_of "echo $PPID", self.pid, self.pid,
    self.pid))
  process.wait("the workers to start", PATIENCE, function()
    return #self:workers() >= (options.workers or 1)
  end)
  return self
end

function nginx.start(given, more)
  return nginx.new():start(given, more)
end

--- Sends a request, whose answer is read later. Options: method, body, headers, port.
function methods:begin(path, options)
  options = options or {}
  local lines = { ("%s %s HTTP/1.0"):format(options.method or options.body and "POST" or "GET",
    path), "Host: localhost" }
  for name, value in pairs(options.headers or {}) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if options.body then
    lines[#lines + 1] = "Content-Length: " .. #options.body
  end
  local connection = assert(socket.connect("127.0.0.1", options.port or self.port))
  connection:settimeout(PATIENCE)
  assert(connection:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. (options.body or "")))
  return connection
end

--- The answer to a request that was begun: its status, its body; nil where none came.
function nginx.answer(connection)
  local text, why, part = connection:receive "*a"
  connection:close()
  local status, body = (text or part):match "^HTTP/1%.%d (%d+).-\r\n\r\n(.*)$"
  if not status then
    return nil, why or "no answer"
  end
  return tonumber(status), body
end

--- Whether any of the requests that were begun has been answered; the answers stay to be read.
function nginx.have_answers(connections)
  return #socket.select(connections, nil, 0) > 0
end

--- Sends a request and reads its answer: status, body.
function methods:get(path, options)
  return nginx.answer(self:begin(path, options))
end

--- What is answered in JSON, with status 200.
function methods:ask(path)
  local status, body = self:get(path)
  if status ~= 200 then error(("%s: %s %s"):format(path, tostring(status), tostring(body)), 2) end
  return cjson.decode(body)
end

--- Process ids of all workers, those that are shutting down among them.
function methods:workers()
  return process.children(self.pid)
end

--- Sends a signal to the master.
function methods:signal(name)
  process.signal(name, self.pid)
end

--- What the error log says, the first lines of messages, without those that match.
function methods:log(without)
  local lines = {}
  for line in (process.read(self.dir .. "/error.log") or ""):gmatch "[^\n]+" do
    if line:find "^%d+/%d+/%d+ " and not (without and line:find(without)) then
      lines[#lines + 1] = line
    end
  end
  return table.concat(lines, "\n")
end

--- Ends it, at once, and removes its folder; the log is kept as `last_log`.
function methods:stop()
  if not self.dir then return end
  self:signal "TERM"
  local ended, why = pcall(process.wait, "nginx to end by itself", PATIENCE, function()
    return not process.lives(self.pid)
  end)
  if not ended then
    for _, pid in ipairs(self:workers()) do process.signal("KILL", pid) end
    self:signal "KILL"
  end
  self.last_log = self:log()
  local found = (process.read(self.dir .. "/error.log") or ""):match "[^\n]*Sanitizer.*"
  child.shell("rm -rf " .. child.quoted(self.dir))
  self.dir = nil
  assert(ended, why)
  assert(not found, found)
end

return nginx
