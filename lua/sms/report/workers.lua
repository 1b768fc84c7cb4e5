--- What the workers of an nginx do: all of them together where a dictionary `sms` is declared, else
--- the one that is asked.

local counts = require "sms.base.counts"
local core = require "sms.core"
local dictionary = require "sms.report.dictionary"
local gauges = require "sms.report.gauges"
local hooks = require "sms.runtime.nginx.hooks"
local metrics = require "sms.report.metrics"
local pump = require "sms.runtime.nginx.pump"

local workers = {}

local ngx = ngx -- luacheck: ignore

local BETWEEN = 0.2 -- seconds

local told_at = 0

--- Gauges of this worker alone.
local function own_gauges()
  local cells = {}
  local waiting = hooks.counts()
  for name, value in pairs { sms_in_flight = pump.in_flight(), sms_hooks_waiting = waiting } do
    cells[#cells + 1] = { name = name, key = name, labels = {}, value = value }
  end
  gauges.queues(cells)
  return cells
end

--- Tells the other workers what this one does, if that was not just done.
---@param is_last boolean? it will be quiet for a while
local function tell(is_last)
  local now = core.now()
  if is_last or now - told_at >= BETWEEN or now < told_at then
    told_at = now
    dictionary.put()
    dictionary.tell(own_gauges())
  end
end

--- All cells, and what labels they have beside their own.
---@param outboxes table[]
---@return table[] cells
---@return table<string, string>? more
function workers.cells(outboxes)
  local shared, more, worker = dictionary.of_nginx(), nil, nil
  if ngx.get_phase() ~= "init" then
    worker = tostring(ngx.worker.pid())
  end
  local cells = own_gauges()
  if shared then
    tell(true)
    dictionary.add_gauges(shared, cells)
    for _, cell in ipairs(dictionary.cells(shared)) do
      cells[#cells + 1] = cell
    end
  else
    more = worker and { worker = worker }
    for _, cell in ipairs(counts.all()) do
      cells[#cells + 1] = cell
    end
  end
  if worker then -- the master opens no slots: its workers may be another user's
    gauges.slots(cells, worker)
    gauges.outboxes(cells, outboxes)
  end
  return cells, more
end

--- The families of metrics of these cells.
workers.families = metrics.of

table.insert(counts.sources, function()
  local _, dropped = hooks.counts()
  counts.cell("sms_hooks_dropped_total").value = dropped
end)

if dictionary.of_nginx() then
  pump.watch = tell
  counts.tick = tell
end

return workers
