--- What is counted of the calls of this Lua state (in nginx: of this worker), and of which clients.

local counts = require "sms.base.counts"

local counters = {}

counters.clients = setmetatable({}, { __mode = "k" }) -- all that are open

-- How calls that change something may end so that nobody knows what became of them. A counter that
-- begins with its first call shows no increase then, so that these begin at 0.
local UNCERTAIN = { "timeout", "connection", "protocol", "server" }

--- Begins what is counted of a client.
---@param client table
function counters.begin(client)
  counters.clients[client] = true
  if client.provider.webhooks then
    counts.cell("sms_webhooks_total", client.provider.name, "refused", "auth")
  end
end

--- Begins what is counted of the calls of an operation.
---@param client table
---@param operation table
---@return table tally of sms.base.counts
function counters.tally(client, operation)
  local provider, name = client.provider.name, operation[1]
  for _, kind in ipairs(operation.safe and {} or UNCERTAIN) do
    counts.cell("sms_calls_total", provider, name, kind, "ambiguous")
  end
  for _, outcome in ipairs { "not_sent", "rejected" } do
    counts.cell("sms_calls_total", provider, name, "rate_limited", outcome)
  end
  counts.cell("sms_retry_budget_spent_total", provider, name)
  return counts.tally(provider, name)
end

--- Counts something that has happened in a call.
---@param name string
---@param call table
function counters.note(name, call)
  counts.add(name, call.client.provider.name, call.operation and call.operation[1] or "")
end

local NEVER_BEGUN = { kind = "cancelled", outcome = "not_sent" } -- by a caller who has gone

--- Counts a call that was refused before it was one.
---@param client table
---@param operation table
---@param err table
function counters.refuse(client, operation, err)
  counts.add("sms_calls_total", client.provider.name, operation[1], err.kind, err.outcome)
end

--- Counts a call that has failed.
---@param call table
---@param failure table?
function counters.fail(call, failure)
  failure = failure or NEVER_BEGUN
  counters.refuse(call.client, call.operation, failure)
end

return counters
