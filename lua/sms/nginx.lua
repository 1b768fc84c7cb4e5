--- For operators of nginx: what this worker's calls do, and what its set-up lacks.

require "sms" -- first: makes its providers

local counters = require "sms.call.counters"
local handler = require "sms.incoming.handler"
local hooks = require "sms.runtime.nginx.hooks"
local misuse = require "sms.base.misuse"
local plain = require "sms.base.plain"
local pump = require "sms.runtime.nginx.pump"
local registry = require "sms.base.registry"
local setup = require "sms.client.setup"
local socket = require "sms.runtime.nginx.socket"

local nginx = {}

local LONGEST_FOLDER = 90 -- bytes; the path of a socket has 107 at most

local COUNTED = { "calls", "failures", "retries", "waits" }

local HELP = {
  calls = "Calls made by this worker.",
  failures = "Calls of this worker that returned an error.",
  retries = "Repeats of calls by this worker.",
  waits = "Calls of this worker that waited for their rate limit.",
}

--- Makes a content handler for webhooks. It answers 204 when the function is done, 401 to what is
--- not signed as it must be, 400 to what cannot be read, and 500 where it is to come again.
---@param options sms.handler_options
---@return fun() handler
function nginx.handler(options)
  misuse.check_dot(nginx, options, "nginx.handler")
  return handler.new(options) -- a tail call: errors name the caller's line
end

--- Slots that are free, by the key of the credentials and the limit.
local function slots_free()
  local free = {}
  for client in pairs(counters.clients) do
    for _, limit in ipairs(setup.free_limits(client)) do
      free[limit.name] = limit.slots
    end
  end
  return free
end

local function prometheus(status)
  local lines = {}
  local function add(...)
    lines[#lines + 1] = (...):format(select(2, ...))
  end
  for _, name in ipairs(COUNTED) do
    add("# HELP sms_%s_total %s", name, HELP[name])
    add("# TYPE sms_%s_total counter", name)
    for _, provider in ipairs(registry.list()) do
      add('sms_%s_total{provider="%s"} %d', name, provider.name, status[provider.name][name])
    end
  end
  add("# HELP sms_hooks_waiting Calls of hooks that wait for a timer in this worker.")
  add("# TYPE sms_hooks_waiting gauge")
  add("sms_hooks_waiting %d", status.hooks_waiting)
  add("# HELP sms_hooks_dropped_total Calls of hooks that this worker has not made.")
  add("# TYPE sms_hooks_dropped_total counter")
  add("sms_hooks_dropped_total %d", status.hooks_dropped)
  add("# HELP sms_in_flight Requests under way in this worker.")
  add("# TYPE sms_in_flight gauge")
  add("sms_in_flight %d", status.in_flight)
  add("# HELP sms_slots_free Calls that the rate limit allows now.")
  add("# TYPE sms_slots_free gauge")
  local names = {}
  for name in pairs(status.slots_free) do
    names[#names + 1] = name
  end
  table.sort(names, plain.is_before)
  for _, name in ipairs(names) do
    add('sms_slots_free{limit="%s"} %d', name:gsub('[\\"\n]', "_"), status.slots_free[name])
  end
  return table.concat(lines, "\n") .. "\n"
end

--- What this worker's calls do.
---@return sms.nginx_status status
---@return string text the same for Prometheus
function nginx.status(...)
  misuse.check_dot(nginx, (...), "nginx.status")
  local status = { in_flight = pump.in_flight(), slots_free = slots_free() }
  status.hooks_waiting, status.hooks_dropped = hooks.counts()
  for _, provider in ipairs(registry.list()) do
    local counts, own = counters.of(provider.name), {}
    for _, name in ipairs(COUNTED) do
      own[name] = counts[name]
    end
    status[provider.name] = own
  end
  return status, prometheus(status)
end

--- Chooses the folder in which each worker makes a socket for a moment, when its calls
--- begin; for init_by_lua. Its user must be able to write there. Without it the first of
--- /run/lua-sms, /dev/shm and /tmp that can be written to is used.
---@param path string
function nginx.socket_folder(path)
  misuse.check_dot(nginx, path, "nginx.socket_folder")
  if type(path) ~= "string" or path == "" or #path > LONGEST_FOLDER then
    error(("socket_folder: a path of at most %d bytes was expected"):format(LONGEST_FOLDER), 2)
  end
  socket.folders = { path }
end

--- What this set-up is, and what it lacks, in words.
---@return { name: string, ok: boolean, message: string? }[] checks
---@return string text the same to read
function nginx.doctor(...)
  misuse.check_dot(nginx, (...), "nginx.doctor")
  local checks, lines = {}, {}
  for i, check in ipairs(setup.checks) do
    local message, is_fine = check[2]()
    local ok = message == nil or is_fine == true
    checks[i] = { name = check[1], ok = ok, message = message }
    lines[i] = ("%-12s %s"):format(check[1], not ok and message or message and "ok: " .. message
      or "ok")
  end
  return checks, table.concat(lines, "\n") .. "\n"
end

return nginx
