--- What this Lua state (in nginx: this worker) has done, for sms.nginx.status.

local counters = {}

local counts = {} -- by provider, by name

counters.clients = setmetatable({}, { __mode = "k" }) -- all that are open

--- Counts something once.
---@param provider string
---@param name string
function counters.add(provider, name)
  local own = counts[provider]
  if not own then
    own = {}
    counts[provider] = own
  end
  own[name] = (own[name] or 0) + 1
end

--- How often something was counted.
---@return integer
function counters.get(provider, name)
  return counts[provider] and counts[provider][name] or 0
end

return counters
