--- Where requests go: the base URLs of a provider's hosts, and the proxy on the way. Pure.

local plain = require "sms.base.plain"

local urls = {}

local function is_loopback(host)
  return host == "localhost" or host == "[::1]" or host:match "^127%.%d+%.%d+%.%d+$" ~= nil
end

--- A base URL without its trailing slash, or nil and what is wrong with it.
local function read_url(name, url, allow_http)
  if type(url) ~= "string" or url:find "[%z\1-\32\127]" then
    return nil, name .. ": must be a URL"
  end
  local scheme, authority, rest = url:match "^(%a+)://([^/?#]+)([^?#]*)$"
  scheme = scheme and plain.lower(scheme)
  if scheme ~= "http" and scheme ~= "https" or authority:find("@", 1, true) then
    return nil, name .. ": must be a URL with http:// or https://, without user and query"
  end
  local host, port = authority:match "^(%[[%x:]+%]):?(.*)$"
  if not host then
    host, port = authority:match "^([^:]+):?(.*)$"
  end
  if not host or port ~= "" and not (port:find "^%d+$" and tonumber(port) <= 65535) then
    return nil, name .. ": must be a URL with a host and, where there is one, its port"
  end
  if scheme == "http" and not allow_http and not is_loopback(host) then
    return nil, name .. ": plain HTTP to another machine is refused, unless allow_http is true"
  end
  return scheme .. "://" .. authority .. rest:gsub("/+$", "")
end

--- The base URLs of a provider's hosts by their names, of the options `hosts` and `base_url`.
---@param settings table
---@param provider table
---@param variable string? of the environment, that `base_url` comes from
---@return table<string, string>? urls nil where one cannot be used
---@return string? message which, and why
function urls.read(settings, provider, variable)
  local hosts = {}
  for name in pairs(settings.hosts or {}) do
    if not provider.hosts[name] then
      return nil, ("hosts: '%s' is not known"):format(tostring(name))
    end
  end
  for name, default in pairs(provider.hosts) do
    local given = settings.hosts and settings.hosts[name]
    local what = given and "hosts." .. name or variable or "base_url"
    local url, message = read_url(what, given or settings.base_url or default,
      settings.allow_http)
    if not url then
      return nil, message
    end
    hosts[name] = url
  end
  return hosts
end

--- The first value of environment variables that is not empty.
local function first_of(getenv, ...)
  for _, name in ipairs { ... } do
    local value = getenv(name)
    if value and value ~= "" then
      return value
    end
  end
end

--- The proxy for a scheme: the option, or the environment as libcurl reads it (upper-case
--- HTTP_PROXY is left out: a CGI request could set it).
---@param settings table
---@param scheme string
---@param getenv fun(name: string): string?
---@return string? proxy
---@return string? no_proxy
function urls.proxy(settings, scheme, getenv)
  local no_proxy = settings.no_proxy or first_of(getenv, "no_proxy", "NO_PROXY")
  if settings.proxy then
    return settings.proxy ~= "" and settings.proxy or nil, no_proxy
  elseif scheme == "https" then
    return first_of(getenv, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"), no_proxy
  end
  return first_of(getenv, "http_proxy", "all_proxy", "ALL_PROXY"), no_proxy
end

return urls
