--- Where requests go: the base URLs of a provider's hosts, and the proxy on the way. Pure.

local core = require "sms.core"
local plain = require "sms.base.plain"

local urls = {}

--- The host of a URL and its port, each as it stands there; nil where it has none.
local function host_of(authority)
  local host, port = authority:match "^(%[[%x:]+%]):?(.*)$"
  if not host then
    host, port = authority:match "^([^:]+):?(.*)$"
  end
  return host, port
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
  local host, port = host_of(authority)
  if not host or port ~= "" and not (port:find "^%d+$" and tonumber(port) <= 65535) then
    return nil, name .. ": must be a URL with a host and, where there is one, its port"
  end
  if scheme == "http" and not allow_http and not core.is_loopback(host) then
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
--- What a path names, however it is written: servers decode it, many take capitals for small
--- letters, and leave out `;…` and slashes at the end.
---@param path string
---@return string
function urls.place(path)
  local decoded = path:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end)
  return (plain.lower(decoded):gsub(";[^/]*", ""):gsub("//+", "/"):gsub("(.)/$", "%1"))
end

local function first_of(getenv, ...)
  for _, name in ipairs { ... } do
    local value = getenv(name)
    if value and value ~= "" then
      return value
    end
  end
end

--- The proxy that the environment has for a scheme, as libcurl reads it (upper-case HTTP_PROXY is
--- left out: a CGI request could set it).
local function of_environment(scheme, getenv)
  if scheme == "https" then
    return first_of(getenv, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
  end
  return first_of(getenv, "http_proxy", "all_proxy", "ALL_PROXY")
end

--- The proxy on the way to a URL: the option, or that of the environment, which is for other
--- machines alone.
---@param settings table
---@param url string one of `urls.read`
---@param getenv fun(name: string): string?
---@return string? proxy nil: none
---@return string? no_proxy
---@return "tunnel"|"relay"|nil way what it does for this URL; nil where no_proxy excepts the host
function urls.proxy(settings, url, getenv)
  local scheme, authority = url:match "^(%a+)://([^/]+)"
  local host = host_of(authority)
  local no_proxy = settings.no_proxy or first_of(getenv, "no_proxy", "NO_PROXY")
  local proxy = settings.proxy
  if not proxy and not core.is_loopback(host) then
    proxy = of_environment(scheme, getenv)
  end
  if not proxy or proxy == "" then
    return nil, no_proxy
  elseif core.is_excepted(host, no_proxy or "") then
    return proxy, no_proxy
  end
  local is_blind = scheme == "https" or plain.lower(proxy):find "^socks" ~= nil
  return proxy, no_proxy, is_blind and "tunnel" or "relay"
end

return urls
