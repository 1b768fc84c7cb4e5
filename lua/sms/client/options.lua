--- Client options (DESIGN 2.1): their types, defaults, and what they mean together. Pure.

local schema = require "sms.schema"
local urls = require "sms.base.urls"

local options = {}

local DEFAULT = {
  timeout = 30,
  connect_timeout = 5,
  deadline = 120,
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
  { "hosts", type = "any", table = true },
  { "allow_http", type = "boolean", default = false },
  with_type("proxy", text),
  with_type("no_proxy", text),
  with_type("ca_file", text),
  with_type("ca_path", text),
  with_type("client_cert", text),
  with_type("client_key", text),
  with_type("pinned_public_key", text),
  { "min_tls", type = "choice", says = "'1.0', '1.1', '1.2' or '1.3'",
    values = { ["1.0"] = 10, ["1.1"] = 11, ["1.2"] = 12, ["1.3"] = 13 } },
  { "insecure", type = "boolean", default = false },
  { "http_version", type = "string", enum = { "1.1", "2" }, default = DEFAULT.http_version },
  { "max_connections", type = "integer", min = 1, max = 10000,
    default = DEFAULT.max_connections },
  { "keep_alive", type = "integer", min = 1, max = 86400, default = DEFAULT.keep_alive },
  { "max_response_bytes", type = "integer", min = 1, max = 1024 * 1024 * 1024,
    default = DEFAULT.max_response_bytes },
}

local retry_fields = { type = "record", fields = {
  { "attempts", type = "integer", min = 1, max = 100, default = 3 },
  { "base", type = "number", min = 0, default = 0.5 },
  { "cap", type = "number", min = 0, default = 20 },
  { "trust_duplicate_detection", type = "boolean" },
} }

local limit_fields = { type = "record", fields = {
  { "share", type = "any" }, -- read apart
  { "calls", type = "integer", required = true, min = 1, max = 100000 },
  { "period", type = "number", required = true, min = 0.001, max = 86400 },
  { "per", type = "string", enum = { "from" } },
} }

local call_fields = { type = "record", fields = {
  with_type("timeout", seconds),
  with_type("deadline", seconds),
  { "max_wait", type = "number", min = 0 },
  { "extra", type = "any", table = true },
} }

local function first_problem(what, record, given)
  local sent, problems = schema.check(record, given)
  if problems[1] then
    local path = problems[1].path
    local at = path == "" and what or what == "" and path or what .. "." .. path
    return nil, at .. ": " .. problems[1].message
  end
  return sent
end

--- Reads a table of options: as it is used, or nil and what is wrong first.
options.read_record = first_problem

--- A copy of a table without what is read apart.
---@param given table
---@param names table<string, boolean>
---@return table
function options.without(given, names)
  local rest = {}
  for key, value in pairs(given) do
    if not names[key] then
      rest[key] = value
    end
  end
  return rest
end

local function read_retry(given)
  if given == false then
    return { attempts = 1, base = 0, cap = 0 }
  end
  return first_problem("retry", retry_fields, given)
end

local SHARE = { share = true }

local function is_share(share)
  return share == nil or share == "process" or share == "machine"
    or type(share) == "table" and type(share.open) == "function"
end

local function read_limits(given, provider)
  if given == false then
    return {}
  end
  given = given or provider.limits
  local list = given.calls == nil and type(given[1]) == "table" and given or { given }
  local limits = {}
  for i, limit in ipairs(list) do
    if type(limit) ~= "table" then
      return nil, "rate_limit: must be a table, a list of tables, or false"
    end
    local read, message = first_problem("rate_limit", limit_fields, options.without(limit, SHARE))
    if not read then
      return nil, message
    elseif not is_share(limit.share) then
      return nil, "rate_limit.share: must be 'process', 'machine', or one of sms.redis"
    end
    read.share = limit.share
    limits[i] = read
  end
  return limits
end

local SPECIAL = { retry = true, rate_limit = true, on_event = true, runtime = true }

local function check_special(given)
  if given.on_event ~= nil and type(given.on_event) ~= "function" then
    return "on_event: must be a function"
  end
  local runtime = given.runtime
  if runtime ~= nil and (type(runtime) ~= "table" or not runtime.perform or not runtime.sleep) then
    return "runtime: must be a table with the functions perform and sleep"
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
---@return table? settings nil where an option is unknown or ill-typed
---@return string? message which, and why
function options.read(provider, given)
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
  local settings, message = first_problem("", record, options.without(given, SPECIAL))
  if not settings then
    return nil, message
  end
  settings.on_event, settings.runtime = given.on_event, given.runtime
  settings.retry, message = read_retry(given.retry == nil and {} or given.retry)
  if not settings.retry then
    return nil, message
  end
  settings.limits, message = read_limits(given.rate_limit, provider)
  if not settings.limits then
    return nil, message
  end
  settings.urls, message = urls.read(settings, provider)
  if not settings.urls then
    return nil, message
  end
  return settings
end

--- The times and the retry policy of one call: its own options, then the client's, then
--- the operation's, then the general default.
---@param settings table
---@param operation table
---@param given table? options of the call
---@return table? settings timeout, attempt_time, connect_timeout, deadline, max_wait, retry, extra
---@return string? message
function options.for_call(settings, operation, given)
  given = given == nil and {} or given
  if type(given) ~= "table" then
    return nil, "options: must be a table"
  end
  local own, wrong = first_problem("", call_fields, options.without(given, { retry = true }))
  local policy, wrong_policy = settings.retry, nil
  if given.retry ~= nil then
    policy, wrong_policy = read_retry(given.retry)
  end
  if not own or not policy then
    return nil, wrong or wrong_policy
  end
  local timeout = own.timeout or settings.timeout or operation.timeout or DEFAULT.timeout
  local deadline = own.deadline or settings.deadline or operation.deadline or DEFAULT.deadline
  return {
    timeout = timeout,
    attempt_time = math.min(timeout, deadline), -- of the first
    connect_timeout = settings.connect_timeout or DEFAULT.connect_timeout,
    deadline = deadline,
    max_wait = own.max_wait or settings.max_wait,
    retry = policy,
    extra = own.extra,
    is_checked = own.extra ~= nil or policy.trust_duplicate_detection or false, -- as a table
  }
end

return options
