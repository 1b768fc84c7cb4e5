--- What operations give, as the reference and the types show it: what the provider answers, and
--- what the library adds to it.

local results = {}

--- The shape of an operation's result.
---@param operation table
---@return table? returns nil: an empty table
function results.of(operation)
  local returns, adds = operation.returns, operation.adds
  if not adds then
    return returns
  end
  local record = returns.items or returns
  local fields = {}
  for _, list in ipairs { record.fields, adds } do
    for _, field in ipairs(list) do
      fields[#fields + 1] = field
    end
  end
  local whole = { type = "record", fields = fields }
  return returns.items and { type = "array", items = whole } or whole
end

return results
