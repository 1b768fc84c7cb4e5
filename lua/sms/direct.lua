--- Params straight to a body, in one pass in C, where all is in order: the usual case. Where
--- it is not, sms.schema says what is amiss, or sms.request builds what is out of the
--- ordinary. Both see to the same fields. Pure.

local plan = require "sms.plan"

local direct = {}

--- Whether the rules of an operation find nothing, by the params as they are given.
local function rules_hold(operation, params, context)
  local hold = true
  local function problem()
    hold = false
  end
  for _, rule in ipairs(operation.rules) do
    rule(params, problem, context, params, problem) -- sms.schema gives the warnings, too
  end
  return hold
end

--- The body of a request, or its query, where all params are in order and nothing about
--- them is out of the ordinary.
---@param operation table
---@param params table
---@param context table what rules may ask beside params
---@return string? body nil: ask sms.schema
function direct.body(operation, params, context)
  local write = operation.writer
  if write == nil then
    write = plan.writer(operation)
    operation.writer = write
  end
  local body = write and write(params, context.auto_unicode)
  if body and operation.rules and not operation.usual
    and not rules_hold(operation, params, context) then
    return nil
  end
  return body or nil
end

return direct
