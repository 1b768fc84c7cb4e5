--- The checks that both doctors have, sms.doctor and that of sms.nginx. Each says in words what is
--- wrong, or nothing; with true behind it, it tells how things are.

local core = require "sms.core"
local counters = require "sms.call.counters"
local environment = require "sms.client.environment"
local registry = require "sms.base.registry"

local alike = {}

local ngx = rawget(_G, "ngx")
local is_worker = ngx and ngx.timer

local function is_readable(path)
  local file = path and io.open(path)
  local first = file and file:read(1) -- an empty one is none
  if file then
    file:close()
  end
  return first ~= nil
end

--- CA bundles that are needed: those of the clients that verify certificates, or the
--- default where there is no client yet.
---@return table<string, boolean> files
function alike.ca_files()
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

function alike.ca()
  for file in pairs(alike.ca_files()) do
    if not is_readable(file) then
      return ("there is no CA bundle at %s that this %s can read: install "
        .. "ca-certificates, or give the client option ca_file"):format(file,
        is_worker and "worker" or "process")
    end
  end
end

function alike.driver()
  if core.has_driver_thread() then
    return is_worker and "a thread of its own drives the calls"
      or "the OpenSSL here has threads: one of its own drives the calls of loops; a script drives "
      .. "its calls itself", true
  end
  return ("each %s drives its calls itself, which takes more of its CPU: the OpenSSL in it "
    .. "was built without threads%s"):format(is_worker and "worker" or "process", is_worker
    and " (where nginx is built with --with-openssl, --with-openssl-opt=threads cures that)" or ""),
    true
end

--- The variables that stand for a provider's credentials, of all providers.
local function identities()
  local names = {}
  for i, provider in ipairs(registry.list()) do
    names[i] = provider.environment[provider.credentials.identity]
  end
  return names
end

function alike.environment()
  local folder = environment.sandbox()
  if folder then
    return ("SMS_SANDBOX is set: calls go to the sandbox in '%s', where no option says otherwise")
      :format(folder), true
  end
  local is_set, names = next(counters.clients) ~= nil, identities()
  for _, name in ipairs(names) do
    is_set = is_set or (os.getenv(name) or "") ~= ""
  end
  if is_set then
    return nil
  end
  return "there is no client, and the environment has no credentials: " .. (ngx
    and ("nginx passes a variable on only where its configuration says so ('env %s;', or for a "
      .. "sandbox 'env SMS_SANDBOX;')"):format(names[1])
    or ("set %s, or SMS_SANDBOX for a sandbox, or give them to a client")
      :format(table.concat(names, " or ")))
end

function alike.clock()
  if os.time() < 1700000000 then
    return "the clock is wrong: signatures and receipts need the time"
  end
end

function alike.libcurl()
  local libcurl = core.libcurl()
  if not libcurl.quick_exit then
    return ("libcurl %s has no QUICK_EXIT (7.87): a slow name look-up that times out "
      .. "holds up all calls"):format(libcurl.version)
  elseif libcurl.keeps_secrets then
    return ("%s, which something else in this process has set up before: what it frees is not "
      .. "overwritten, and copies of credentials stay in memory when a client is closed")
      :format(libcurl.version), true
  end
end

function alike.tls()
  local libcurl = core.libcurl()
  if not libcurl.keeps_connections then
    return ("libcurl has %s for TLS, and not the OpenSSL that this library was built with: each "
      .. "call opens a connection of its own, since an answer that nobody asked for would not "
      .. "be seen on a kept one"):format(libcurl.tls)
  end
end

function alike.warnings()
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
end

--- What is wrong with the slots of a limit, in words.
---@param limit table of sms.client.doctor.free
---@return string?
function alike.slots_problem(limit)
  return limit.warning and ("the slots of %s: %s"):format(limit.name, limit.warning)
end

return alike
