--- For operators of nginx: what its workers' calls do, and what its set-up lacks.

require "sms" -- first: makes its providers

local counters = require "sms.call.counters"
local counts = require "sms.base.counts"
local dictionary = require "sms.report.dictionary"
local doctor = require "sms.client.doctor"
local doctor_nginx = require "sms.client.doctor.nginx"
local free = require "sms.client.doctor.free"
local handler = require "sms.incoming.handler"
local misuse = require "sms.base.misuse"
local registry = require "sms.base.registry"
local report = require "sms.report"
local socket = require "sms.runtime.nginx.socket"
local text = require "sms.report.text"
local workers = require "sms.report.workers"

local nginx = {}

local LONGEST_FOLDER = 90 -- bytes; the path of a socket has 107 at most

local OPTIONS = { "format", "outboxes" }

-- Fields of the status of a provider, and the counters that they are the sums of.
local COUNTED = {
  calls = "sms_calls_total",
  retries = "sms_retries_total",
  waits = "sms_waits_total",
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
  local slots = {}
  for client in pairs(counters.clients) do
    for _, limit in ipairs(free.of(client)) do
      slots[limit.name] = limit.slots
    end
  end
  return slots
end

--- What was counted of a provider.
local function counted(cells, provider)
  local own = {}
  for field, name in pairs(COUNTED) do
    own[field] = counts.sum(cells, name, provider.name)
  end
  local ok = 0
  for _, operation in ipairs(cells) do
    local labels = operation.labels
    if operation.name == COUNTED.calls and labels[1] == provider.name and labels[3] == "ok" then
      ok = ok + operation.value
    end
  end
  own.failures = own.calls - ok
  return own
end

--- Raises where the program stands, if that is not nginx.
local function check_here(name)
  if not rawget(_G, "ngx") then
    error(name .. ": this is not nginx; sms.metrics and sms.doctor tell as much elsewhere", 3)
  end
end

--- What the calls of all workers do, where a dictionary `sms` is declared; else those of this one.
---@param given? sms.nginx_status_options
---@return sms.nginx_status status
---@return string text the same for Prometheus
function nginx.status(given)
  misuse.check_dot(nginx, given, "nginx.status")
  local problem = report.problem(given, OPTIONS) or report.problem_of_format(given and given.format)
  if problem then
    error("sms.nginx.status: " .. problem, 2)
  end
  check_here "nginx.status"
  given = given or {}
  local cells, more = workers.cells(given.outboxes or {})
  local status = { slots_free = slots_free() }
  for field, name in pairs { in_flight = "sms_in_flight", hooks_waiting = "sms_hooks_waiting",
    hooks_dropped = "sms_hooks_dropped_total" } do
    status[field] = counts.sum(cells, name)
  end
  for _, provider in ipairs(registry.list()) do
    status[provider.name] = counted(cells, provider)
  end
  return status, text.formats[given.format or "prometheus"](workers.families(cells, more))
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

local checks = { { "metrics", dictionary.problem } }
for i, check in ipairs(doctor_nginx) do
  table.insert(checks, i, check)
end

--- What this set-up is, and what it lacks, in words.
---@return sms.doctor_check[] checks whose `tostring` is the text
---@return string text the same to read
function nginx.doctor(...)
  misuse.check_dot(nginx, (...), "nginx.doctor")
  check_here "nginx.doctor"
  local list = doctor.list(checks)
  return list, tostring(list)
end

return nginx
