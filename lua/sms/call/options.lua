--- The options of one call: its times and when it may be repeated. Pure.

local schema = require "sms.schema"
local schema_options = require "sms.schema.options"

local options = {}

local DEFAULT = { timeout = 30, connect_timeout = 5, deadline = 120 }

local retry_fields = { type = "record", fields = {
  { "attempts", type = "integer", min = 1, max = 100, default = 3 },
  { "base", type = "number", min = 0, default = 0.5 },
  { "cap", type = "number", min = 0, default = 20 },
  { "trust_duplicate_detection", type = "boolean" },
} }

local call_fields = { type = "record", fields = {
  { "timeout", type = "number", min = 0.001 },
  { "deadline", type = "number", min = 0.001 },
  { "max_wait", type = "number", min = 0 },
  { "extra", type = "any" }, -- known, and read apart
} }

local extra_fields = { type = "record", fields = { { "extra", type = "any", table = true } } }

--- What is sent beside the params may have texts of users in it: what is wrong in it is no misuse,
--- but refused as the params are.
---@param given any
---@return table? extra
---@return { path: string, message: string }[]? problems
---@return string? message where it is no table
local function read_extra(given)
  if given ~= nil and type(given) ~= "table" then
    return nil, nil, "extra: must be a table"
  end
  local read, problems = schema.check(extra_fields, { extra = given })
  return read.extra, problems[1] and problems or nil
end

--- Reads the option `retry` of a client or a call.
---@param given table|false
---@return table? policy attempts, base, cap; nil where it is wrong
---@return string? message
function options.retry(given)
  if given == false then
    return { attempts = 1, base = 0, cap = 0 }
  end
  return schema_options.read("retry", retry_fields, given)
end

--- The times and the retry policy of one call: its own options, then the client's, then
--- the operation's, then the general default.
---@param settings table
---@param operation table
---@param given table? options of the call
---@return table? settings timeout, connect_timeout, deadline, max_wait, retry, extra,
---  extra_problems
---@return string? message
function options.for_call(settings, operation, given)
  given = given == nil and {} or given
  if type(given) ~= "table" then
    return nil, "options: must be a table"
  end
  local own, wrong = schema_options.read("", call_fields,
    schema_options.without(given, { retry = true, extra = true }))
  local extra, extra_problems, wrong_extra = read_extra(given.extra)
  local policy, wrong_policy = settings.retry, nil
  if given.retry ~= nil then
    policy, wrong_policy = options.retry(given.retry)
  end
  if not own or not policy or wrong_extra then
    return nil, wrong or wrong_policy or wrong_extra
  end
  local timeout = own.timeout or settings.timeout or operation.timeout or DEFAULT.timeout
  local deadline = own.deadline or settings.deadline or operation.deadline or DEFAULT.deadline
  return {
    timeout = timeout,
    connect_timeout = settings.connect_timeout or DEFAULT.connect_timeout,
    deadline = deadline,
    max_wait = own.max_wait or settings.max_wait,
    retry = policy,
    extra = extra,
    extra_problems = extra_problems,
    is_checked = extra ~= nil or extra_problems ~= nil
      or policy.trust_duplicate_detection or false, -- as a table
  }
end

return options
