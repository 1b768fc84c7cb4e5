--- What this Lua state (in nginx: this worker) has counted since it began, as cells: a name, values
--- of labels, a value that never falls. What each call counts stands in a tally of its operation,
--- which costs a call next to nothing; the rest is rare, and counted in its cell.

local core = require "sms.core"

local counts = {}

-- Upper bounds, in seconds, of what a tally counts at its places 1, 2, ...; then comes the sum.
counts.BOUNDS = core.latency_bounds()
counts.BOUNDS[#counts.BOUNDS + 1] = math.huge

local SUM = #counts.BOUNDS + 1

counts.SEPARATOR = "\31"

-- Where others count too (in nginx: the dictionary of all workers), called with a cell that has
-- changed.
counts.share = nil

-- Called while calls wait for their slots, at least once a second; where others want to know of it.
counts.tick = nil

--- What knows of itself how much of it there was: functions that put it into cells.
counts.sources = {}

local cells, list, tallies = {}, {}, {}

--- The cell of a name and values of its labels, made where it is not there.
---@param name string
---@param ... string
---@return { name: string, labels: string[], key: string, value: number, shared: number }
function counts.cell(name, ...)
  local key = table.concat({ name, ... }, counts.SEPARATOR)
  local cell = cells[key]
  if not cell then
    cell = { name = name, labels = { ... }, key = key, value = 0, shared = 0 }
    cells[key] = cell
    list[#list + 1] = cell
  end
  return cell
end

local function add(...)
  local cell = counts.cell(...)
  cell.value = cell.value + 1
  if counts.share then
    counts.share(cell)
  end
end

--- Counts something that has happened; where there is no memory for that it is not counted.
---@param ... string a name and values of its labels
function counts.add(...)
  pcall(add, ...)
end

--- What the calls of an operation count: at its places requests that took so long, for
--- core.count_latency, and as `ok` calls that went well.
---@param provider string
---@param operation string
---@return table tally
function counts.tally(provider, operation)
  local key = provider .. counts.SEPARATOR .. operation
  local tally = tallies[key]
  if not tally then
    tally = { provider = provider, operation = operation, ok = 0 }
    for place = 1, SUM do
      tally[place] = 0
    end
    tallies[key] = tally
  end
  return tally
end

local SECONDS = "sms_request_duration_seconds"

--- Puts what stands in a tally into cells; only for what there was.
local function settle(tally)
  local provider, operation = tally.provider, tally.operation
  counts.cell("sms_calls_total", provider, operation, "ok", "accepted").value = tally.ok
  for place in ipairs(counts.BOUNDS) do
    if tally[place] > 0 then
      counts.cell(SECONDS, provider, operation, tostring(place)).value = tally[place]
    end
  end
  if tally[SUM] > 0 then
    counts.cell(SECONDS .. "_sum", provider, operation).value = tally[SUM]
  end
end

--- All cells, as they are now.
---@return table[] cells in the order in which they were made
function counts.all()
  for _, tally in pairs(tallies) do
    settle(tally)
  end
  for _, source in ipairs(counts.sources) do
    source()
  end
  return list
end

--- How much was counted under a name, for values of the first labels.
---@param all table[] cells
---@param name string
---@param ... string
---@return number
function counts.sum(all, name, ...)
  local sum, wanted = 0, { ... }
  for _, cell in ipairs(all) do
    local is_it = cell.name == name
    for i, value in ipairs(wanted) do
      is_it = is_it and cell.labels[i] == value
    end
    sum = is_it and sum + cell.value or sum
  end
  return sum
end

return counts
