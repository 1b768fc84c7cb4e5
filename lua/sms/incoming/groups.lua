--- The parts of one number to another, of one reference and count, in groups of those that belong
--- to one text. References are used again, so there may be several: of each part, the first that
--- came belongs to the first group, the second to the second, and so on. A group whose window is
--- over gets no more parts.
---
--- All groups together have a head { count, live, first, at }: how many were begun, how many are
--- kept, the first that may still get parts, and for each part the group of the last that came,
--- with its id. A group is { ends, parts }, and once it was given { ends, given, ids }: it is kept
--- as long again, so that repeats of its parts are known. Pure.

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

local function copy_of(head)
  local copy = { count = 0, live = 0, first = 1, at = {} }
  for name, value in pairs(head or {}) do
    copy[name] = value
  end
  copy.at = {}
  for number, last in pairs(head and head.at or {}) do
    copy.at[number] = last
  end
  return copy
end

local function place(head, part, number)
  head.at[tostring(part.number)] = { group = number, id = part.id }
  if number > head.count then
    head.count, head.live = number, head.live + 1
  end
end

--- Finds the group of a part that was not here yet. Asked again for the last one that came, it
--- says the same.
---@param head table?
---@param part table of groups.read
---@param first integer? groups before it get no more parts
---@return table head with the part in its place
---@return integer group
function groups.find(head, part, first)
  local copy = copy_of(head)
  copy.first = math.max(copy.first, first or 1)
  local last = copy.at[tostring(part.number)]
  local number = math.max(last and last.group + (last.id == part.id and 0 or 1) or 1, copy.first)
  place(copy, part, number)
  return copy, number
end

--- Begins a group of parts that were forgotten.
---@param head table?
---@param parts table[] fields
---@return table head
---@return integer group
function groups.begin(head, parts)
  local copy = copy_of(head)
  local number = copy.count + 1
  for _, fields in ipairs(parts) do
    place(copy, groups.read(fields), number)
  end
  return copy, number
end

--- A head with one group less; nil where none is left.
---@param head table?
---@return table?
function groups.forget(head)
  local copy = copy_of(head)
  copy.live = copy.live - 1
  return copy.live > 0 and copy or nil
end

--- A group that was given, until it is forgotten.
---@param parts table[] fields
---@param ends number
---@return table group
function groups.given(parts, ends)
  local ids = {}
  for i, fields in ipairs(parts) do
    ids[i] = groups.read(fields).id
  end
  return { ends = ends, given = true, ids = ids }
end

local function is_among(id, ids)
  for _, other in ipairs(ids) do
    if other == id then
      return true
    end
  end
  return false
end

--- Puts a part into its group.
---@param group table? nil: it begins with the part
---@param fields table
---@param now number
---@param ends number the end of a window that begins now
---@param is_known boolean? whether the part was here before
---@return table? group nil where it gets no more parts
---@return table[]? whole the parts, where this makes them a whole text
function groups.insert(group, fields, now, ends, is_known)
  local part, parts, is_there = groups.read(fields), {}, false
  if group and group.given then
    return is_among(part.id, group.ids) and group or nil
  elseif group and not is_known and group.ends <= now then
    return nil
  end
  for i, other in ipairs(group and group.parts or {}) do
    parts[i], is_there = other, is_there or groups.read(other).id == part.id
  end
  if not is_there then
    parts[#parts + 1] = fields
  end
  if #parts == part.total then
    return groups.given(parts, ends), parts
  end
  return { ends = group and group.ends or ends, parts = parts }
end

return groups
