--- Which hosts a call asks (retarus.md section 6): all those of its operation, the
--- one first that is known to have what it is about.

local hosts = {}

local KNOWN_AT_MOST = 10000 -- jobs whose data centre is remembered

--- The hosts of a call, each URL once.
---@param call { client: table, operation: table, host: string?, about: string? }
---@return string[]
function hosts.of(call)
  if call.host then
    return { call.host }
  end
  local urls, known = call.client.settings.urls, call.client.known_hosts[call.about]
  local list, seen = {}, {}
  local function add(host)
    if not seen[urls[host]] then
      seen[urls[host]] = true
      list[#list + 1] = host
    end
  end
  if known then
    add(known)
  end
  for _, host in ipairs(call.operation.hosts) do
    add(host)
  end
  return list
end

--- Keeps which host had something, so that it is asked first the next time.
local function remember(client, about, host)
  if not client.known_hosts[about] then
    client.known_count = client.known_count + 1
  end
  if client.known_count > KNOWN_AT_MOST then
    client.known_hosts, client.known_count = {}, 1
  end
  client.known_hosts[about] = host
end

--- Asks the hosts as the operation wants them to be asked, once.
---@param call table
---@param attempt fun(call: table, host: string): any, table?
---@return any result
---@return table? failure
function hosts.ask(call, attempt)
  local result, failure, host = call.operation.ask(hosts.of(call), function(name)
    return attempt(call, name)
  end, call.operation)
  if host and call.about then
    remember(call.client, call.about, host)
  end
  return result, failure
end

return hosts
