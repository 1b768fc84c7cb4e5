--- What is as it is now: slots that are used and free, calls that wait for one, outboxes. As cells,
--- for sms.report.metrics.

local core = require "sms.core"
local counters = require "sms.call.counters"
local counts = require "sms.base.counts"

local gauges = {}

local HEX = "%02x"
local UNKNOWN = "unknown" -- there is no memory for a digest

local names = {} -- of accounts, by their keys

--- What tells accounts apart in labels: too short to tell the key or user name that it is made of.
---@param key string
---@return string
function gauges.account(key)
  local digest = not names[key] and core.sha256(key)
  if digest then
    names[key] = (HEX .. HEX):format(digest:byte(1, 2))
  end
  return names[key] or UNKNOWN
end

local function cell(name, value, ...)
  return { name = name, labels = { ... }, value = value,
    key = table.concat({ name, ... }, counts.SEPARATOR) }
end

--- The limits of a client, those of single operations too.
---@param client table
---@return table[] of sms.limits
function gauges.limits(client)
  local list = { client.limits }
  for _, own in pairs(client.limits_of) do
    list[#list + 1] = own
  end
  return list
end

--- How many calls wait, by account.
---@param cells table[] changed
function gauges.queues(cells)
  local seen, now = {}, core.now()
  for client in pairs(counters.clients) do
    for _, limits in ipairs(gauges.limits(client)) do
      if not seen[limits.line] then
        seen[limits.line] = true
        local waiting = limits:waiting(now + client.clock.ahead)
        cells[#cells + 1] = cell("sms_queue_length", waiting, client.provider.name,
          gauges.account(client.key))
      end
    end
  end
end

--- Slots of each limit. Those that each process keeps for itself get its label in nginx.
---@param cells table[] changed
---@param worker string?
function gauges.slots(cells, worker)
  local seen, now = {}, core.now()
  for client in pairs(counters.clients) do
    for _, limits in ipairs(gauges.limits(client)) do
      for _, limit in ipairs(limits:free(now + client.clock.ahead)) do
        local provider, account = client.provider.name, gauges.account(client.key)
        local free = cell("sms_slots_free", limit.slots, provider, account, limit.label)
        local used = cell("sms_slots_used", limit.calls - limit.slots, provider, account,
          limit.label)
        if not seen[free.key] then
          seen[free.key] = true
          free.more = limit.share == "process" and worker and { worker = worker } or {}
          used.more = free.more
          cells[#cells + 1], cells[#cells + 2] = used, free
        end
      end
    end
  end
end

local STATES = { "queued", "delayed", "taken", "begun", "ambiguous" }

--- What outboxes tell of themselves; this asks Redis.
---@param cells table[] changed
---@param outboxes table[]
function gauges.outboxes(cells, outboxes)
  for _, outbox in ipairs(outboxes) do
    local function add(name, value, ...)
      cells[#cells + 1] = cell(name, value, outbox.name, ...)
      cells[#cells].more = {} -- the same for all workers
    end
    local status = outbox:status()
    add("sms_outbox_up", status and 1 or 0)
    if status then
      for _, state in ipairs(STATES) do
        add("sms_outbox_items", status[state], state)
      end
      add("sms_outbox_oldest_seconds", status.oldest or 0)
      add("sms_outbox_paused", status.paused and 1 or 0)
    end
  end
end

return gauges
