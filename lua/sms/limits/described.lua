--- A limit as it is known by what it says and by where its slots live; as a text, so that other
--- Lua states of the process can read it.

local json = require "sms.base.json"

local described = {}

local numbers, last = setmetatable({}, { __mode = "k" }), 0 -- of shares that are no words

--- What says where the slots of a limit live: those with the same home may be the same slots.
local function home_of(share, settings)
  if type(share) == "string" then
    return share == "machine" and share .. ":" .. (settings.slots_path or "") or share
  end
  local what = share.connect or share -- of sms.redis: they may be several, to one Redis
  if not numbers[what] then
    last = last + 1
    -- Another state has functions of its own: nobody knows whether they reach the same store.
    numbers[what] = ("store %d of %s"):format(last, tostring(numbers))
  end
  return numbers[what]
end

--- The same for all limits whose slots may be the same; a period counts by whole microseconds.
local function id_of(limit)
  return ("%s|%d/%d|%s|%s"):format(limit.home, limit.calls, math.floor(limit.period * 1e6 + 0.5),
    limit.per or "", limit.of or "")
end

--- A limit of a client.
---@param limit table
---@param settings table the client's
---@return table limit calls, period, per, of, share; settings, of these what is needed; home;
--- id: two with one id are the same limit
function described.new(limit, settings)
  -- nginx has several processes by nature.
  local share = limit.share or (rawget(_G, "ngx") and "machine" or "process")
  local made = {
    calls = limit.calls, period = limit.period, per = limit.per, of = limit.of, share = share,
    settings = { slots_path = settings.slots_path, slots_mode = settings.slots_mode,
      cold_start = settings.cold_start }, -- no hook, which may know its client
    home = home_of(share, settings),
  }
  made.id = id_of(made)
  return made
end

--- A list of limits, the same for all that say the same.
---@param list table[] of described.new
---@return string
function described.to_text(list)
  local parts = {}
  for i, limit in ipairs(list) do
    local is_word = type(limit.share) == "string"
    parts[i] = { calls = limit.calls, period = limit.period, per = limit.per, of = limit.of,
      share = is_word and limit.share or nil, settings = limit.settings, home = limit.home }
  end
  return json.encode_any(parts)
end

--- The list that a text says. A limit without a share lives in a store of another Lua state.
---@param text string of described.to_text
---@return table[] list
function described.from_text(text)
  local list = assert(json.decode(text))
  for _, limit in ipairs(list) do
    limit.id = id_of(limit)
  end
  return list
end

return described
