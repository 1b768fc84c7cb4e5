--- The rate limits of one client, taken together: a call needs a slot of every one (docs/design.md
--- 3.3). Nothing here waits; times are arguments.

local claims = require "sms.limits.claims"
local core = require "sms.core"
local described = require "sms.limits.described"
local plain = require "sms.base.plain"
local queue = require "sms.limits.queue"
local slots = require "sms.limits.slots"

local limits = {}

local claim = core.claim

local Limits = { __name = "sms.limits" }
local methods = {}
Limits.__index = methods

local SHORTEST_NAP = 0.001
limits.LONGEST_NAP = 1 -- seconds between two looks: a slot may come back early

local OF_MACHINE = { ahead = 0 }

--- The slots that a call needs, always in one order, and the queue for them.
---@return table? all nil where slots cannot be reached
---@return table|string queue or why
local function needed(self, params)
  if self.all then
    return self.all, self.queue
  end
  local all, key, has_per = {}, self.line, false
  for _, limit in ipairs(self.limits) do
    local value = slots.ALL
    if limit.per then
      value, has_per = params[limit.per], true
      key = value and key .. ";" .. value or key
    end
    if value ~= nil then
      local opened, why = slots.of(limit, value)
      if not opened then
        return nil, why
      end
      all[#all + 1] = opened
    end
  end
  if not has_per then
    self.all = all -- the same for every call
  end
  return all, queue.open(key)
end

local function delay_of(all, now, turn, use, quota)
  local delay = SHORTEST_NAP
  for _, one in ipairs(all) do
    delay = math.max(delay, one:delay(now, turn, slots.share(one, use), quota))
  end
  return delay
end

--- Where a call stands that has got no slots: in line, unless its quota alone is held.
local function stand(all, line, ticket, now, wait, quota, ahead)
  local held = slots.held(all, now, quota)
  if held > 0 then
    line:leave(ticket)
    return nil, math.max(wait, held)
  end
  return nil, wait, line:join(ticket, now - ahead + math.min(wait, limits.LONGEST_NAP))
end

--- Takes a slot of every limit that applies, or none; those who came first go first. A call whose
--- quota alone is held stands in nobody's way: it comes again when that is over.
---@param now number seconds of core.now()
---@param lease number seconds the attempt may take at most
---@param params table
---@param ticket table? of an earlier try of the same call
---@param use number? the share of the slots that all such calls may hold together; they
--- go behind those that may hold all
---@param spare table? settled claims that may serve again
---@param quota integer? of the provider's: what it holds for these calls alone
---@return table? claims
---@return number? wait seconds until it may be tried again
---@return table|string|nil ticket to give at the next try, or why the slots cannot be reached
function methods:acquire(now, lease, params, ticket, use, spare, quota)
  local all, line = self.all, self.queue
  if not all then
    all, line = needed(self, params)
    if not all then
      return nil, nil, line
    end
  end
  local turn = 1
  if line.first <= line.last then
    turn = line:turn(not use and ticket or nil, now - self.clock.ahead)
  end
  if use then
    line = line:behind()
    turn = turn - 1 + line:turn(ticket, now - self.clock.ahead)
  end
  local wait
  if turn == 1 then
    local taken, delay, why, refused =
      self.claim(all, now, lease, use and slots.shares(all, use), spare, quota)
    if not (taken or delay or why) then
      self.look()
      return self:acquire(now, lease, params, ticket, use, nil, quota)
    elseif taken or not delay then
      line:leave(ticket)
      return taken, nil, why
    end
    slots.tell(all[refused], self.warn)
    wait = delay
  else
    wait = delay_of(all, now, turn, use, quota)
  end
  return stand(all, line, ticket, now, wait, quota, self.clock.ahead)
end

--- The same at the first try of a call, which is mostly the last one: nobody waits, and there are
--- slots.
function limits.acquire(self, now, lease, params, use, spare, quota)
  local all, line = self.all, self.queue
  if all and self.in_core and not use and line.first > line.last then
    local claimed = claim(all, now, lease, nil, spare, quota)
    if claimed then
      return claimed
    end
  end
  return self:acquire(now, lease, params, nil, use, spare, quota)
end

--- The call gives up waiting.
function limits.leave(ticket)
  if ticket then
    ticket.queue:leave(ticket)
  end
end

--- Why slots are busy that nobody has taken, or nil.
---@param now number
---@param params table
---@return string?
function methods:cold(now, params)
  for _, one in ipairs(needed(self, params) or {}) do
    local why = one.cold and one:cold(now)
    if why then
      return why
    end
  end
end

--- Its limits, none of which is opened for that; those with `per` are left out.
---@return { name: string, share: string|table }[]
function methods:known()
  local list = {}
  for _, limit in ipairs(self.limits) do
    list[#list + 1] = not limit.per and { name = limit.name, share = limit.share } or nil
  end
  return list
end

--- Slots of each limit that are free now; those with `per` are left out.
---@param now number
---@param is_near boolean? those in Redis are left out, too: nobody is asked
---@return { name: string, label: string, calls: integer, slots: integer, share: string|table,
--- warning: string? }[]
function methods:free(now, is_near)
  local list = {}
  for _, limit in ipairs(self.limits) do
    local opened, free, why
    local is_far = is_near and type(limit.share) == "table"
    if not limit.per and not is_far then
      opened, why = slots.of(limit, slots.ALL)
    end
    if opened then
      free, why = opened:available(now)
    end
    if free or why then
      list[#list + 1] = { name = limit.name, label = limit.label, calls = limit.calls,
        slots = free or 0, share = limit.share, warning = why }
    end
  end
  return list
end

--- Calls that wait for slots, whatever their value of `per`.
---@param now number
---@return integer
function methods:waiting(now)
  return queue.waiting(self.line, now - self.clock.ahead)
end

function methods:close()
  for _, limit in ipairs(self.limits) do
    slots.close(limit)
  end
  self.all = nil
end

--- Has other limits from now on; the slots of those that stay are the same.
---@param list table[] of sms.limits.described
function methods:change(list)
  local before, ids = {}, {}
  for _, limit in ipairs(self.limits) do
    before[limit.id] = limit
  end
  self.limits, self.all, self.by_param = {}, nil, false
  self.in_core = not self.clock.moves -- C settles claims by the machine's time
  for i, limit in ipairs(list) do
    local made = before[limit.id] or slots.new(limit, self.key, self.warn)
    before[limit.id] = nil
    self.limits[i], ids[i] = made, limit.id
    self.in_core = self.in_core and type(limit.share) == "string"
    self.by_param = self.by_param or limit.per ~= nil
  end
  for _, limit in pairs(before) do
    slots.close(limit)
  end
  table.sort(ids, plain.is_before) -- all who wait for the same slots stand in one line
  self.line = self.key .. "|" .. table.concat(ids, "|")
  self.queue = queue.open(self.line)
  self.claim = self.in_core and core.claim or claims.take
end

--- Makes the limits of a client; those with the same key share their slots, which are
--- opened at the first call. A limit `of` an operation has slots of its own.
---@param key string provider and user name or API key
---@param settings { limits: table[], slots_path: string?, slots_mode: integer?,
--- cold_start: string?, clock: table? }; of its clock (sms.runtime.clock) is `now` wherever one is
--- given
---@param warn fun(message: string)
---@param look fun()? has all that other Lua states of the process announced read
---@return table limits
function limits.new(key, settings, warn, look)
  local self = setmetatable({ key = key, warn = warn, look = look or core.see_news, limits = {},
    clock = settings.clock or OF_MACHINE }, Limits)
  local list = {}
  for i, limit in ipairs(settings.limits) do
    list[i] = limit.id and limit or described.new(limit, settings)
  end
  self:change(list)
  return self
end

return limits
