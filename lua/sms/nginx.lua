--- For operators of nginx: what this worker's calls do, and what its set-up lacks.

local core = require "sms.core"
local counters = require "sms.call.counters"
local handler = require "sms.incoming.handler"
local misuse = require "sms.base.misuse"
local plain = require "sms.base.plain"
local pump = require "sms.runtime.nginx.pump"
local registry = require "sms.base.registry"
local runtime = require "sms.runtime.nginx"
local slots_place = require "sms.client.slots_place"
local socket = require "sms.runtime.nginx.socket"

require "sms" -- makes its providers

local nginx = {}

local ngx = ngx -- luacheck: ignore

local LONGEST_FOLDER = 90 -- bytes; the path of a socket has 107 at most

local COUNTED = { "calls", "failures", "retries", "waits" }

local HELP = {
  calls = "Calls made by this worker.",
  failures = "Calls of this worker that returned an error.",
  retries = "Repeats of calls by this worker.",
  waits = "Calls of this worker that waited for their rate limit.",
}

--- Makes a content handler for webhooks.
---@param options { client: table, on: table<string, function>, tolerance: number|false|nil,
---  nonce_store: table? }
---@return fun()
function nginx.handler(options)
  misuse.check_dot(nginx, options, "nginx.handler")
  return handler.new(options) -- a tail call: errors name the caller's line
end

--- Whether it is the master, before it forks: its workers may be another user's, and what it
--- opens, they have too.
local function is_master()
  return ngx.get_phase() == "init"
end

local function free_of(limits)
  return is_master() and limits:known() or limits:free(core.now())
end

--- What is free of each limit of a client, those of single operations too; in the master not how
--- much.
local function free_limits(client)
  local list, known = free_of(client.limits), {}
  for _, limit in ipairs(list) do
    known[limit.name] = true
  end
  for _, own in pairs(client.limits_of) do
    for _, limit in ipairs(free_of(own)) do
      list[#list + 1] = not known[limit.name] and limit or nil
    end
  end
  return list
end

--- Slots that are free, by the key of the credentials and the limit.
local function slots_free()
  local free = {}
  for client in pairs(counters.clients) do
    for _, limit in ipairs(free_limits(client)) do
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
---@return table status `in_flight`, `slots_free`, and of each provider, by its name, its counts
---@return string text the same for Prometheus
function nginx.status(...)
  misuse.check_dot(nginx, (...), "nginx.status")
  local status = { in_flight = pump.in_flight(), slots_free = slots_free() }
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

local function is_readable(path)
  local file = path and io.open(path)
  return file and file:close()
end

--- CA bundles that are needed: those of the clients that verify certificates, or the
--- default where there is no client yet.
local function ca_files()
  local default, files = core.libcurl().ca_file or "libcurl's default place", {}
  for client in pairs(counters.clients) do
    local settings = client.settings
    for _, url in pairs(settings.urls) do
      if url:find "^https:" and not settings.insecure and not settings.ca_path then
        files[settings.ca_file or default] = true
      end
    end
  end
  if next(counters.clients) == nil then
    files[default] = true
  end
  return files
end

-- Each says in words what is missing, or nothing.
local CHECKS = {
  { "ca", function()
    for file in pairs(ca_files()) do
      if not is_readable(file) then
        return ("there is no CA bundle at %s that this worker can read: install "
          .. "ca-certificates, or give the client option ca_file"):format(file)
      end
    end
  end },
  { "phase", runtime.cannot_wait },
  { "socket", pump.cannot_listen },
  { "code_cache", function()
    if core.states() > 2 then
      return "lua_code_cache seems to be off: every request makes its own clients and "
        .. "connections; switch it on outside of development"
    end
  end },
  { "slots", function()
    for client in pairs(counters.clients) do
      for _, limit in ipairs(free_limits(client)) do
        if limit.share == "process" then
          return ("the limit %s is kept by each worker for itself: use share = 'machine' "
            .. "or Redis"):format(limit.name)
        elseif limit.warning then
          return ("the slots of %s: %s"):format(limit.name, limit.warning)
        end
      end
    end
  end },
  { "slots_path", function()
    for client in pairs(counters.clients) do
      for _, limit in ipairs(client.settings.slots_path and {} or free_limits(client)) do
        local why = limit.share == "machine" and slots_place.cannot_last()
        if why then
          return ("the limit %s: %s"):format(limit.name, why)
        end
      end
    end
  end },
  { "environment", function()
    local is_set, first = next(counters.clients) ~= nil, nil
    for _, provider in ipairs(registry.list()) do
      local variable = provider.environment[provider.credentials.identity]
      is_set, first = is_set or os.getenv(variable), first or variable
    end
    if not is_set then
      return ("there is no client, and the environment has no credentials: nginx passes a "
        .. "variable on only where its configuration says so ('env %s;')"):format(first)
    end
  end },
  { "clock", function()
    if os.time() < 1700000000 then
      return "the clock is wrong: signatures and receipts need the time"
    end
  end },
  { "libcurl", function()
    local libcurl = core.libcurl()
    if not libcurl.quick_exit then
      return ("libcurl %s has no QUICK_EXIT (7.87): a slow name look-up that times out "
        .. "holds up all calls"):format(libcurl.version)
    end
  end },
  { "tls", function()
    local libcurl = core.libcurl()
    if not libcurl.keeps_connections then
      return ("libcurl has %s for TLS, and not the OpenSSL that this library was built with: each "
        .. "call opens a connection of its own, since an answer that nobody asked for would not "
        .. "be seen on a kept one"):format(libcurl.tls)
    end
  end },
}

--- What is missing in this set-up, in words.
---@return { name: string, ok: boolean, message: string? }[] checks
---@return string text the same to read
function nginx.doctor(...)
  misuse.check_dot(nginx, (...), "nginx.doctor")
  local checks, lines = {}, {}
  for i, check in ipairs(CHECKS) do
    local message = check[2]()
    checks[i] = { name = check[1], ok = message == nil, message = message }
    lines[i] = ("%-12s %s"):format(check[1], message or "ok")
  end
  return checks, table.concat(lines, "\n") .. "\n"
end

return nginx
