--- How far send_all is: counts, rate and the time that is left. Times are arguments.

local events = require "sms.call.events"

local progress = {}

local Progress = { __name = "sms.bulk.progress" }
local methods = {}
Progress.__index = methods

local SHORTEST = 0.1 -- seconds between two calls of a hook
local COUNTED_AS = { accepted = "accepted", ambiguous = "ambiguous", rejected = "refused",
  not_sent = "not_sent" }

--- Makes the counts.
---@param given { hook: function?, total: integer?, now: number, per_call: integer, use: number,
--- limits: table[] }
---@return table progress
function progress.new(given)
  return setmetatable({
    hook = given.hook,
    total = given.total,
    per_call = given.per_call, -- items at most
    use = given.use,
    limits = given.limits,
    began = given.now,
    told = -math.huge,
    counts = { done = 0, accepted = 0, refused = 0, not_sent = 0, ambiguous = 0 },
    fresh = 0, -- done in this run
  }, Progress)
end

--- Counts an item.
---@param outcome string of its error, or "accepted"
---@param was_known boolean? from an earlier run
function methods:add(outcome, was_known)
  local counts = self.counts
  local name = COUNTED_AS[outcome]
  counts[name] = counts[name] + 1
  counts.done = counts.done + 1
  self.fresh = self.fresh + (was_known and 0 or 1)
end

--- Seconds that so many items take at least, by the quota.
local function seconds_by_quota(self, items)
  local calls, seconds = math.ceil(items / self.per_call), 0
  for _, limit in ipairs(self.limits) do
    if not limit.per then
      local at_a_time = math.max(1, math.floor(limit.calls * self.use))
      seconds = math.max(seconds, calls * limit.period / at_a_time)
    end
  end
  return seconds
end

--- What a hook is told.
---@param now number
---@return table
function methods:report(now)
  local report = { total = self.total }
  for name, count in pairs(self.counts) do
    report[name] = count
  end
  local elapsed = now - self.began
  report.rate = elapsed > 0 and self.fresh / elapsed or 0
  if self.total then
    local left = math.max(self.total - report.done, 0)
    local by_rate = report.rate > 0 and left / report.rate or 0
    report.time_left = left > 0 and math.max(by_rate, seconds_by_quota(self, left)) or 0
  end
  return report
end

--- Tells the hook, unless it was told just now.
---@param now number
---@param is_last boolean?
function methods:tell(now, is_last)
  if self.hook and (is_last or now - self.told >= SHORTEST) then
    self.told = now
    events.tell(self.hook, self:report(now))
  end
end

--- Counts the item of a unit that is handed out next, once, and tells how far that is.
---@param unit table
---@param now number
function methods:reach(unit, now)
  if unit.counted ~= unit.at then -- else a Ctrl-C came meanwhile
    unit.counted = unit.at
    self:add(unit.err and unit.err.outcome or "accepted")
  end
  self:tell(now)
end

return progress
