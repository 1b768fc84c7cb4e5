--- The option `seal`: a secret, or a list of them, of which the first seals and each opens.

local core = require "sms.core"

local seals = {}

local MOST, LONGEST = 8, 16 * 1024 -- secrets; bytes of one

--- What is wrong with the value of the option, or nil.
---@param given any
---@return string? message
function seals.problem(given)
  local list = type(given) == "table" and given or { given }
  for i = 1, #list do
    if type(list[i]) ~= "string" or list[i] == "" or #list[i] > LONGEST then
      return "a secret or a list of secrets was expected"
    end
  end
  if type(given) == "table" and #given == 0 or #list > MOST then
    return ("a list of 1 to %d secrets was expected"):format(MOST)
  end
end

--- What seals and opens for an outbox of that name.
---@param name string
---@param given string|string[]|nil as `problem` finds it fine
---@return userdata? seal nil: none is wanted
function seals.new(name, given)
  if given == nil then
    return nil
  end
  return assert(core.seal(name, type(given) == "table" and given or { given }))
end

return seals
