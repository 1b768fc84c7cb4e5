--- What the set-up of an nginx lacks, in words: the checks of sms.nginx's doctor.

local core = require "sms.core"
local counters = require "sms.call.counters"
local environment = require "sms.client.environment"
local nginx = require "sms.runtime.nginx"
local pump = require "sms.runtime.nginx.pump"
local registry = require "sms.base.registry"
local slots_place = require "sms.client.slots_place"

local setup = {}

local ngx = ngx -- luacheck: ignore

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
---@param client table
---@return { name: string, slots: integer?, share: string|table, warning: string? }[]
function setup.free_limits(client)
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

--- Each says in words what is missing, or nothing. With true behind it, it tells how things are.
---@type { [1]: string, [2]: fun(): string?, boolean? }[] by their names
setup.checks = {
  { "ca", function()
    for file in pairs(ca_files()) do
      if not is_readable(file) then
        return ("there is no CA bundle at %s that this worker can read: install "
          .. "ca-certificates, or give the client option ca_file"):format(file)
      end
    end
  end },
  { "phase", nginx.cannot_wait },
  { "socket", pump.cannot_listen },
  { "driver", function()
    if core.has_driver_thread() then
      return "a thread of its own drives the calls", true
    end
    return "each worker drives its calls itself, which takes more of its CPU: the OpenSSL in it "
      .. "was built without threads (where nginx is built with --with-openssl, "
      .. "--with-openssl-opt=threads cures that)", true
  end },
  { "code_cache", function()
    if core.states() > 2 then
      return "lua_code_cache seems to be off: every request makes its own clients and "
        .. "connections; switch it on outside of development"
    end
  end },
  { "slots", function()
    for client in pairs(counters.clients) do
      for _, limit in ipairs(setup.free_limits(client)) do
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
      for _, limit in ipairs(client.settings.slots_path and {} or setup.free_limits(client)) do
        local why = limit.share == "machine" and slots_place.cannot_last()
        if why then
          return ("the limit %s: %s"):format(limit.name, why)
        end
      end
    end
  end },
  { "users", function()
    local user = slots_place.other_user()
    for client in pairs(user and counters.clients or {}) do
      local settings = client.settings
      local is_shared = settings.slots_path and settings.slots_mode
      for _, limit in ipairs(is_shared and {} or setup.free_limits(client)) do
        if limit.share == "machine" then
          return ("the limit %s: a process of this nginx runs as user %s, as a privileged agent "
            .. "does as root, and has slots of its own: slots_path and slots_mode, or Redis, let "
            .. "them share one limit"):format(limit.name, user)
        end
      end
    end
  end },
  { "environment", function()
    local folder = environment.sandbox()
    if folder then
      return ("SMS_SANDBOX is set: calls go to the sandbox in '%s', where no option says otherwise")
        :format(folder), true
    end
    local is_set, first = next(counters.clients) ~= nil, nil
    for _, provider in ipairs(registry.list()) do
      local variable = provider.environment[provider.credentials.identity]
      is_set, first = is_set or os.getenv(variable), first or variable
    end
    if not is_set then
      return ("there is no client, and the environment has no credentials: nginx passes a "
        .. "variable on only where its configuration says so ('env %s;', or for a sandbox "
        .. "'env SMS_SANDBOX;')"):format(first)
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
  { "warnings", function()
    local list, count = {}, 0
    for client in pairs(counters.clients) do
      for _, warning in ipairs(client:warnings()) do
        list[#list + 1], count = warning, count + 1
      end
    end
    table.sort(list, function(a, b)
      return a.time > b.time
    end)
    if list[1] then
      return ("%d, the last %.0f s ago: %s"):format(count, os.time() - list[1].time,
        list[1].message), true
    end
  end },
}

return setup
