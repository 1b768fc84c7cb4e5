--- The items of send_all that are to be sent or told, in their order; what its journal knows
--- to be done is left out.
---
--- Nothing comes before all items that the journal knows were read and found to be the same:
--- a source that has changed is recognised before anything is sent. Of an iterator, so many
--- are held back at most.

local errors = require "sms.base.errors"

local entries = {}

local Entries = { __name = "sms.bulk.items.entries" }
local methods = {}
Entries.__index = methods

local HELD_AT_MOST = 10000

--- Makes the reader.
---@param source table of sms.bulk.items.source
---@param ledger table? of sms.bulk.ledger
---@param skip fun(state: string) is told of each item that is left out
---@return table
function entries.new(source, ledger, skip)
  return setmetatable({
    source = source,
    ledger = ledger,
    skip = skip,
    first = 1, last = 0, held = {},
    most = source.list and math.huge or HELD_AT_MOST,
    is_verified = not ledger or ledger.known == 0,
  }, Entries)
end

local function invalid(text, ...)
  return errors.new { kind = "invalid", outcome = "not_sent", message = text:format(...) }
end

local function take_held(self)
  local entry = self.held[self.first]
  if entry then
    self.held[self.first] = nil
    self.first = self.first + 1
  end
  return entry
end

local function hold(self, entry)
  self.last = self.last + 1
  self.held[self.last] = entry
  if self.last - self.first + 1 >= self.most then
    self.is_verified = true
  end
end

--- Asks the journal; the entry, if anything is to be done with it.
local function look_up(self, entry)
  local state, todo, why = self.ledger:look(entry)
  if not state then
    return nil, errors.new { kind = "internal", outcome = "not_sent", message = why }
  elseif state == "changed" then
    return nil, invalid("item %d of the source is not the one that the journal has", entry.ordinal)
  elseif not todo then
    self.skip(state)
    return nil
  end
  entry.todo = todo
  return entry
end

--- Reads one item.
---@return boolean more
---@return table? entry where it is to be sent or told
---@return table? err
local function read(self)
  local item, err = self.source:next()
  local ledger = self.ledger
  if not item then
    if not err and not self.is_verified then
      err = invalid("the source ends after %d items, and the journal has %d", self.source.count,
        ledger.known)
    end
    return false, nil, err
  end
  local entry = { item = item, ordinal = self.source.count, todo = "send" }
  if ledger then
    entry, err = look_up(self, entry)
  end
  return not err, entry, err
end

--- The next entry; nil at the end, or where there is none yet.
---@return table? entry { item, ordinal, hash, todo = "send" or "tell" }
---@return table? err
---@return boolean? more whether to ask again
function methods:next()
  local entry = self.is_verified and take_held(self)
  if entry then
    return entry
  end
  local more, err
  more, entry, err = read(self)
  if not more then
    return nil, err
  end
  if entry and not self.is_verified then
    hold(self, entry)
    entry = nil
  end
  if not self.is_verified and self.source.count >= self.ledger.known then
    self.is_verified = true
  end
  return entry, nil, true
end

return entries
