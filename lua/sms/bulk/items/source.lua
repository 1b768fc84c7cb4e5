--- Reads the items of send_all: one after the other, from a list or an iterator. What
--- that raises is an error like others, but for Ctrl-C, which goes on to the loop.

local errors = require "sms.base.errors"

local source = {}

local Source = { __name = "sms.bulk.items.source" }
local methods = {}
Source.__index = methods

local function length_of(list)
  return #list
end

local function entry_of(list, place)
  return list[place]
end

--- How many items a list has, where its metatable tells that.
local function total_of(list)
  local ok, total = pcall(length_of, list)
  return ok and type(total) == "number" and total or nil
end

--- Whether a table is called for its items. One that hides its metatable is a list.
---@param given table
---@return boolean
function source.is_iterator(given)
  local meta = getmetatable(given)
  return type(meta) == "table" and meta.__call ~= nil
end

--- Makes a source.
---@param given table|function
---@return table? source
function source.new(given)
  local self = { count = 0 }
  if type(given) == "table" and not source.is_iterator(given) then
    self.list, self.total = given, total_of(given)
  elseif type(given) == "table" or type(given) == "function" then
    self.iterate = given
  else
    return nil
  end
  return setmetatable(self, Source)
end

local function failure(kind, text, ...)
  return errors.new { kind = kind, outcome = "not_sent", message = text:format(...) }
end

--- The place of the first item behind one that is missing, or nil. Lua's own length of such a
--- list may be either.
local function behind(list, place)
  local first
  for key in next, list do
    if type(key) == "number" and key > place and key % 1 == 0 and key < (first or math.huge) then
      first = key
    end
  end
  return first
end

--- Whether a table has names, but for the count of table.pack: an item is none of its own list.
local function has_names(list)
  for key in next, list do
    if type(key) == "string" and key ~= "n" then
      return true
    end
  end
  return false
end

--- The end of the source, or what is wrong with it there.
local function at_end(self)
  local place = self.count + 1
  local next_place = self.list and behind(self.list, place)
  if next_place then
    return nil, failure("invalid", "item %d of the source is missing, and item %d is there", place,
      next_place)
  elseif place == 1 and self.list and has_names(self.list) then
    return nil, failure("invalid", "the source is no list of items: it has names, and no item")
  end
end

--- The next item, or nil at the end.
---@return table? item
---@return table? err where there is none because the source failed
function methods:next()
  local ok, item, why
  if self.list then
    ok, item = pcall(entry_of, self.list, self.count + 1)
  else
    ok, item, why = pcall(self.iterate)
  end
  if not ok and tostring(item):find "interrupted!$" then -- Ctrl-C in lua and luajit
    error(item, 0)
  elseif not ok then
    return nil, failure("internal", "the source of the items raised an error: %s",
      errors.safe_text(tostring(item)))
  elseif item == nil and why ~= nil then
    return nil, failure("internal", "the source of the items failed: %s",
      errors.safe_text(tostring(why)))
  elseif item == nil then
    return at_end(self)
  elseif type(item) ~= "table" then
    return nil, failure("invalid", "item %d of the source is a %s, not a table", self.count + 1,
      type(item))
  end
  self.count = self.count + 1
  return item
end

return source
