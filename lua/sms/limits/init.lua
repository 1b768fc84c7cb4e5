--- The rate limits of one client, taken together: a call needs a slot of every one.
--- Nothing here waits; times are arguments.

local claims = require "sms.limits.claims"
local core = require "sms.core"
local queue = require "sms.limits.queue"

local limits = {}

local Limits = { __name = "sms.limits" }
local methods = {}
Limits.__index = methods

local ALL = true -- the value of a limit without `per`
local SHORTEST_NAP = 0.001
limits.LONGEST_NAP = 1 -- seconds between two looks: a slot may come back early
local ROUNDING = 1e-9

local calls_of = setmetatable({}, { __mode = "k" }) -- how many slots there are, by slots

--- The slots of a limit for a value of its `per`, or for all calls; opened at first use.
local function slots_of(limit, value)
  local slots = limit.by_value[value]
  if slots then
    return slots
  end
  local key = value == ALL and limit.key or ("%s:%s=%s"):format(limit.key, limit.per, value)
  local why
  slots, why = limit.open(key)
  if not slots then
    return nil, why
  end
  if why then
    limit.warn(("the slots of %s: %s"):format(limit.name, why))
  end
  limit.by_value[value] = slots
  calls_of[slots] = limit.calls
  return slots
end

--- The slots that a call needs, always in one order, and the queue for them.
---@return table? all nil where slots cannot be reached
---@return table|string queue or why
local function needed(self, params)
  if self.all then
    return self.all, self.queue
  end
  local all, key, has_per = {}, self.key, false
  for _, limit in ipairs(self.limits) do
    local value = ALL
    if limit.per then
      value, has_per = params[limit.per], true
      key = value and key .. ";" .. value or key
    end
    if value ~= nil then
      local slots, why = slots_of(limit, value)
      if not slots then
        return nil, why
      end
      all[#all + 1] = slots
    end
  end
  if not has_per then
    self.all = all -- the same for every call
  end
  return all, queue.open(key)
end

--- Among how many slots somebody may choose who leaves the others free; nil: all.
local function share_of(slots, use)
  return use and math.max(1, math.floor(use * calls_of[slots] + ROUNDING))
end

--- The same for each of several.
local function shares_of(all, use)
  if use and all.use ~= use then
    all.use, all.shares = use, {}
    for i = 1, #all do
      all.shares[i] = share_of(all[i], use)
    end
  end
  return use and all.shares
end

local function delay_of(all, now, turn, use)
  local delay = SHORTEST_NAP
  for _, slots in ipairs(all) do
    delay = math.max(delay, slots:delay(now, turn, share_of(slots, use)))
  end
  return delay
end

--- Takes a slot of every limit that applies, or none; those who came first go first.
---@param now number seconds of core.now()
---@param lease number seconds the attempt may take at most
---@param params table
---@param ticket table? of an earlier try of the same call
---@param use number? the share of the slots that all such calls may hold together; they
--- go behind those that may hold all
---@param spare table? settled claims that may serve again
---@return table? claims
---@return number? wait seconds until it may be tried again
---@return table|string ticket to give at the next try, or why the slots cannot be reached
function methods:acquire(now, lease, params, ticket, use, spare)
  local all, line = self.all, self.queue
  if not all then
    all, line = needed(self, params)
    if not all then
      return nil, nil, line
    end
  end
  local turn = 1
  if line.first <= line.last then
    turn = line:turn(not use and ticket or nil, now)
  end
  if use then
    local first = turn
    line = line:behind()
    turn = first - 1 + line:turn(ticket, now)
  end
  local wait
  if turn == 1 then
    local taken, delay, why, refused =
      self.claim(all, now, lease, use and shares_of(all, use), spare)
    if taken or not delay then
      if ticket then
        line:leave(ticket)
      end
      return taken, nil, why
    end
    local slots = all[refused]
    local warning = slots.warning and slots:warning()
    if warning then
      self.warn(warning)
    end
    wait = delay
  else
    wait = delay_of(all, now, turn, use)
  end
  return nil, wait, line:join(ticket, now + math.min(wait, limits.LONGEST_NAP))
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
  for _, slots in ipairs(needed(self, params) or {}) do
    local why = slots.cold and slots:cold(now)
    if why then
      return why
    end
  end
end

--- Slots of each limit that are free now; those with `per` are left out.
---@param now number
---@return { name: string, slots: integer, share: string|table, warning: string? }[]
function methods:free(now)
  local list = {}
  for _, limit in ipairs(self.limits) do
    local slots, why = nil, nil
    if not limit.per then
      slots, why = slots_of(limit, ALL)
    end
    local free
    if slots then
      free, why = slots:available(now)
    end
    if free or why then
      list[#list + 1] = { name = limit.name, slots = free or 0, share = limit.share,
        warning = why }
    end
  end
  return list
end

function methods:close()
  for _, limit in ipairs(self.limits) do
    for _, slots in pairs(limit.by_value) do
      slots:close()
    end
    limit.by_value = {}
  end
  self.all = nil
end

--- Where the slots of a limit live: gives them by their key, or nil and why not; a second
--- answer beside them is a warning.
local function opener(limit, share, settings)
  if share == "process" then
    return function(key)
      return core.rate_limit(key, limit.calls, limit.period)
    end
  elseif share == "machine" then
    return function(key)
      local folder, path = settings.slots_path, nil
      if folder then
        path = ("%s/%s-%d-%g"):format(folder, core.escape(key), limit.calls, limit.period)
      end
      return core.rate_limit_file(path, settings.slots_mode, key, limit.calls, limit.period,
        settings.cold_start)
    end
  end
  return function(key)
    return share:open(key, limit.calls, limit.period)
  end
end

--- Makes the limits of a client; those with the same key share their slots, which are
--- opened at the first call. A limit `of` an operation has slots of its own.
---@param key string provider and user name or API key
---@param settings { limits: table[], slots_path: string?, slots_mode: integer?,
--- cold_start: string? }
---@param warn fun(message: string)
---@return table limits
function limits.new(key, settings, warn)
  local self = { key = key, limits = {}, warn = warn, in_core = true }
  -- nginx has several processes by nature.
  local default = rawget(_G, "ngx") and "machine" or "process"
  for i, limit in ipairs(settings.limits) do
    local share = limit.share or default
    local own = limit.of and key .. ":" .. limit.of or key
    self.in_core = self.in_core and type(share) == "string"
    self.by_param = self.by_param or limit.per ~= nil
    self.limits[i] = {
      key = own,
      name = ("%s %d/%gs"):format(own, limit.calls, limit.period),
      calls = limit.calls,
      per = limit.per,
      share = share,
      open = opener(limit, share, settings),
      warn = warn,
      by_value = limit.per and setmetatable({}, { __mode = "v" }) or {},
    }
    self.key = ("%s|%s/%s"):format(self.key, limit.calls, limit.period)
  end
  self.queue = queue.open(self.key)
  self.claim = self.in_core and core.claim or claims.take
  return setmetatable(self, Limits)
end

return limits
