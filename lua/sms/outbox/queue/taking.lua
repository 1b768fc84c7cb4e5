--- What a worker takes: so much that its calls do not wait for Redis, and what is high before it
--- has room for others.

local core = require "sms.core"
local ends = require "sms.outbox.queue.ends"
local scripts = require "sms.outbox.scripts.taking"
local taken = require "sms.outbox.queue.taken"

local taking = {}

local A_SCRIPT = 100 -- items
local AHEAD = 4 -- of what may be in flight, so much is taken before there is room

--- Nothing is at hand.
---@return table
function taking.new()
  return {
    told = { first = 1, last = 0 }, high = { first = 1, last = 0 }, bulk = { first = 1, last = 0 },
    looks_at = 0, -- for high ones, at the latest
    fills_at = 0, -- for others, once there is room
    is_dry = false, -- there was nothing when Redis was asked last
    has_more = false, -- high ones, than were asked for
    idle_since = nil,
  }
end

local function push(list, entry)
  local last = list.last + 1
  list[last] = entry -- before it counts: there may be no memory for it
  list.last = last
end

local function pop(list)
  local first = list.first
  local entry = list[first]
  if entry then
    list.first = first + 1 -- at once: a Ctrl-C after the next line would leave a hole
    list[first] = nil
  end
  return entry
end

local function is_empty(list)
  return list.first > list.last
end

--- Whether nothing comes after the next one.
local function is_low(list)
  return list.first >= list.last
end

--- Has an entry sent or told by and by.
---@param queue table
---@param entry table
function taking.keep(queue, entry)
  local self = queue.at_hand
  push(entry.err and self.told or entry.is_high and self.high or self.bulk, entry)
end

--- What is at hand goes back: the outbox is paused.
local function give_back(queue)
  local handles = {}
  for _, list in ipairs { queue.at_hand.high, queue.at_hand.bulk } do
    for entry in pop, list do
      handles[#handles + 1] = entry.handle
    end
  end
  ends.put_back(queue, handles)
end

--- How many items make so many calls, as far as one script gives them.
local function most_for(run, calls)
  return calls > 0 and math.min(A_SCRIPT, run.most > 1 and A_SCRIPT or calls) or 0
end

--- What was sealed with a secret that is not known here goes back, for a worker that knows it.
local function give_to_others(queue, entry)
  if not queue.has_warned then
    queue.has_warned = true
    queue.run.warn("an item of the outbox cannot be read here: " .. entry.locked)
  end
  ends.put_back(queue, { entry.handle }, queue.run.failure("internal", entry.locked))
end

--- Puts what Redis has given where it belongs.
---@return integer others
---@return integer first how many high ones there are
local function stock(queue, entries, began)
  local others, first = 0, 0
  for _, entry in ipairs(entries) do
    queue.held:add(entry.handle, began)
    if entry.locked then
      give_to_others(queue, entry)
    else
      taking.keep(queue, entry)
    end
    others, first = others + (entry.is_high and 0 or 1), first + (entry.is_high and 1 or 0)
  end
  return others, first
end

--- Asks for so many others at most, and as many high ones as may be in flight beside them.
---@return table? err that ends the run
local function take(queue, most, now)
  local run, self = queue.run, queue.at_hand
  self.looks_at, self.has_more = now + queue.rest, self.has_more and not is_low(self.high)
  if not queue.line:allows() then
    return
  end
  local high = is_low(self.high) and most_for(run, run.in_flight - run.pool.high) or 0
  local answer, began = queue.line:ask(scripts.take, queue.source.worker, ("%d"):format(high),
    ("%d"):format(most), queue.source.outbox.keep_texts and "1" or "0", run.client.provider.name,
    is_empty(self.told) and ("%d"):format(A_SCRIPT) or "0")
  if not answer then
    return
  elseif answer[1] == "other" then
    return run.failure("invalid", ("the outbox is for %s"):format(answer[2]))
  end
  queue.line:is_back()
  local entries = taken.entries(answer, queue.source, run.failure)
  local others, first = stock(queue, entries, began)
  if others < most then
    self.fills_at = now + queue.rest
    self.is_dry = not entries[1] and answer[2] == "0" -- and nothing is held
  end
  if first > 0 and first == high then
    self.has_more = true
  end
  if answer[1] == "1" then
    give_back(queue)
  end
end

--- Whether nothing has been to do for as long as the source waits.
local function is_over(queue, now)
  local self = queue.at_hand
  if not self.is_dry or queue.held.count > 0 or not queue.line:is_written() then
    self.idle_since = nil
    return false
  end
  self.idle_since = self.idle_since or now
  return queue.source.block ~= nil and now - self.idle_since >= queue.source.block
end

--- The next entry, as sms.bulk.work says.
---@param queue table
---@param room integer
---@return table? entry
---@return table? err
---@return string? when to ask again; nil: the end
function taking.next(queue, room)
  local self, now = queue.at_hand, core.now()
  local has_room = room > 0 and is_empty(self.bulk) and now >= self.fills_at
  local is_due = now >= self.looks_at or self.has_more and is_low(self.high)
  if not queue.line.is_away and (has_room or is_due) then
    local calls = math.max(room, math.ceil(queue.run.in_flight / AHEAD))
    local err = take(queue, has_room and most_for(queue.run, calls) or 0, now)
    if err then
      return nil, err
    end
  end
  if queue.line.is_away then
    return nil, nil, "later"
  end
  local entry = pop(self.told) or pop(self.high) or room > 0 and pop(self.bulk)
  if entry then
    self.is_dry, self.idle_since = false, nil
    entry.is_last = entry.is_high and is_empty(self.high)
    return entry
  elseif is_over(queue, now) then
    return nil
  end
  return nil, nil, "later"
end

return taking
