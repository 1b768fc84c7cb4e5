--- What this process does, as figures: `sms.metrics`.

local counts = require "sms.base.counts"
local gauges = require "sms.report.gauges"
local metrics = require "sms.report.metrics"
local misuse = require "sms.base.misuse"
local text = require "sms.report.text"

local report = {}

local ngx = rawget(_G, "ngx")

if ngx and ngx.timer then -- its workers count together from the start
  require "sms.report.workers"
end

local OPTIONS = { "outboxes" }

--- What is wrong with options that name outboxes, or nil.
---@param given any
---@param known string[] options
---@return string? message
function report.problem(given, known)
  local problem = misuse.of_options(given, known)
  local outboxes = not problem and given and given.outboxes or {}
  if problem or type(outboxes) ~= "table" then
    return problem or "outboxes: a list of outboxes was expected"
  end
  for i, outbox in ipairs(outboxes) do
    if type(outbox) ~= "table" or type(outbox.name) ~= "string" or not outbox.status then
      return ("outboxes[%d]: an outbox was expected"):format(i)
    end
  end
end

--- What is wrong with the name of a format, or nil.
---@param format any
---@return string? message
function report.problem_of_format(format)
  if format ~= nil and not text.formats[format] then
    return 'the format is "prometheus" or "openmetrics"'
  end
end

--- What has been counted, and how things are, in this process.
---@param outboxes table[]?
---@return table<string, table> families
function report.families(outboxes)
  local cells = {}
  for i, cell in ipairs(counts.all()) do
    cells[i] = cell
  end
  gauges.queues(cells)
  gauges.slots(cells)
  gauges.outboxes(cells, outboxes or {})
  return metrics.of(cells)
end

--- The same as a table, or as a text.
---@param format string? "prometheus" or "openmetrics"
---@param given { outboxes: table[]? }?
---@return table|string
function report.metrics(format, given)
  local problem = report.problem_of_format(format) or report.problem(given, OPTIONS)
  if problem then
    error("sms.metrics: " .. problem, 2)
  end
  local families = report.families(given and given.outboxes)
  return format and text.formats[format](families) or families
end

return report
