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

local misuse = require "sms.base.misuse"
local shared = require "sms.incoming.shared"

local stores = {}

local LEASE = 5 -- seconds after which the lock of a worker that has died is free
local KEPT = 4 * 24 * 3600 -- seconds; receipts come for three days
local HEAP = 60 -- seconds: keys that are over within them stand together
local LOOKS = 2 -- keys at which a change looks, whether they are over
local STEPS = 8 -- heaps over which it goes

--- Raises where the program stands, if one of the seconds in its options is none.
local function check_seconds(name, options, ...)
  for _, field in ipairs { ... } do
    if options[field] ~= nil and not misuse.is_period(options[field]) then
      error(("%s: %s: a number of seconds was expected"):format(name, field), 3)
    end
  end
end

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

local function read(self, key)
  local ends = self.ends[key]
  return ends and ends > self.clock() and self.records[key] or nil
end

function Table:get(key)
  misuse.check_key(key)
  return read(self, key)
end

function Table:add(key, seconds)
  misuse.check_key(key, seconds, true)
  if read(self, key) ~= nil then
    return false
  end
  put(self, key, true, seconds)
  return true
end

function Table:update(key, change)
  misuse.check_change(key, change)
  local new = change(read(self, key))
  put(self, key, new, self.seconds)
  return new
end

function Table:remove(key)
  misuse.check_key(key)
  put(self, key, nil)
  return true
end

--- A store in a table.
---@param given { seconds: number?, clock: fun(): number }? how long records are kept after
---  their last change (four days); what tells the time (os.time)
---@return table store
function stores.table(given)
  misuse.check_dot(stores, given, "sms.stores.table")
  local problem, options = misuse.of_options(given, { "seconds", "clock" })
  if problem then
    error("stores.table: " .. problem, 2)
  end
  check_seconds("stores.table", options, "seconds")
  local clock = options.clock == nil and os.time or options.clock
  local now = type(clock) == "function" and clock()
  if type(now) ~= "number" or now ~= now or math.abs(now) == math.huge then
    error("stores.table: clock: a function that gives seconds was expected", 2)
  end
  return setmetatable({ records = {}, ends = {}, heaps = {}, heap_of = {}, place_of = {},
    oldest = math.floor(now / HEAP), seconds = options.seconds or KEPT, clock = clock },
    { __name = "sms.store", __index = Table })
end

misuse.guard(Table, "store")

--- A store in a dictionary of nginx (`lua_shared_dict`), for all its workers.
---@param dictionary table such as ngx.shared.sms
---@param given { seconds: number?, lease: number? }? how long records are kept after their
---  last change (four days); after which time the lock of a dead worker is free (5 s)
---@return table store
function stores.shared(dictionary, given)
  misuse.check_dot(stores, dictionary, "sms.stores.shared")
  local problem, options = misuse.of_options(given, { "seconds", "lease" })
  if problem then
    error("stores.shared: " .. problem, 2)
  elseif type(dictionary) ~= "table" or type(dictionary.safe_add) ~= "function" then
    error("stores.shared: a dictionary of nginx was expected, such as ngx.shared.sms", 2)
  end
  check_seconds("stores.shared", options, "seconds", "lease")
  return shared.new(dictionary, options.seconds or KEPT, options.lease or LEASE)
end

return stores
