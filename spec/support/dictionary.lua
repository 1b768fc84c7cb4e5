-- Plays a dictionary of nginx (lua_shared_dict) outside of it, with a clock and a size.
--
--     local dictionary = dictionary.new(function() return clock end, 100)

local dictionary = {}

local methods = {}

local function live(self, key)
  local entry = self.entries[key]
  return entry and (not entry.ends or entry.ends > self.clock()) and entry or nil
end

local function store(self, key, value, seconds)
  assert(type(value) ~= "table", "a dictionary holds no tables")
  if not self.entries[key] then
    if self.count >= self.most then return nil, "no memory" end
    self.count = self.count + 1
  end
  self.entries[key] = { value = value, ends = seconds and seconds > 0 and self.clock() + seconds }
  return true
end

function methods:get(key)
  local entry = live(self, key)
  return entry and entry.value
end

function methods:safe_set(key, value, seconds)
  return store(self, key, value, seconds)
end

function methods:safe_add(key, value, seconds)
  if live(self, key) then return false, "exists" end
  return store(self, key, value, seconds)
end

function methods:delete(key)
  self.count = self.count - (self.entries[key] and 1 or 0)
  self.entries[key] = nil
end

function methods:flush_expired(most)
  local flushed = 0
  for key in pairs(self.entries) do
    if not live(self, key) and flushed < most then
      self.entries[key] = nil
      flushed = flushed + 1
    end
  end
  self.count = self.count - flushed
  return flushed
end

function dictionary.new(clock, most)
  return setmetatable({ entries = {}, count = 0, most = most or math.huge, clock = clock },
    { __index = methods })
end

return dictionary
