--- Where nonces, receipts and parts of texts are kept: in a table of this process, or in a
--- dictionary that nginx's workers share; for several machines there is sms.redis.store. All have
---
---   store:add(key, seconds)     true where the key is new; it is kept for so long
---   store:get(key)              the record, or nil
---   store:update(key, change)   change(old) gives the new record, or nil to remove it; nobody
---                               else changes it meanwhile; gives back the new record
---   store:remove(key)
---
--- and answer `nil, message` where they fail. A record is a table of strings, numbers, booleans
--- and such tables; it must not be changed once it is given away. A store of one's own needs
--- what is used of it: `add` for nonces, `get` and `update` for the others. `change` has no
--- effects but its result, so that it may be called again.

local json = require "sms.base.json"
local misuse = require "sms.base.misuse"

local stores = {}

local KEPT = 4 * 24 * 3600 -- seconds; receipts come for three days
local HEAP = 60 -- seconds: keys that are over within them stand together
local LOOKS = 2 -- keys at which a change looks, whether they are over
local STEPS = 8 -- heaps over which it goes
local LEASE = 5 -- seconds after which the lock of a worker that has died is free
local NAP, LONGEST_NAP = 0.001, 0.02 -- seconds between two tries of a lock
local BUSY_TRIES = 100000 -- where nothing can sleep
local FLUSHED = 200 -- expired records that make room, at most

---@param name string
---@param value any
---@param default number
local function seconds_of(name, value, default)
  if value == nil then
    return default
  elseif type(value) ~= "number" or value <= 0 then
    error(("%s: a number of seconds was expected"):format(name), 3)
  end
  return value
end

-- In a table ------------------------------------------------------------------------------

local Table = {}

--- Puts a key where it is found when its time is over.
local function queue(self, key)
  local at = math.floor(self.ends[key] / HEAP)
  local heap = self.heaps[at] or {}
  heap[#heap + 1] = key
  self.heaps[at], self.heap_of[key], self.place_of[key] = heap, at, #heap
  self.oldest = math.min(self.oldest, at)
end

--- Takes a key out of there; the last one of its heap takes its place.
local function unqueue(self, key)
  local heap, place = self.heaps[self.heap_of[key]], self.place_of[key]
  local last = heap[#heap]
  heap[place], self.place_of[last] = last, place
  heap[#heap] = nil
  self.heap_of[key], self.place_of[key] = nil, nil
end

--- Looks at some of the keys whose time should be over: each change does a little of this work,
--- however much is stored.
local function sweep(self, now)
  local looks, steps = 0, 0
  while looks < LOOKS and steps < STEPS and (self.oldest + 1) * HEAP <= now do
    local heap = self.heaps[self.oldest]
    local key = heap and heap[#heap]
    if key == nil then
      self.heaps[self.oldest], self.oldest, steps = nil, self.oldest + 1, steps + 1
    else
      unqueue(self, key)
      looks = looks + 1
      if self.ends[key] <= now then
        self.records[key], self.ends[key] = nil, nil
      else
        queue(self, key)
      end
    end
  end
end

local function put(self, key, record, seconds)
  local now = self.clock()
  sweep(self, now)
  self.records[key], self.ends[key] = record, record ~= nil and now + seconds or nil
  if record ~= nil and not self.heap_of[key] then
    queue(self, key)
  elseif record == nil and self.heap_of[key] then
    unqueue(self, key)
  end
end

function Table:get(key)
  local ends = self.ends[key]
  return ends and ends > self.clock() and self.records[key] or nil
end

function Table:add(key, seconds)
  if self:get(key) ~= nil then
    return false
  end
  put(self, key, true, seconds)
  return true
end

function Table:update(key, change)
  local new = change(self:get(key))
  put(self, key, new, self.seconds)
  return new
end

function Table:remove(key)
  put(self, key, nil)
  return true
end

--- A store in a table.
---@param options { seconds: number?, clock: fun(): number }? how long records are kept after
---  their last change (four days); what tells the time (os.time)
---@return table store
function stores.table(options)
  misuse.check_dot(stores, options, "sms.stores.table")
  local problem = misuse.of_options(options, { "seconds", "clock" })
  if problem then
    error("stores.table: " .. problem, 2)
  end
  options = options or {}
  local seconds, clock = seconds_of("seconds", options.seconds, KEPT), options.clock or os.time
  return setmetatable({ records = {}, ends = {}, heaps = {}, heap_of = {}, place_of = {},
    oldest = math.floor(clock() / HEAP), seconds = seconds, clock = clock },
    { __name = "sms.store", __index = Table })
end

misuse.guard(Table, "store", "records")

-- In a dictionary of nginx ----------------------------------------------------------------

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

function Shared:get(key)
  local text, why = self.dictionary:get(key)
  if text == nil then
    return nil, why
  end
  return (json.decode(text))
end

function Shared:add(key, seconds)
  local ok, why = put_safely(self, self.dictionary.safe_add, key, "true", seconds)
  if ok then
    return true
  elseif why == "exists" then
    return false
  end
  return nil, why
end

local function changed(self, key, change)
  local old, why = self:get(key)
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
  self.dictionary:delete(key)
  return true
end

misuse.guard(Shared, "store", "dictionary")

--- A store in a dictionary of nginx (`lua_shared_dict`), for all its workers.
---@param dictionary table such as ngx.shared.sms
---@param options { seconds: number?, lease: number? }? how long records are kept after their
---  last change (four days); after which time the lock of a dead worker is free (5 s)
---@return table store
function stores.shared(dictionary, options)
  misuse.check_dot(stores, dictionary, "sms.stores.shared")
  local problem = misuse.of_options(options, { "seconds", "lease" })
  if problem then
    error("stores.shared: " .. problem, 2)
  elseif type(dictionary) ~= "table" or type(dictionary.safe_add) ~= "function" then
    error("stores.shared: a dictionary of nginx was expected, such as ngx.shared.sms", 2)
  end
  options = options or {}
  return setmetatable({ dictionary = dictionary,
    seconds = seconds_of("seconds", options.seconds, KEPT),
    lease = seconds_of("lease", options.lease, LEASE) },
    { __name = "sms.store", __index = Shared })
end

return stores
