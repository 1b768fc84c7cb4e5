--- What a worker has taken and not given back: whose lease is over soonest. Times are arguments.

local held = {}

local Held = { __name = "sms.outbox.queue.held" }
local methods = {}
Held.__index = methods

--- Nothing is held.
---@return table
function held.new()
  return setmetatable({ first = 1, last = 0, list = {}, asked = {}, count = 0 }, Held)
end

--- Where a new place finds no memory, there is no hole.
local function push(self, handle, now)
  local last = self.last + 1
  handle.renewed = now
  self.list[last] = handle
  self.last = last
end

--- A lease has begun.
---@param handle table
---@param now number before Redis was asked for it
function methods:add(handle, now)
  push(self, handle, now)
  self.count = self.count + 1
end

--- It is nobody's affair here any more.
function methods:release(handle)
  if not handle.is_released then
    handle.is_released = true
    self.count = self.count - 1
  end
end

--- Those whose leases began before some time, the oldest first.
---@param before number
---@param most integer
---@return table[] handles which have to be given to `renewed`
function methods:due(before, most)
  self:renewed(self.asked) -- where an interrupt came between
  local due = {}
  while self.first <= self.last and #due < most do
    local handle = self.list[self.first]
    if not handle.is_released and handle.renewed > before then
      break
    end
    local first = self.first
    self.first = first + 1 -- at once: a Ctrl-C after the next line would leave a hole
    self.list[first] = nil
    due[#due + 1] = not handle.is_released and handle or nil
  end
  self.asked = due
  return due
end

--- Their leases have begun anew, or will be asked for next.
---@param handles table[]
---@param now number? before Redis was asked; nil: it did not answer
function methods:renewed(handles, now)
  self.asked = {}
  if now then
    for _, handle in ipairs(handles) do
      push(self, handle, now)
    end
    return
  end
  for i = #handles, 1, -1 do
    local first = self.first - 1
    self.list[first] = handles[i]
    self.first = first
  end
end

--- All that is held, also what is asked for just now: Redis may have to be told of it meanwhile.
---@return table[]
function methods:all()
  local all = {}
  for _, handle in ipairs(self.asked) do
    all[#all + 1] = not handle.is_released and handle or nil
  end
  for i = self.first, self.last do
    local handle = self.list[i]
    all[#all + 1] = not handle.is_released and handle or nil
  end
  return all
end

return held
