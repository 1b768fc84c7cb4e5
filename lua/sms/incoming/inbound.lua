--- Joins the parts of long inbound texts, which come in any order, repeated, or not at all.
--- Asks nobody for the time.
---
---   local inbound = sms.inbound.new(sms.stores.shared(ngx.shared.sms), { window = 3600 })
---   local message = inbound:add(webhook.fields, os.time())   -- false: parts are missing yet
---   for _, message in ipairs(inbound:expired(os.time())) do … end   -- what will not get whole
---
--- A text is given once, whether it has one part or more, unless it is put back.
---
--- The references of parts are small and used again: parts that come later than the window
--- after the first, and other parts of the same number, belong to another text.
---
--- A provider declares `webhooks.inbound = { read, join, needs }`: what tells from the fields of a
--- text which one it is and which part of how many, or nothing where they are none of its; what
--- makes the fields of the whole; what a text must have, in words.

local groups = require "sms.incoming.groups"
local registry = require "sms.base.registry"

local inbound = {}

local WINDOW = 3600 -- seconds; providers advise ten minutes to a day
local INDEX = "sms:parts"

local Inbound = {}

local function key_of(part)
  return table.concat({ INDEX, part.from, part.to, part.reference, part.total }, "\n")
end

local function key_of_single(part)
  return "sms:text:" .. part.id
end

local function is_single(part)
  return not part.number or part.total == 1
end

--- What the fields of a text must have, in words.
local function needs()
  local words = {}
  for i, declared in ipairs(registry.collect("webhooks", "inbound")) do
    words[i] = declared.needs
  end
  return table.concat(words, ", or ")
end

local function store_failed(why)
  return nil, "the store failed: " .. tostring(why)
end

--- A text of one part, the first time it comes.
local function single(self, fields, part)
  local is_new
  local _, why = self.store:update(key_of_single(part), function(old)
    is_new = old == nil
    return { given = true }
  end)
  if why then
    return store_failed(why)
  end
  return is_new and groups.joined { fields }
end

--- Notes when a key must be looked at. Each note has a number of its own, so that `expired` can
--- tell whether there was another one while it looked.
local function note(self, key, ends)
  local _, why = self.store:update(INDEX, function(old)
    local notes = {}
    for other, entry in pairs(old or {}) do
      notes[other] = entry
    end
    local before = notes[key]
    notes[key] = { ends = math.min(before and before.ends or ends, ends),
      number = (before and before.number or 0) + 1 }
    return notes
  end)
  return why
end

--- Strikes out what was looked at, or notes when it must be looked at again.
local function strike(self, seen, next_ends)
  local _, why = self.store:update(INDEX, function(old)
    local notes = {}
    for key, entry in pairs(old or {}) do
      if not seen[key] or seen[key].number ~= entry.number then
        notes[key] = entry
      elseif next_ends[key] then
        notes[key] = { ends = next_ends[key], number = entry.number + 1 }
      end
    end
    return next(notes) and notes or nil
  end)
  return why
end

--- Takes in an inbound text.
---@param fields table of read_webhook
---@param now number seconds since 1970
---@return { fields: table, complete: boolean, missing: integer[], parts: table[] }|false|nil
---  message false where parts are missing, or where it was given before
---@return string? failure
function Inbound:add(fields, now)
  local part = type(fields) == "table" and groups.read(fields)
  if not part then
    return nil, "the fields of an inbound SMS were expected, with " .. needs()
  elseif is_single(part) then
    return single(self, fields, part)
  end
  local key, ends = key_of(part), now + self.window
  local why = note(self, key, ends) -- first: a group that is not noted would never end
  if why then
    return store_failed(why)
  end
  local whole
  local _, failure = self.store:update(key, function(old)
    local list = groups.copy(old)
    whole = groups.insert(list, fields, now, ends)
    return { groups = list }
  end)
  if failure then
    return store_failed(failure)
  end
  return whole and groups.joined(whole.parts) or false
end

--- Gives up what has waited for its parts as long as the window, and forgets what is older;
--- to be called now and then.
---@param now number
---@return table[]? messages those parts that there are
---@return string? failure
function Inbound:expired(now)
  local messages, seen, next_ends = {}, {}, {}
  local index, why = self.store:get(INDEX)
  for key, entry in pairs(index or {}) do
    if entry.ends <= now and not why then
      local taken, kept, ends
      local _, failure = self.store:update(key, function(old)
        taken, kept, ends = groups.take_expired(old, now, now + self.window)
        return kept
      end)
      why, seen[key], next_ends[key] = failure, not failure and entry or nil, ends
      for _, message in ipairs(not failure and taken or {}) do
        messages[#messages + 1] = message
      end
    end
  end
  why = next(seen) and strike(self, seen, next_ends) or why
  if why and not messages[1] then
    return store_failed(why)
  end
  return messages
end

--- Takes back a message that could not be dealt with: a repeat of one of its parts gives it
--- again, or else `expired` does.
---@param message table of `add` or `expired`
---@param now number
---@return boolean? ok
---@return string? failure
function Inbound:put_back(message, now)
  local part = groups.read(message.parts[1])
  if is_single(part) then
    local _, why = self.store:update(key_of_single(part), function() return nil end)
    if why then
      return store_failed(why)
    end
    return true
  end
  local key, ends = key_of(part), now + self.window
  local why = note(self, key, ends)
  if why then
    return store_failed(why)
  end
  local _, failure = self.store:update(key, function(old)
    local list = groups.copy(old)
    local group, is_there = groups.find(list, part, now)
    if not is_there then
      group = { parts = message.parts }
      list[#list + 1] = group
    end
    group.ends, group.given = ends, nil
    return { groups = list }
  end)
  if failure then
    return store_failed(failure)
  end
  return true
end

--- Joins parts.
---@param store table any object with `get` and an atomic `update` (see sms.stores), which keeps
---  records for longer than the window
---@param options { window: number? }? seconds to wait for the parts of a text (an hour)
---@return table
function inbound.new(store, options)
  if type(store) ~= "table" and type(store) ~= "userdata" or not store.get or not store.update then
    error("sms.inbound: a store with get and update was expected", 2)
  end
  local window = options and options.window or WINDOW
  if type(window) ~= "number" or window <= 0 then
    error("window: a number of seconds was expected", 2)
  end
  return setmetatable({ store = store, window = window },
    { __name = "sms.inbound", __index = Inbound })
end

return inbound
