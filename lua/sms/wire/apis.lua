--- Which of a provider's APIs a request goes to, by its host, path and method. A provider's `apis`
--- is a list of what its declared operations have in common with calls that are not declared:
---
---   { host = "rest", path = "/number",   the host, and the beginning of the path; the first fits
---     method = "GET",                    left out: any
---     auth = "basic",                    where the credentials go, unless the provider says it for
---                                        all; by the client option `auth`, where it is a table
---     quota = 2,                         whose throttling answers hold its calls, from 1 to 31;
---                                        left out: they hold all calls. The numbers stand in files
---                                        and in Redis, and never change
---     body = "form",                     how a table is written that says nothing else; or "json"
---     judge = function(result) … end }   failures inside of HTTP 200, of calls not declared
--
-- Paths are those of urls.place, in which one place has one spelling.
---
--- `apis.acting` are patterns of paths where a GET changes something: it is no read. Pure.

local apis = {}

local NONE = {}

local function fits(api, path, method)
  local begins = path == api.path or path:sub(1, #api.path + 1) == api.path .. "/"
  return begins and (not api.method or api.method == method)
end

--- What is declared of the API that has a path.
---@param provider table
---@param host string its short name
---@param path string
---@param method string
---@return { auth: string|table|nil, quota: integer?, body: string?, judge: function? }
function apis.of(provider, host, path, method)
  for _, api in ipairs(provider.apis or NONE) do
    if api.host == host and fits(api, path, method) then
      return api
    end
  end
  return NONE
end

--- The only host that a path can be at; nil: it is not known, or there are several.
---@param provider table
---@param path string
---@param method string
---@return string? host
function apis.host_of(provider, path, method)
  for _, api in ipairs(provider.apis or NONE) do
    if api.path ~= "" and fits(api, path, method) then
      return api.host
    end
  end
  local only = next(provider.hosts)
  return next(provider.hosts, only) == nil and only or nil
end

--- Whether a request changes nothing, however often it is made.
---@param provider table
---@param path string
---@param method string
---@return boolean
function apis.is_read(provider, path, method)
  for _, pattern in ipairs(provider.apis and provider.apis.acting or NONE) do
    if path:find(pattern) then
      return false
    end
  end
  return method == "GET"
end

return apis
