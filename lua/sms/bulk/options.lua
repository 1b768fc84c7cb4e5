--- The options of send_all. Pure.

local call_options = require "sms.call.options"
local schema_options = require "sms.schema.options"

local bulk_options = {}

local CALL = { "timeout", "deadline", "max_wait", "retry", "extra" }
local FUNCTIONS = { "on_progress", "stop" }

local fields = {
  { "in_flight", type = "integer", min = 1, max = 10000, default = 32 },
  { "use", type = "number", min = 0.01, max = 1, default = 0.8 },
  { "total", type = "integer", min = 0 },
  { "not_after", type = "number" },
  { "journal", type = "string", min_length = 1 },
  { "sync", type = "boolean", default = false },
  { "resend_ambiguous", type = "boolean", default = false },
  { "resend_refused", type = "boolean", default = false },
}

local function record_of(provider)
  local all = {}
  for _, list in ipairs { fields, provider.bulk.options } do
    for _, field in ipairs(list) do
      all[#all + 1] = field
    end
  end
  for _, list in ipairs { CALL, FUNCTIONS } do
    for _, name in ipairs(list) do -- known, and read apart
      all[#all + 1] = { name, type = "any" }
    end
  end
  return { type = "record", fields = all }
end

local records = {} -- by provider's name

local OF_A_JOURNAL = { "sync", "resend_ambiguous", "resend_refused" }

local APART = {}
for _, list in ipairs { CALL, FUNCTIONS } do
  for _, name in ipairs(list) do
    APART[name] = true
  end
end

--- What makes no sense together, or with the source.
local function misfit(read, without)
  for name, why in pairs(without or {}) do
    if read[name] then
      return name .. ": " .. why
    end
  end
  for _, name in ipairs(read.journal and {} or OF_A_JOURNAL) do
    if read[name] then
      return name .. ": needs a journal"
    end
  end
end

--- Reads the options of one send_all.
---@param provider table
---@param settings table the client's
---@param operation table what its calls are
---@param given table?
---@param without table<string, string>? options that make no sense with the source, and why
---@return table? read nil where an option is unknown or ill-typed
---@return string? message which, and why
---@return table? chosen for the calls, as sms.call.options has it
function bulk_options.read(provider, settings, operation, given, without)
  if given == nil then
    given = {}
  elseif type(given) ~= "table" then
    return nil, "options: must be a table"
  end
  for _, name in ipairs(FUNCTIONS) do
    if given[name] ~= nil and type(given[name]) ~= "function" then
      return nil, name .. ": must be a function"
    end
  end
  records[provider.name] = records[provider.name] or record_of(provider)
  local read, problem = schema_options.read("", records[provider.name],
    schema_options.without(given, APART))
  if not read then
    return nil, problem
  end
  problem = misfit(read, without)
  if problem then
    return nil, problem
  end
  local call = {}
  for _, name in ipairs(CALL) do
    call[name] = given[name]
  end
  local chosen, message = call_options.for_call(settings, operation, call)
  if not chosen then
    return nil, message
  end
  chosen.max_wait = given.max_wait -- the client's own is for single calls
  for _, name in ipairs(FUNCTIONS) do
    read[name] = given[name]
  end
  return read, nil, chosen
end

return bulk_options
