--- What carries a client's requests, as its options say.

local core = require "sms.core"
local urls = require "sms.base.urls"

local transports = {}

local function options_for(settings, proxy, no_proxy)
  return {
    user_agent = "lua-sms/" .. core.version,
    proxy = proxy,
    no_proxy = no_proxy,
    ca_file = settings.ca_file,
    ca_path = settings.ca_path,
    client_cert = settings.client_cert,
    client_key = settings.client_key,
    pinned_public_key = settings.pinned_public_key,
    insecure = settings.insecure,
    http2 = settings.http_version == "2",
    min_tls = settings.min_tls,
    keep_free_memory = settings.keep_free_memory,
    max_connections = settings.max_connections,
    keep_alive = settings.keep_alive,
    max_response = settings.max_response_bytes,
  }
end

--- Where a proxy comes from that cannot be used, in words that do not show it.
local function problem_of_proxy(settings, scheme)
  local what = settings.proxy and "proxy" or ("the environment's proxy for %s"):format(scheme)
  return what .. ": must be a URL such as http://user:password@host:3128, with http, https, "
    .. "socks4, socks4a, socks5 or socks5h; what is special in user and password is percent-encoded"
end

--- Opens a transport to each host; hosts of one scheme share it, if the same proxy is between.
---@param settings table
---@param credentials table
---@return table<string, table>? transports by the hosts' names; nil: there can be none
---@return table<string, string>|string|nil ways what a proxy does, by the hosts' names; or a
--- message
function transports.open(settings, credentials)
  local shared, by_host, ways = {}, {}, {}
  for name, url in pairs(settings.urls) do
    local scheme, why = url:match "^%a+", nil
    local proxy, no_proxy, way = urls.proxy(settings, url, os.getenv)
    local kind = proxy and scheme .. " by proxy" or scheme
    if not shared[kind] then
      shared[kind], why = core.http_client(options_for(settings, proxy, no_proxy), credentials)
    end
    if not shared[kind] then
      return nil, why == "invalid" and problem_of_proxy(settings, scheme) or why
    end
    by_host[name], ways[name] = shared[kind], way
  end
  return by_host, ways
end

return transports
