--- The parts of one number to another, of one reference and count: groups of those that belong
--- to one text. A group is { ends, parts, given }: until when it waits, what came, whether it was
--- given to the caller; then it is kept as long again, so that repeats of its parts are known.
--- Pure.

local groups = {}

local MOST = 255 -- parts; their count has one byte

local function whole_number(text)
  return type(text) == "string" and #text <= 3 and text:find "^%d+$" and tonumber(text) or nil
end

--- Its number and the count of all, where the text is a part of a longer one.
---@param fields table
---@return integer? number
---@return integer? total
function groups.place_of(fields)
  local number, total = whole_number(fields["concat-part"]), whole_number(fields["concat-total"])
  if fields.concat == "true" and fields["concat-ref"] and number and total and number >= 1
    and number <= total and total <= MOST then
    return number, total
  end
end

local place_of = groups.place_of

local function copy_of(map)
  local copy = {}
  for name, value in pairs(map) do
    copy[name] = value
  end
  return copy
end

--- One message of its parts, those that there are.
---@param parts table[] the fields of each
---@return { fields: table, complete: boolean, missing: integer[], parts: table[] }
function groups.joined(parts)
  local by_number, fields, missing, total = {}, nil, {}, 1
  for _, part in ipairs(parts) do
    local number, all = place_of(part)
    by_number[number or 1], total = part, all or 1
  end
  local texts, data, is_unicode = {}, {}, false
  for number = 1, total do
    local part = by_number[number]
    if part then
      fields = fields or copy_of(part)
      texts[#texts + 1], data[#data + 1] = part.text, part.data
      is_unicode = is_unicode or part.type == "unicode"
    else
      missing[#missing + 1] = number
    end
  end
  fields.text = texts[1] and table.concat(texts)
  fields.data = data[1] and table.concat(data)
  fields.type = is_unicode and "unicode" or fields.type
  fields["concat-part"] = total == 1 and fields["concat-part"] or nil
  return { fields = fields, complete = #missing == 0, missing = missing, parts = parts }
end

local function find_id(parts, id)
  for _, part in ipairs(parts) do
    if part.messageId == id then
      return true
    end
  end
end

local function has_number(parts, number)
  for _, part in ipairs(parts) do
    if place_of(part) == number then
      return true
    end
  end
end

--- The group that a part belongs to: the one that has it already, or the first that waits
--- for it; nil where it begins another.
---@param list table[]
---@param part table
---@param now number
---@return table? group
---@return boolean? is_repeat
function groups.find(list, part, now)
  for _, group in ipairs(list) do
    if find_id(group.parts, part.messageId) then
      return group, true
    end
  end
  for _, group in ipairs(list) do
    if not group.given and group.ends > now and not has_number(group.parts, (place_of(part))) then
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
---@param part table
---@param now number
---@param ends number the end of a window that begins now
---@return table? group
function groups.insert(list, part, now, ends)
  local group, is_repeat = groups.find(list, part, now)
  if not group then
    group = { ends = ends, parts = {} }
    list[#list + 1] = group
  end
  if not is_repeat then
    group.parts[#group.parts + 1] = part
  end
  local _, total = place_of(part)
  if #group.parts == total and not group.given then
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
