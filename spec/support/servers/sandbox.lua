-- Starts and steers a sandbox for specs: both providers on loopback.
--
--     local box = sandbox.start { tls = false, workers = 1 }
--     box.urls.retarus, box.urls.nexmo           what a client's base_url takes
--     box:fault { operation = "send_sms", kind = "lost_answer", count = 1 }
--     box:settings { visible_after = 2 }
--     for _, arrival in ipairs(box:arrivals()) do print(arrival.operation, arrival.ref) end
--     box:stop()
--
-- In a `describe`: local box = sandbox.for_specs { workers = 2 }; nothing is to be stopped then.

local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local process = require "spec.support.process"

local sandbox = {}

local box_methods = {}
local box_meta = { __name = "sandbox", __index = box_methods }

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Lua cannot tell its own process id; a shell it starts can.
local function own_process()
  return (output_of "echo $PPID"):match "%d+"
end

local function read_urls(dir)
  local urls = {}
  local file = assert(io.open(dir .. "/urls"), "the sandbox did not start")
  for line in file:lines() do
    local name, url = line:match "^([%w_]+)=(.*)$"
    if name then urls[name] = url end
  end
  file:close()
  return urls
end

local function arguments(options)
  local out = {}
  for _, name in ipairs { "tls", "http2", "application" } do
    if options[name] then out[#out + 1] = "--" .. name end
  end
  for _, name in ipairs { "workers", "port", "keepalive" } do
    if options[name] then out[#out + 1] = ("--%s %d"):format(name, options[name]) end
  end
  return table.concat(out, " ")
end

local function start(box, options)
  local temporary = os.getenv "TMPDIR" or "/tmp"
  local dir = output_of(("mktemp -d %s/sandbox.XXXXXX"):format(quoted(temporary))):match "[^\n]+"
  local folder = (os.getenv "SANDBOX" or "sandbox")
  local command = ("%s/start %s --until %s %s"):format(quoted(folder), arguments(options or {}),
    own_process(), quoted(dir))
  output_of(command)
  box.dir, box.folder, box.urls = dir, folder, read_urls(dir)
  return box
end

--- Starts a sandbox in a folder of its own; it ends with `stop`, at the latest with this process.
--- Options: tls, http2, application (booleans), workers, port, keepalive.
function sandbox.start(options)
  return start(setmetatable({}, box_meta), options)
end

--- The sandbox of all specs of a file or a `describe`: started before the first of them, reset
--- before each (with changes of settings, if given), ended after the last.
function sandbox.for_specs(options, changes)
  local busted = require "busted"
  local box = setmetatable({}, box_meta)
  busted.setup(function() start(box, options) end)
  busted.teardown(function() box:stop() end)
  busted.before_each(function() box:reset(changes) end)
  return box
end

--- One plain request; status, body, headers. `body` is text or nil.
function sandbox.request(method, url, body, headers)
  local out, all = {}, {}
  for name, value in pairs(headers or {}) do all[name] = value end
  if body then all["content-length"] = #body end
  local ok, status, answer = http.request {
    method = method, url = url, headers = all, redirect = false,
    source = body and ltn12.source.string(body) or nil, sink = ltn12.sink.table(out),
  }
  if not ok then return nil, status end
  return status, table.concat(out), answer
end

local function control(box, method, name, value)
  local url = box.urls.control .. "/_sandbox/" .. name
  local body = value and cjson.encode(value)
  local status, answer = sandbox.request(method, url, body)
  if status ~= 200 then error(("sandbox: %s %s: %s"):format(name, status, answer), 3) end
  return answer
end

--- Adds one fault or a list of them (`sandbox/README.md`).
function box_methods:fault(fault)
  control(self, "POST", "faults", fault)
end

--- Takes all faults away.
function box_methods:clear_faults()
  control(self, "DELETE", "faults")
end

--- Changes settings.
function box_methods:settings(changes)
  control(self, "POST", "settings", changes)
end

--- What the provider saw, oldest first; all, or those of one operation.
function box_methods:arrivals(operation)
  local list = {}
  for line in control(self, "GET", "arrivals"):gmatch "[^\n]+" do
    local arrival = cjson.decode(line)
    if not operation or arrival.operation == operation then list[#list + 1] = arrival end
  end
  table.sort(list, function(a, b) return a.time < b.time end)
  return list
end

--- Lets Nexmo call back an inbound text, or one webhook of any kind (`sandbox/README.md`).
function box_methods:inbound(message)
  control(self, "POST", "inbound", message)
end

function box_methods:webhook(webhook)
  control(self, "POST", "webhooks", webhook)
end

--- Attempts to call back, oldest first, once none is waiting any more.
function box_methods:callbacks()
  process.wait("the callbacks", 30, function()
    return cjson.decode(control(self, "GET", "callbacks?count=1")).waiting == 0
  end)
  local list = {}
  for line in control(self, "GET", "callbacks"):gmatch "[^\n]+" do
    list[#list + 1] = cjson.decode(line)
  end
  return list
end

--- How many requests the provider saw.
function box_methods:count()
  return tonumber(control(self, "GET", "arrivals?count=1"))
end

--- Forgets the arrivals alone.
function box_methods:clear_arrivals()
  control(self, "DELETE", "arrivals")
end

--- Forgets everything: arrivals, jobs, applications, faults, settings. Changes settings then.
function box_methods:reset(changes)
  control(self, "POST", "reset")
  if changes then self:settings(changes) end
end

--- The application that is there from the start: its id, and its private key in PEM.
function box_methods:application()
  local application = cjson.decode(control(self, "GET", "application"))
  return application.id, application.keys.private_key
end

--- Ends the sandbox and removes its folder.
function box_methods:stop()
  if not self.dir then return end
  output_of(("%s/stop %s"):format(quoted(self.folder), quoted(self.dir)))
  os.execute("rm -rf " .. quoted(self.dir))
  self.dir = nil
end

return sandbox
