--- The slots of one limit: opened at first use, where its share says that they live.

local core = require "sms.core"
local plain = require "sms.base.plain"

local slots = {}

slots.ALL = true -- the value of a limit without `per`

local ROUNDING = 1e-9

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
        path = ("%s/%s-%d-%s"):format(folder, core.escape(key), limit.calls,
          plain.number("%g", limit.period))
      end
      return core.rate_limit_file(path, settings.slots_mode, key, limit.calls, limit.period,
        settings.cold_start)
    end
  end
  return function(key)
    return share:open(key, limit.calls, limit.period)
  end
end

local numbers, last = setmetatable({}, { __mode = "k" }), 0 -- of shares that are no words

--- What says where the slots of a limit live: those with the same home may be the same slots.
local function home_of(share, settings)
  if type(share) == "string" then
    return share == "machine" and share .. ":" .. (settings.slots_path or "") or share
  end
  local what = share.connect or share -- of sms.redis: they may be several, to one Redis
  if not numbers[what] then
    last = last + 1
    numbers[what] = "store " .. last
  end
  return numbers[what]
end

--- A limit as it is known by what it says, and by where its slots live.
---@param limit table
---@param settings table the client's
---@return table described calls, period, per, of, share; settings, of these what is needed; home;
--- id: two with one id are the same limit
function slots.described(limit, settings)
  -- nginx has several processes by nature.
  local share = limit.share or (rawget(_G, "ngx") and "machine" or "process")
  local home = home_of(share, settings)
  return {
    calls = limit.calls, period = limit.period, per = limit.per, of = limit.of, share = share,
    settings = { slots_path = settings.slots_path, slots_mode = settings.slots_mode,
      cold_start = settings.cold_start }, -- no hook, which may know its client
    home = home,
    id = ("%s|%d/%s|%s|%s"):format(home, limit.calls, plain.number("%.17g", limit.period),
      limit.per or "", limit.of or ""),
  }
end

--- A limit whose slots are not open yet.
---@param limit table described
---@param key string of the account
---@param warn fun(message: string)
---@return table
function slots.new(limit, key, warn)
  local own = limit.of and key .. ":" .. limit.of or key
  return {
    id = limit.id,
    key = own,
    name = ("%s %d/%ss"):format(own, limit.calls, plain.number("%g", limit.period)),
    calls = limit.calls,
    per = limit.per,
    share = limit.share,
    open = opener(limit, limit.share, limit.settings),
    warn = warn,
    by_value = limit.per and setmetatable({}, { __mode = "v" }) or {},
  }
end

return slots
