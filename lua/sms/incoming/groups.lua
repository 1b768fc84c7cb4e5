--- The parts of one number to another, of one reference and count: groups of those that belong
--- to one text. A group is { ends, parts, given }: until when it waits, what came, whether it was
--- given to the caller; then it is kept as long again, so that repeats of its parts are known.
--- Pure.

local registry = require "sms.base.registry"

local groups = {}

--- What a text, or a part of one, says of itself to the first provider that knows it for its own.
---@param fields table
---@return { id: string, from: string, to: string, reference: string?, number: integer?,
---  total: integer?, join: function }? part nil where nobody does
function groups.read(fields)
  for _, declared in ipairs(registry.collect("webhooks", "inbound")) do
    local part = declared.read(fields)
    if part then
      part.join = declared.join
      return part
    end
  end
end

--- One message of its parts, those that there are.
---@param parts table[] the fields of each
---@return { fields: table, complete: boolean, missing: integer[], parts: table[] }
function groups.joined(parts)
  local by_number, present, missing, total, join = {}, {}, {}, 1, nil
  for _, fields in ipairs(parts) do
    local part = groups.read(fields)
    by_number[part.number or 1], total, join = fields, part.total or 1, part.join
  end
  for number = 1, total do
    local list = by_number[number] and present or missing
    list[#list + 1] = by_number[number] or number
  end
  return { fields = join(present, total), complete = #missing == 0, missing = missing,
    parts = parts }
end

local function find_id(parts, id)
  for _, part in ipairs(parts) do
    if groups.read(part).id == id then
      return true
    end
  end
end

local function has_number(parts, number)
  for _, part in ipairs(parts) do
    if groups.read(part).number == number then
      return true
    end
  end
end

--- The group that a part belongs to: the one that has it already, or the first that waits
--- for it; nil where it begins another.
---@param list table[]
---@param part table of groups.read
---@param now number
---@return table? group
---@return boolean? is_repeat
function groups.find(list, part, now)
  for _, group in ipairs(list) do
    if find_id(group.parts, part.id) then
      return group, true
    end
  end
  for _, group in ipairs(list) do
    if not group.given and group.ends > now and not has_number(group.parts, part.number) then
      return group
    end
  end
end

--- The groups of a record, { groups = … }, which may be changed.
---@param record table?
---@return table[]
function groups.copy(record)
  local list = {}
  for i, group in ipairs(record and record.groups or {}) do
    list[i] = { ends = group.ends, given = group.given, parts = {} }
    for j, part in ipairs(group.parts) do
      list[i].parts[j] = part
    end
  end
  return list
end

--- Puts a part where it belongs; the group that this makes whole, if it does.
---@param list table[] changed
---@param fields table of the part
---@param now number
---@param ends number the end of a window that begins now
---@return table? group
function groups.insert(list, fields, now, ends)
  local part = groups.read(fields)
  local group, is_repeat = groups.find(list, part, now)
  if not group then
    group = { ends = ends, parts = {} }
    list[#list + 1] = group
  end
  if not is_repeat then
    group.parts[#group.parts + 1] = fields
  end
  if #group.parts == part.total and not group.given then
    group.given, group.ends = true, ends
    return group
  end
end

--- Gives those whose window is over, and forgets those that were given.
---@param record table?
---@param now number
---@param later number the end of a window that begins now
---@return table[] messages those that were not given
---@return table? record what is left of it
---@return number? ends when the next one's window is over
function groups.take_expired(record, now, later)
  local taken, kept, ends = {}, {}, nil
  for _, group in ipairs(groups.copy(record)) do
    local is_over = group.ends <= now
    if is_over and not group.given then
      taken[#taken + 1] = groups.joined(group.parts)
      group.given, group.ends, is_over = true, later, false
    end
    if not is_over then
      kept[#kept + 1] = group
      ends = math.min(ends or group.ends, group.ends)
    end
  end
  return taken, ends and { groups = kept } or nil, ends
end

return groups
