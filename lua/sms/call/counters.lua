--- What this Lua state (in nginx: this worker) has done, for sms.nginx.status.

local counters = {}

local counts = {} -- by provider

counters.clients = setmetatable({}, { __mode = "k" }) -- all that are open

--- How often what happened in the calls to a provider; to be added to.
---@param provider string
---@return { calls: integer, failures: integer, retries: integer, waits: integer }
function counters.of(provider)
  counts[provider] = counts[provider] or { calls = 0, failures = 0, retries = 0, waits = 0 }
  return counts[provider]
end

return counters
