--- Reads tables of options, whoever's they are: a client's, a call's, those of send_all. Pure.

local schema = require "sms.schema"

local options = {}

--- Reads a table of options.
---@param what string how the table is called in messages; "": not at all
---@param record table of schema, what is known
---@param given table
---@return table? read as it is used; nil where an option is unknown or ill-typed
---@return string? message what is wrong first
function options.read(what, record, given)
  local read, problems = schema.check(record, given, nil, true)
  if problems[1] then
    local path = problems[1].path
    local at = path == "" and what or what == "" and path or what .. "." .. path
    return nil, at .. ": " .. problems[1].message
  end
  return read
end

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

return options
