--- The slots of one limit: opened at first use, where its share says that they live.

local core = require "sms.core"
local plain = require "sms.base.plain"

local slots = {}

slots.ALL = true -- the value of a limit without `per`

local ROUNDING = 1e-9
local NONE = {}

--- What to do where slots cannot be kept in the folder that nobody has named.
slots.INSTEAD = "; name a folder that all who share the limit can write to as slots_path, or keep "
  .. 'it in Redis (the command: SMS_REDIS), or give rate_limit with share = "process", which '
  .. "each process keeps for itself"

local calls_of = setmetatable({}, { __mode = "k" }) -- how many slots there are, by slots

--- The slots of a limit for a value of its `per`, or for all calls; opened at first use.
---@param limit table of slots.new
---@param value string|boolean
---@return table? slots nil where they cannot be reached
---@return string? why
function slots.of(limit, value)
  local found = limit.by_value[value]
  if found then
    return found
  end
  local key = value == slots.ALL and limit.key or ("%s:%s=%s"):format(limit.key, limit.per, value)
  local why
  found, why = limit.open(key)
  if not found then
    return nil, why
  end
  if why then
    limit.warn(("the slots of %s: %s"):format(limit.name, why))
  end
  limit.by_value[value] = found
  calls_of[found] = limit.calls
  return found
end

--- Among how many slots somebody may choose who leaves the others free; nil: all.
---@param opened table slots
---@param use number?
---@return integer?
function slots.share(opened, use)
  return use and math.max(1, math.floor(use * calls_of[opened] + ROUNDING))
end

--- The same for each of several; nil without `use`.
---@param all table of slots
---@param use number?
---@return integer[]?
function slots.shares(all, use)
  if use and all.use ~= use then
    all.use, all.shares = use, {}
    for i = 1, #all do
      all.shares[i] = slots.share(all[i], use)
    end
  end
  return use and all.shares or nil
end

--- Seconds for which calls of a quota are held by what holds these alone.
---@param all table of slots
---@param now number
---@param quota integer?
---@return number
function slots.held(all, now, quota)
  local held = 0
  for _, one in ipairs(quota and all or NONE) do
    held = math.max(held, one.held and one:held(now, quota) or 0)
  end
  return held
end

--- A period as text: the same for all that are the same by whole microseconds, which is how C and
--- Redis count them.
local function seconds_of(limit)
  return plain.number("%.11g", math.floor(limit.period * 1e6 + 0.5) / 1e6)
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
        path = ("%s/%s-%d-%s"):format(folder, core.escape(key), limit.calls, seconds_of(limit))
      end
      local opened, why = core.rate_limit_file(path, settings.slots_mode, key, limit.calls,
        limit.period, settings.cold_start)
      return opened, why and not opened and not path and why .. slots.INSTEAD or why
    end
  end
  return function(key)
    return share:open(key, limit.calls, limit.period)
  end
end

--- A limit whose slots are not open yet.
---@param limit table of sms.limits.described
---@param key string of the account
---@param warn fun(message: string)
---@return table
function slots.new(limit, key, warn)
  local own = limit.of and key .. ":" .. limit.of or key
  local rate = ("%d/%ss"):format(limit.calls, seconds_of(limit))
  return {
    id = limit.id,
    key = own,
    name = own .. " " .. rate,
    label = limit.of and rate .. " of " .. limit.of or rate, -- which tells nothing of the account
    calls = limit.calls,
    per = limit.per,
    share = limit.share,
    open = opener(limit, limit.share, limit.settings),
    warn = warn,
    by_value = limit.per and setmetatable({}, { __mode = "v" }) or {},
  }
end

--- Closes the slots of a limit.
---@param limit table of slots.new
function slots.close(limit)
  for _, opened in pairs(limit.by_value) do
    opened:close()
  end
  limit.by_value = {}
end

--- Tells what is amiss with slots that were not free, where anything is.
---@param one table
---@param warn fun(message: string)
function slots.tell(one, warn)
  local warning = one.warning and one:warning()
  if warning then
    warn(warning)
  end
end

return slots
