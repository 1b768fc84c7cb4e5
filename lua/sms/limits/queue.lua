--- First come, first served, for calls that wait for the same slots. Times are arguments;
--- nothing here waits.

local queue = {}

local Queue = { __name = "sms.queue" }
local methods = {}
Queue.__index = methods

local GRACE = 1 -- seconds after which somebody who did not look again has gone
local CLOSING = 0.02 -- seconds from one look at all who wait to the next

local queues = setmetatable({}, { __mode = "v" })

--- `first` and `last` number those who stand in it; nobody does where `first` is beyond `last`.
local function new()
  return setmetatable({ first = 1, last = 0, waiting = {}, closed_at = 0 }, Queue)
end

--- Those who wait for the slots of a key, in the whole Lua state.
---@param key string
---@return table queue
function queue.open(key)
  local opened = queues[key]
  if not opened then
    opened = new()
    queues[key] = opened
  end
  return opened
end

--- Those who let everybody in this queue go first.
---@return table queue
function methods:behind()
  if not self.second then
    self.second = new()
    self.second.before = self -- neither is forgotten while the other is known
  end
  return self.second
end

--- A semaphore that tells whether somebody sleeps counts below 0 then.
local function has_gone(ticket, now)
  local sleeper = ticket.sleeper
  return now > ticket.looks_at + GRACE or sleeper and sleeper:count() >= 0
end

--- Whoever was killed while it waited must not hold up the others.
local function skip_the_gone(self, now)
  while self.first <= self.last do
    local ticket = self.waiting[self.first]
    if ticket and not has_gone(ticket, now) then
      return
    end
    self.waiting[self.first] = nil
    self.first = self.first + 1
  end
end

--- Nor do those count, in the midst of the queue, who were killed or have left.
local function close_ranks(self, now)
  if now < self.closed_at + CLOSING and now >= self.closed_at then
    return
  end
  local waiting, last = {}, self.first - 1
  for number = self.first, self.last do
    local ticket = self.waiting[number]
    if ticket and not has_gone(ticket, now) then
      last = last + 1
      waiting[last], ticket.number = ticket, last
    elseif ticket then
      ticket.number = 0
    end
  end
  self.waiting, self.last, self.closed_at = waiting, last, now
end

--- Whose turn it is: 1 may go; a newcomer stands behind all who wait.
---@param ticket table? of `join`
---@param now number
---@return integer turn
function methods:turn(ticket, now)
  skip_the_gone(self, now)
  if self.first < self.last then
    close_ranks(self, now)
  end
  if ticket and self.waiting[ticket.number] == ticket then
    return ticket.number - self.first + 1
  end
  return self.last - self.first + 2
end

--- Stands in the queue, or goes on standing in it.
---@param ticket table? its `sleeper` may be the semaphore at which the caller sleeps
---@param looks_at number when the caller will look again
---@return table ticket
function methods:join(ticket, looks_at)
  if not ticket or self.waiting[ticket.number] ~= ticket then
    self.last = self.last + 1
    ticket = { number = self.last, queue = self } -- known as long as somebody waits
    self.waiting[self.last] = ticket
  end
  ticket.looks_at = looks_at
  return ticket
end

--- How many stand in it, and behind it.
local function length(self, now)
  local count = self.second and length(self.second, now) or 0
  for number = self.first, self.last do
    local ticket = self.waiting[number]
    count = ticket and not has_gone(ticket, now) and count + 1 or count
  end
  return count
end

--- How many wait for the slots of a key, or of one that begins with it and a value of `per`.
---@param key string
---@param now number
---@return integer
function queue.waiting(key, now)
  local count = 0
  for name, line in pairs(queues) do
    if name == key or name:sub(1, #key + 1) == key .. ";" then
      count = count + length(line, now)
    end
  end
  return count
end

--- Leaves the queue, served or not.
---@param ticket table?
function methods:leave(ticket)
  if ticket and self.waiting[ticket.number] == ticket then
    self.waiting[ticket.number] = nil
  end
end

return queue
