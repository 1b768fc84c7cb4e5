--- The option `seal`: a secret, or a list of them, of which the first seals and each opens.

local core = require "sms.core"

local seals = {}

local rawlen = rawget(_G, "rawlen") or function(list) return #list end -- LuaJIT may have none

local MOST, LONGEST = 8, 16 * 1024 -- secrets; bytes of one

--- What is wrong with the value of the option, or nil.
---@param given any
---@return string? message
function seals.problem(given)
  local list = type(given) == "table" and given or { given }
  local count = rawlen(list) -- as the core reads it
  for i = 1, count do
    local secret = rawget(list, i)
    if type(secret) ~= "string" or secret == "" or #secret > LONGEST then
      return "a secret or a list of secrets was expected"
    end
  end
  if type(given) == "table" and count == 0 or count > MOST then
    return ("a list of 1 to %d secrets was expected"):format(MOST)
  end
end

--- What seals and opens for an outbox of that name.
---@param name string
---@param given string|string[]|nil as `problem` finds it fine
---@return userdata? seal nil: none is wanted
---@return string? why none could be made
function seals.new(name, given)
  if given == nil then
    return nil
  end
  local seal, why = core.seal(name, type(given) == "table" and given or { given })
  return seal, why and "OpenSSL could not make its seal: " .. why
end

return seals
