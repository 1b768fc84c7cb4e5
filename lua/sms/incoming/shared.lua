--- A store in a dictionary of nginx (`lua_shared_dict`), for all its workers; what it does is in
--- sms.incoming.stores.

local json = require "sms.base.json"
local misuse = require "sms.base.misuse"

local shared = {}

local NAP, LONGEST_NAP = 0.001, 0.02 -- seconds between two tries of a lock
local BUSY_TRIES = 100000 -- where nothing can sleep
local FLUSHED = 200 -- expired records that make room, at most

local Shared = {}

--- Stores never in the place of another record that is still needed: a full dictionary is a
--- failure. What has expired in the middle of it makes room only when told to.
local function put_safely(self, put_it, key, text, seconds)
  local ok, why = put_it(self.dictionary, key, text, seconds)
  if why == "no memory" and self.dictionary:flush_expired(FLUSHED) > 0 then
    ok, why = put_it(self.dictionary, key, text, seconds)
  end
  return ok, why
end

--- Sleeps where the phase allows it.
local function nap(seconds)
  local sleep = rawget(_G, "ngx") and rawget(_G, "ngx").sleep
  return sleep and pcall(sleep, seconds)
end

--- Takes the lock of a key; nobody sleeps while holding one.
local function lock(self, key)
  local slept, pause, tries = 0, NAP, 0
  repeat
    local ok, why = put_safely(self, self.dictionary.safe_add, key, true, self.lease)
    if ok then
      return true
    elseif why ~= "exists" then
      return nil, why
    elseif nap(pause) then
      slept, pause = slept + pause, math.min(2 * pause, LONGEST_NAP)
    else
      tries = tries + 1
    end
  until slept > 2 * self.lease or tries > BUSY_TRIES
  return nil, "the record is locked"
end

local function read(self, key)
  local text, why = self.dictionary:get(key)
  if text == nil then
    return nil, why
  end
  return (json.decode(text))
end

function Shared:get(key)
  misuse.check_key(key)
  return read(self, key)
end

function Shared:add(key, seconds)
  misuse.check_key(key, seconds, true)
  local ok, why = put_safely(self, self.dictionary.safe_add, key, "true", seconds)
  if ok then
    return true
  elseif why == "exists" then
    return false
  end
  return nil, why
end

local function changed(self, key, change)
  local old, why = read(self, key)
  if why then
    return nil, why
  end
  local new, stored = change(old), true
  if new == nil then
    self.dictionary:delete(key)
  else
    stored, why = put_safely(self, self.dictionary.safe_set, key, json.encode_any(new),
      self.seconds)
  end
  return stored and new or nil, why
end

function Shared:update(key, change)
  misuse.check_change(key, change)
  local locked, why = lock(self, key .. ":lock")
  if not locked then
    return nil, why
  end
  local ok, new, failure = pcall(changed, self, key, change)
  self.dictionary:delete(key .. ":lock")
  if not ok then
    error(new, 0)
  end
  return new, failure
end

function Shared:remove(key)
  misuse.check_key(key)
  self.dictionary:delete(key)
  return true
end

misuse.guard(Shared, "store")

---@param dictionary table
---@param seconds number for which records are kept after their last change
---@param lease number seconds after which the lock of a dead worker is free
---@return table store
function shared.new(dictionary, seconds, lease)
  return setmetatable({ dictionary = dictionary, seconds = seconds, lease = lease },
    { __name = "sms.store", __index = Shared })
end

return shared
