--- Families of metrics, made of cells: of what was counted (sms.base.counts) and of gauges. Pure.

local counts = require "sms.base.counts"
local declared = require "sms.report.families"
local plain = require "sms.base.plain"

local metrics = {}

local SUM = "_sum"

--- The labels of a cell by their names, and those that all samples have.
local function labels_of(family, cell, more)
  local labels = {}
  for i, name in ipairs(family[3]) do
    labels[name] = cell.labels[i]
  end
  for name, value in pairs(cell.more or more or {}) do
    labels[name] = value
  end
  return labels
end

--- What tells samples of one family apart; they are sorted by it.
local function key_of(family, labels)
  local parts = {}
  for i, name in ipairs(family[3]) do
    parts[i] = labels[name]
  end
  parts[#parts + 1] = labels.worker
  return table.concat(parts, counts.SEPARATOR)
end

--- What adds a cell to a sample, by the family's type.
local ADD = {
  counter = function(sample, cell)
    sample.value = (sample.value or 0) + cell.value
  end,
  gauge = function(sample, cell)
    sample.value = (sample.value or 0) + cell.value
  end,
  histogram = function(sample, cell, family)
    if not sample.buckets then
      sample.buckets, sample.count, sample.sum = {}, 0, 0
      for i, bound in ipairs(counts.BOUNDS) do
        sample.buckets[i] = { le = bound, count = 0 }
      end
    end
    if cell.name == family[1] .. SUM then
      sample.sum = sample.sum + cell.value
      return
    end
    sample.count = sample.count + cell.value
    for i = tonumber(cell.labels[#family[3] + 1]), #sample.buckets do -- they are cumulative
      sample.buckets[i].count = sample.buckets[i].count + cell.value
    end
  end,
}

local function by_name(cells)
  local names = {}
  for _, cell in ipairs(cells) do
    names[cell.name] = names[cell.name] or {}
    table.insert(names[cell.name], cell)
  end
  return names
end

--- The samples of a family, in the order of their labels.
local function samples_of(family, cells, more)
  local samples, keys = {}, {}
  for _, cell in ipairs(cells) do
    local labels = labels_of(family, cell, more)
    local key = key_of(family, labels)
    if not samples[key] then
      samples[key] = { labels = labels }
      keys[#keys + 1] = key
    end
    ADD[family[2]](samples[key], cell, family)
  end
  table.sort(keys, plain.is_before)
  local list = {}
  for i, key in ipairs(keys) do
    list[i] = samples[key]
  end
  return list
end

--- Families of metrics by their names; each has `name`, `type`, `help`, perhaps `unit`, and
--- `samples`: `{ labels, value }`, of histograms `{ labels, buckets = { { le, count } }, count,
--- sum }`.
---@param cells table[] name, labels, value
---@param more table<string, string>? labels of all samples
---@return table<string, table> families
function metrics.of(cells, more)
  local names, families = by_name(cells), {}
  for _, family in ipairs(declared) do
    local own = names[family[1]] or {}
    for _, cell in ipairs(names[family[1] .. SUM] or {}) do
      own[#own + 1] = cell
    end
    families[family[1]] = { name = family[1], type = family[2], help = family[4],
      unit = family.unit, samples = samples_of(family, own, more) }
  end
  return families
end

return metrics
