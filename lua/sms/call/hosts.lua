--- Which hosts a call asks: all those of its operation, first the one that is known to have
--- what it is about.

local hosts = {}

local KNOWN_AT_MOST = 10000 -- subjects of calls whose host is remembered

--- What a call is about, for operations whose host is remembered.
local function subject_of(call)
  local name = call.operation.remember
  return name and call.params and call.params[name]
end

--- The hosts of a call, each URL once.
---@param call { client: table, operation: table, host: string?, params: table? }
---@return string[]
function hosts.of(call)
  if call.host then
    return { call.host }
  end
  local urls, known = call.client.settings.urls, call.client.known_hosts[subject_of(call)]
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
local function remember(client, subject, host)
  if not client.known_hosts[subject] then
    client.known_count = client.known_count + 1
  end
  if client.known_count > KNOWN_AT_MOST then
    client.known_hosts, client.known_count = {}, 1
  end
  client.known_hosts[subject] = host
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
  local subject = subject_of(call)
  if host and subject then
    remember(call.client, subject, host)
  end
  return result, failure
end

return hosts
