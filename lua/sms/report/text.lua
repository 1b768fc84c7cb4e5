--- Metrics as texts: the format of Prometheus (`text/plain; version=0.0.4`), and OpenMetrics
--- (`application/openmetrics-text; version=1.0.0`). Pure.

local declared = require "sms.report.families"
local plain = require "sms.base.plain"

local text = {}

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function number(value)
  if value == math.huge then
    return "+Inf"
  elseif value % 1 == 0 and value < 2 ^ 53 and value > -2 ^ 53 then
    return ("%.0f"):format(value)
  end
  return plain.number("%.9g", value)
end

--- A bound, always as a fraction, so that both formats name the same series.
local function bound_of(value)
  local written = number(value)
  return written:find "^%d+$" and written .. ".0" or written
end

--- A sample's labels, in the order of their family.
local function labels_of(family, labels, le)
  local parts = {}
  local function add(name, value)
    parts[#parts + 1] = ('%s="%s"'):format(name, (value:gsub('[\\"\n]', ESCAPES)))
  end
  for _, name in ipairs(family[3]) do
    add(name, labels[name])
  end
  if labels.worker then
    add("worker", labels.worker)
  end
  if le then
    add("le", bound_of(le))
  end
  return parts[1] and "{" .. table.concat(parts, ",") .. "}" or ""
end

local function add_samples(lines, family, samples)
  local name = family[1]
  for _, sample in ipairs(samples) do
    local labels = labels_of(family, sample.labels)
    for _, bucket in ipairs(sample.buckets or {}) do
      lines[#lines + 1] = ("%s_bucket%s %s"):format(name,
        labels_of(family, sample.labels, bucket.le), number(bucket.count))
    end
    if sample.buckets then
      lines[#lines + 1] = ("%s_sum%s %s"):format(name, labels, number(sample.sum))
      lines[#lines + 1] = ("%s_count%s %s"):format(name, labels, number(sample.count))
    else
      lines[#lines + 1] = ("%s%s %s"):format(name, labels, number(sample.value))
    end
  end
end

--- OpenMetrics names the family of a counter without what its samples end with, and has units.
local function write(families, is_open)
  local lines = {}
  for _, family in ipairs(declared) do
    local made = families[family[1]]
    if made.samples[1] then
      local name = is_open and made.name:gsub("_total$", "") or made.name
      lines[#lines + 1] = ("# HELP %s %s"):format(name, made.help)
      lines[#lines + 1] = ("# TYPE %s %s"):format(name, made.type)
      if is_open and made.unit then
        lines[#lines + 1] = ("# UNIT %s %s"):format(name, made.unit)
      end
      add_samples(lines, family, made.samples)
    end
  end
  lines[#lines + 1] = is_open and "# EOF" or nil
  return lines[1] and table.concat(lines, "\n") .. "\n" or ""
end

--- The writers by the names of their formats.
---@type table<string, fun(families: table): string>
text.formats = {
  prometheus = function(families)
    return write(families, false)
  end,
  openmetrics = function(families)
    return write(families, true)
  end,
}

return text
