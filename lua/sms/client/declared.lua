--- What operations are, as data for programs that make something of it: options of a command line,
--- forms, pages. All of it is a copy. Pure.

local plain = require "sms.base.plain"

local declared = {}

local KEPT = { "required", "default", "min", "max", "or_value", "min_length", "max_length",
  "min_items", "only", "alias", "multiline", "shorthand" }

local fields_of

--- The words that may stand there: those of an enum, or what of a choice is no number.
local function words_of(field)
  local words = {}
  for _, word in ipairs(field.enum or {}) do
    words[#words + 1] = word
  end
  for value in pairs(field.type == "choice" and field.values or {}) do
    if type(value) == "string" and not value:find "^%d+$" then
      words[#words + 1] = value
    end
  end
  if field.type == "choice" then
    table.sort(words, plain.is_before)
  end
  return words[1] and words or nil
end

--- A param, or what the items of a list are.
local function param_of(field)
  local param = { name = field[1], type = field.type, help = field.doc, says = field.says }
  for _, key in ipairs(KEPT) do
    param[key] = field[key]
  end
  param.words = words_of(field)
  param.format = type(field.format) == "table" and field.format.words or field.format
  param.fields = field.fields and fields_of(field.fields)
  param.items = field.items and param_of(field.items)
  return param
end

function fields_of(fields)
  local params = {}
  for i, field in ipairs(fields) do
    params[i] = param_of(field)
  end
  return params
end

--- The operations of a provider, in the order of its documentation.
---@param provider table its declaration
---@return table[]
function declared.operations(provider)
  local list = {}
  for i, operation in ipairs(provider.operations) do
    list[i] = {
      name = operation[1],
      summary = operation.doc,
      kind = operation.method == "GET" and "reads" or "changes",
      method = operation.method,
      path = operation.path,
      params = fields_of(operation.fields or {}),
    }
  end
  return list
end

return declared
