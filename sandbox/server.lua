-- Every request passes here: control path or operation, fault or not, record, answer.

local applications = require "nexmo.applications.store"
local arrivals = require "arrivals"
local control = require "control"
local faults = require "faults"
local ffi = require "ffi"
local http = require "base.http"
local process_api = require "ngx.process"
local settings = require "settings"

ffi.cdef "int kill(int process, int signal);"

local server = {}

local TERM = 15

local providers = { retarus = require "retarus", nexmo = require "nexmo" }

-- listener -> provider and the host it plays; a "_tls" at the end of the name is left out
local listeners = {
  retarus = { "retarus", "base" },
  retarus_send = { "retarus", "send" },
  retarus_de2 = { "retarus", "de2" },
  retarus_de1 = { "retarus", "de1" },
  nexmo = { "nexmo", "base" },
  nexmo_rest = { "nexmo", "rest" },
  nexmo_api = { "nexmo", "api" },
  control = { "control", "control" },
}

local windows = {
  retarus = { setting = "retarus_limit", period = 60 },
  nexmo = { setting = "nexmo_limit", period = 1 },
}

-- Seconds left of the window if the provider's own limit is used up.
local function over_limit(request)
  local setting, period = windows[request.provider].setting, windows[request.provider].period
  local limit, seconds = settings.get()[setting], request.clock / 1e6
  local window = math.floor(seconds / period)
  local key = (limit > 0 and setting or "free/" .. setting) .. window
  local used = ngx.shared.control:incr(key, 1, 0, period * 2)
  return limit > 0 and used > limit and period - seconds % period or nil
end

local function throttled(request, seconds)
  return faults.throttled(request, {
    wait = math.ceil(seconds * 1000), retry_after = math.ceil(seconds),
  })
end

local function perform(request)
  local seconds = over_limit(request)
  if seconds then return throttled(request, seconds) end
  local response = request.handler(request)
  if request.accepted == nil then request.accepted = response.status < 300 end
  return response
end

local function perform_with(request, fault)
  request.fault = fault
  if fault.kind == "latency" and fault.when == "before" then ngx.sleep(fault.seconds or 1) end
  local response
  if faults.is_processed(fault) then response = perform(request) end
  response = faults.response(request, fault, response)
  arrivals.add(request, response)
  if fault.kind == "latency" and fault.when == "before" then return http.send(response) end
  return faults.send(fault, response)
end

local function serve(request)
  local fault = faults.pick(request)
  if fault then return perform_with(request, fault) end
  local response = perform(request)
  arrivals.add(request, response)
  return http.send(response)
end

--- Answers the request at hand.
function server.handle()
  local request = http.read()
  if request.path:sub(1, 10) == "/_sandbox/" then return control.handle(request) end
  if request.path:sub(1, 8) == "/prefix/" then request.path = request.path:sub(8) end
  local name, tls = request.listener:gsub("_tls$", "")
  request.tls = tls == 1
  request.provider, request.host = listeners[name][1], listeners[name][2]
  if request.provider == "control" then return control.handle(request) end
  providers[request.provider].route(request)
  return serve(request)
end

local function end_without(pid)
  local process = io.open("/proc/" .. pid .. "/stat")
  local state = process and process:read("*a"):match ".*%) (%a)"
  if process then process:close() end
  if state and state ~= "Z" then return end
  os.remove(ngx.config.prefix() .. "environment") -- who still names it is told so
  ffi.C.kill(process_api.get_master_pid(), TERM)
end

-- Fills the file that sandbox/start has made for the key of the application that is there from the
-- start.
local function write_key()
  local file = assert(io.open(ngx.config.prefix() .. "application.key", "w"))
  assert(file:write(applications.built_in().keys.private_key))
  file:close()
end

--- Called once in each worker. With the id of a process, the sandbox ends when that one has ended.
function server.start_worker(pid, wants_key)
  local random = assert(io.open("/dev/urandom", "rb"))
  local a, b, c = random:read(3):byte(1, 3)
  random:close()
  math.randomseed(a * 65536 + b * 256 + c)
  if pid and ngx.worker.id() == 0 then
    ngx.timer.every(1, function() end_without(pid) end)
  end
  if wants_key and ngx.worker.id() == 0 then write_key() end
  local ready = io.open(ngx.config.prefix() .. "ready." .. ngx.worker.id(), "w")
  if ready then ready:close() end
end

return server
