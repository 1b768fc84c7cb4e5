--- Client options: their types, defaults, and what they mean together. Pure.

local call_options = require "sms.call.options"
local clock = require "sms.runtime.clock"
local schema_options = require "sms.schema.options"
local urls = require "sms.base.urls"

local options = {}

local DEFAULT = {
  max_connections = 64,
  keep_alive = 20,
  max_response_bytes = 4 * 1024 * 1024,
  http_version = "1.1",
}

local seconds = { type = "number", min = 0.001 }

local function with_type(name, kind)
  local field = { name }
  for key, value in pairs(kind) do
    field[key] = value
  end
  return field
end

local text = { type = "string", min_length = 1 }

local common = {
  with_type("timeout", seconds),
  with_type("connect_timeout", seconds),
  with_type("deadline", seconds),
  { "max_wait", type = "number", min = 0 },
  with_type("base_url", text),
  with_type("slots_path", text),
  { "slots_mode", type = "integer", min = 0, max = 511 }, -- 0777
  { "cold_start", type = "string", enum = { "spread", "hold" }, default = "spread" },
  { "hosts", type = "any", table = true },
  { "allow_http", type = "boolean", default = false },
  { "proxy", type = "string" }, -- "": none, whatever the environment says
  { "no_proxy", type = "string" },
  with_type("ca_file", text),
  with_type("ca_path", text),
  with_type("client_cert", text),
  with_type("client_key", text),
  with_type("pinned_public_key", text),
  { "min_tls", type = "choice", says = "'1.0', '1.1', '1.2' or '1.3'",
    values = { ["1.0"] = 10, ["1.1"] = 11, ["1.2"] = 12, ["1.3"] = 13 } },
  { "insecure", type = "boolean", default = false },
  { "http_version", type = "string", enum = { "1.1", "2" }, default = DEFAULT.http_version },
  { "keep_free_memory", type = "boolean", default = false },
  { "max_connections", type = "integer", min = 1, max = 10000,
    default = DEFAULT.max_connections },
  { "keep_alive", type = "integer", min = 1, max = 86400, default = DEFAULT.keep_alive },
  { "max_response_bytes", type = "integer", min = 1, max = 1024 * 1024 * 1024,
    default = DEFAULT.max_response_bytes },
}

local limit_fields = { type = "record", fields = {
  { "share", type = "any" }, -- read apart
  { "calls", type = "integer", required = true, min = 1, max = 100000 },
  { "period", type = "number", required = true, min = 0.001, max = 86400 },
  { "per", type = "string", enum = { "from" } },
} }

local SHARE = { share = true }

local function is_share(share)
  return share == nil or share == "process" or share == "machine"
    or type(share) == "table" and type(share.open) == "function"
end

--- Whether an operation of a provider has a parameter of this name.
local function has_parameter(provider, name)
  for _, operation in ipairs(provider.operations) do
    for _, field in ipairs(operation.fields or {}) do
      if field[1] == name then
        return true
      end
    end
  end
end

--- The limits as a list; nil and what is wrong where it is not clear which they are.
local function list_of(given)
  if type(given[1]) ~= "table" then
    return { given }
  end
  local count = 0
  for key in pairs(given) do
    if type(key) ~= "number" then
      return nil, ("rate_limit: %s stands beside a list; each of its limits has its own")
        :format(tostring(key))
    end
    count = math.max(count, key)
  end
  for i = 1, count do
    if type(given[i]) ~= "table" then
      return nil, ("rate_limit: entry %d is %s"):format(i,
        given[i] == nil and "missing" or "wrong: it must be a table")
    end
  end
  return given
end

local function read_limit(limit, provider)
  local read, message = schema_options.read("rate_limit", limit_fields,
    schema_options.without(limit, SHARE))
  if not read then
    return nil, message
  elseif not is_share(limit.share) then
    return nil, "rate_limit.share: must be 'process', 'machine', or one of sms.redis"
  elseif read.per and not has_parameter(provider, read.per) then
    return nil, ("rate_limit.per: %s has no parameter '%s'"):format(provider.name, read.per)
  end
  read.share = limit.share
  return read
end

--- The share of a table that says nothing else: the provider's own limits are meant, there.
local function share_alone(given)
  return given and given.share ~= nil and next(given, next(given)) == nil and given.share or nil
end

local function read_limits(given, provider)
  if given == false then
    return {}
  end
  local share = share_alone(given)
  local list, message = list_of(share == nil and given or provider.limits)
  if not list then
    return nil, message
  end
  local limits = {}
  for i, limit in ipairs(list) do
    limits[i], message = read_limit(share == nil and limit
      or { calls = limit.calls, period = limit.period, share = share }, provider)
    if not limits[i] then
      return nil, message
    end
  end
  return limits, nil, share
end

local SPECIAL = { retry = true, rate_limit = true, on_event = true, runtime = true, clock = true }

local function check_special(given)
  if given.on_event ~= nil and type(given.on_event) ~= "function" then
    return "on_event: must be a function"
  end
  local runtime = given.runtime
  if runtime ~= nil and (type(runtime) ~= "table" or not runtime.perform or not runtime.sleep) then
    return "runtime: must be a table with the functions perform and sleep"
  end
  if given.clock ~= nil and not clock.is(given.clock) then
    return "clock: must be that of a sandbox of sms.testing"
  end
  if given.retry ~= nil and given.retry ~= false and type(given.retry) ~= "table" then
    return "retry: must be a table or false"
  end
  local limit = given.rate_limit
  if limit ~= nil and limit ~= false and type(limit) ~= "table" then
    return "rate_limit: must be a table, a list of tables, or false"
  end
end

--- Reads the options of a client.
---@param provider table
---@param given table credentials taken out
---@param used table<string, string>? variables of the environment that stand for some, by option
---@return table? settings nil where an option is unknown or ill-typed
---@return string? message which, and why
function options.read(provider, given, used)
  local special = check_special(given)
  if special then
    return nil, special
  end
  local fields = {}
  for _, list in ipairs { common, provider.options } do
    for _, field in ipairs(list) do
      fields[#fields + 1] = field
    end
  end
  for name in pairs(SPECIAL) do -- known, for what is misspelt
    fields[#fields + 1] = { name, type = "any" }
  end
  for _, name in pairs(provider.credentials) do -- likewise
    fields[#fields + 1] = { name, type = "any" }
  end
  local record = { type = "record", fields = fields }
  local settings, message = schema_options.read("", record,
    schema_options.without(given, SPECIAL))
  if not settings then
    return nil, message
  end
  settings.on_event, settings.runtime, settings.clock = given.on_event, given.runtime, given.clock
  settings.retry, message = call_options.retry(given.retry == nil and {} or given.retry)
  if not settings.retry then
    return nil, message
  end
  settings.limits, message, settings.share = read_limits(given.rate_limit, provider)
  if not settings.limits then
    return nil, message
  end
  settings.urls, message = urls.read(settings, provider, used and used.base_url)
  if not settings.urls then
    return nil, message
  end
  return settings
end

return options
