--- The records of long texts in a store: those of one number to another, of one reference and
--- count, have a head; each text has a group (sms.incoming.groups), each part that came a record
--- that tells its group, and a note tells when a group must be looked at. What is done for a part
--- does not grow with what is stored. A place is { store, window }.

local groups = require "sms.incoming.groups"
local notes = require "sms.incoming.notes"

local texts = {}

local function key_of(part)
  return table.concat({ "sms:parts", part.from, part.to, part.reference, part.total }, "\n")
end

local function key_of_group(key, number)
  return key .. "\n" .. number
end

local function key_of_part(key, id)
  return key .. "\nid\n" .. id
end

--- What store:update gives, told apart from a failure.
local function update(place, key, change)
  return select(2, place.store:update(key, change))
end

local function note(place, key, number, ends)
  return notes.add(place.store, place.window, { key = key, number = number, ends = ends })
end

--- The group that a part belongs to, from `first` on.
local function group_of(place, key, part, first)
  local number
  local why = update(place, key, function(old)
    local head
    head, number = groups.find(old, part, first)
    return head
  end)
  return number, why
end

--- Puts a part into a group, if that gets any more. A group is noted before it is there: one that
--- is not noted would never end.
local function put(place, key, number, fields, now)
  local ends = now + place.window
  local is_noted, must_note, is_put, whole, why = false, false, false, nil, nil
  repeat
    if must_note then
      is_noted, why = true, note(place, key, number, ends)
    end
    why = why or update(place, key_of_group(key, number), function(old)
      must_note, is_put, whole = old == nil and not is_noted, false, nil
      if must_note then
        return nil
      end
      local group
      group, whole = groups.insert(old, fields, now, ends)
      is_put = group ~= nil
      return group or old
    end)
  until why or not must_note
  return is_put, whole, why
end

--- A part that was here before: all that it can do is to give a text that was put back.
local function put_again(place, key, number, fields, now)
  local whole
  local why = update(place, key_of_group(key, number), function(old)
    local group
    whole = nil
    if old then
      group, whole = groups.insert(old, fields, now, now + place.window, true)
    end
    return group or old
  end)
  return whole, why
end

--- Takes in a part.
---@param place table
---@param fields table
---@param part table of groups.read
---@param now number
---@return table[]? whole the parts, where this one makes them a whole text
---@return string? why it failed
function texts.add(place, fields, part, now)
  local key, whole, is_put, number = key_of(part), nil, false, 0
  local seen, why = place.store:get(key_of_part(key, part.id))
  if seen then
    return put_again(place, key, seen.group, fields, now)
  end
  while not is_put and not why do
    number, why = group_of(place, key, part, number + 1)
    if not why then
      is_put, whole, why = put(place, key, number, fields, now)
    end
  end
  why = why or update(place, key_of_part(key, part.id), function() return { group = number } end)
  return whole, why
end

--- Forgets a group that was given, and that its parts were here.
local function forget(place, key, ids)
  local why
  for _, id in ipairs(ids) do
    why = why or update(place, key_of_part(key, id), function() return nil end)
  end
  return why or update(place, key, groups.forget)
end

--- Looks at a group: a message of what there is, if its window is over and it was not given.
local function look(place, noted, now)
  local message, later, ids
  local why = update(place, key_of_group(noted.key, noted.number), function(old)
    message, later, ids = nil, nil, nil
    if not old then
      return nil
    elseif old.ends > now then
      later = old.ends
      return old
    elseif old.given then
      ids = old.ids
      return nil
    end
    message, later = groups.joined(old.parts), now + place.window
    return groups.given(old.parts, later)
  end)
  if not why and ids then
    why = forget(place, noted.key, ids)
  elseif not why and later then
    why = note(place, noted.key, noted.number, later)
  end
  return message, why
end

--- Gives up what has waited as long as the window, and forgets what is older.
---@param place table
---@param now number
---@return table[] messages
---@return string? why it failed, perhaps after some of them
function texts.expired(place, now)
  local messages = {}
  local why = notes.take(place.store, now, function(noted)
    local message, failure = look(place, noted, now)
    messages[#messages + 1] = message
    return failure
  end)
  return messages, why
end

--- The group that parts had, or another one.
local function group_again(place, key, parts)
  local seen, why = place.store:get(key_of_part(key, groups.read(parts[1]).id))
  local number = seen and seen.group
  if not number and not why then
    why = update(place, key, function(old)
      local head
      head, number = groups.begin(old, parts)
      return head
    end)
  end
  for _, fields in ipairs(parts) do
    why = why or update(place, key_of_part(key, groups.read(fields).id), function()
      return { group = number }
    end)
  end
  return number, why
end

--- Takes back the parts of a message.
---@param place table
---@param parts table[] fields
---@param now number
---@return string? why it failed
function texts.put_back(place, parts, now)
  local key, ends = key_of(groups.read(parts[1])), now + place.window
  local number, why = group_again(place, key, parts)
  why = why or note(place, key, number, ends)
  return why or update(place, key_of_group(key, number), function()
    return { ends = ends, parts = parts }
  end)
end

return texts
