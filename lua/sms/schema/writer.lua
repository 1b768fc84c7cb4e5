--- Params straight to a body, in one pass in C, where all is in order: the usual case. Where
--- it is not, sms.schema says what is amiss, or sms.wire.request builds what is out of the
--- ordinary. Both see to the same fields. Pure.

local layout = require "sms.schema.layout"

local writer = {}

--- What finds out whether the rules of an operation, which its pass does not know, find
--- nothing, by the params as they are given.
---@param operation table
---@param context table what rules may ask beside params
---@return (fun(params: table): boolean)? rules nil: there are none
function writer.rules(operation, context)
  if not operation.rules or operation.usual then
    return nil
  end
  return function(params)
    local hold = true
    local function problem()
      hold = false
    end
    for _, rule in ipairs(operation.rules) do
      rule(params, problem, context, params, problem) -- sms.schema gives the warnings, too
    end
    return hold
  end
end

--- The body of a request, or its query, where all params are in order and nothing about
--- them is out of the ordinary.
---@param operation table
---@param params table
---@param context table what rules may ask beside params
---@return string? body nil: ask sms.schema
function writer.body(operation, params, context)
  local write = layout.writer(operation)
  local usual = operation.usual
  local body = write and write(params, usual and context[usual.option])
  local rules = body and writer.rules(operation, context)
  if not body or rules and not rules(params) then
    return nil
  end
  return body
end

return writer
