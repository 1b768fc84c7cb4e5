--- Params straight to a body, in one pass in C, where all is in order: the usual case. Where
--- it is not, sms.schema says what is amiss, or sms.wire.request builds what is out of the
--- ordinary. Both see to the same fields. Pure.

local layout = require "sms.schema.layout"

local writer = {}

--- A pass, and behind it the rules that it does not know: they must find nothing in the params
--- as they are given. Such a pass leaves alone what is sent otherwise, but for numbers of phones
--- and references.
local function with_rules(write, rules, context)
  return function(params, may_misfit, place)
    local hold = true
    local function problem()
      hold = false
    end
    local body = write(params, may_misfit, place)
    for i = 1, body and #rules or 0 do
      rules[i](params, problem, context, params, problem) -- sms.schema gives the warnings, too
    end
    return hold and body or nil
  end
end

--- What writes the body of a request, or its query, where all params are in order and nothing
--- about them is out of the ordinary.
---@param operation table
---@param context table what rules may ask beside params
---@return (fun(params: table, may_misfit: boolean?, place: any): any)|false write nil: ask
--- sms.schema. A body is a string; where there is a place, a long one is a text of core.long_text:
--- the one that is the place, or for false a new one
---@return boolean? may_misfit to be given to it
function writer.of(operation, context)
  local write, usual = layout.writer(operation), operation.usual
  if write and operation.rules and not usual then
    write = with_rules(write, operation.rules, context)
  end
  return write, usual and context[usual.option]
end

--- The same at once.
---@param operation table
---@param params table
---@param context table
---@return string? body
function writer.body(operation, params, context)
  local write, may_misfit = writer.of(operation, context)
  return write and write(params, may_misfit) or nil
end

return writer
