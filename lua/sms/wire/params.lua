--- The params of a call and what is sent beside them, checked. Pure.

local errors = require "sms.base.errors"
local schema = require "sms.schema"

local params = {}

--- Checks what is sent beside the declared parameters: it has names, none of them is sent
--- twice, and a form and a query take no tables.
local function check_extra(operation, extra, sent, problems)
  local function note(name, message)
    problems[#problems + 1] = { path = "extra." .. tostring(name), message = message }
  end
  for name, value in pairs(extra) do
    if operation.settle then
      note(name, "goes into query or body here")
    elseif type(name) ~= "string" then
      note(name, "must have a name")
    elseif sent and sent[name] ~= nil then
      note(name, "is among the parameters already")
    elseif operation.body ~= "json" and type(value) == "table" then
      note(name, "must not be a table")
    end
  end
end

--- An error of kind `invalid` of an operation.
function params.invalid(self, operation, problems)
  local err = errors.invalid(problems)
  err.provider, err.operation = self.provider.name, operation[1]
  return err
end

--- Checks the params of an operation.
---@param self table the client
---@param operation table
---@param given table?
---@param chosen { extra: table?, extra_problems: table[]? }? what is sent beside them
---@return table? sent
---@return table? err
---@return string[]? warnings
function params.check(self, operation, given, chosen)
  if given == nil then
    given = {}
  end
  local sent, problems, warnings = schema.check(operation, given, self.settings)
  for _, problem in ipairs(chosen and chosen.extra_problems or {}) do
    problems[#problems + 1] = problem
  end
  if chosen and chosen.extra then
    check_extra(operation, chosen.extra, sent, problems)
  end
  if problems[1] then
    return nil, params.invalid(self, operation, problems)
  end
  return sent, nil, warnings
end

--- The same, and which operation it is, where the params settle that.
---@return table? sent
---@return table? err
---@return string[]? warnings
---@return table operation
function params.settled(self, operation, given, chosen)
  local sent, err, warnings = params.check(self, operation, given, chosen)
  if not sent or not operation.settle then
    return sent, err, warnings, operation
  end
  local problems = {}
  local settled, whole = operation.settle(self, sent, function(path, message)
    problems[#problems + 1] = { path = path, message = message }
  end)
  if problems[1] then
    return nil, params.invalid(self, operation, problems)
  end
  return whole, nil, warnings, settled
end

return params
