--- What is free of the limits of a client, for those who look at them and make no call.

local core = require "sms.core"
local counters = require "sms.call.counters"

local free = {}

local ngx = rawget(_G, "ngx")

--- Whether it is nginx' master, before it forks: its workers may be another user's, and what it
--- opens, they have too.
local function is_master()
  return ngx ~= nil and ngx.get_phase ~= nil and ngx.get_phase() == "init"
end

local function free_of(limits, is_near)
  return is_master() and limits:known() or limits:free(core.now(), is_near)
end

local function known_of(limits)
  return limits:known()
end

--- The limits of a client, those of single operations too, each once.
local function all_of(client, list_of, is_near)
  local list, known = list_of(client.limits, is_near), {}
  for _, limit in ipairs(list) do
    known[limit.name] = true
  end
  for _, own in pairs(client.limits_of) do
    for _, limit in ipairs(list_of(own, is_near)) do
      list[#list + 1] = not known[limit.name] and limit or nil
    end
  end
  return list
end

--- What is free of each limit of a client; in the master not how much.
---@param client table
---@param is_near boolean? without those in Redis, which is not asked then
---@return { name: string, slots: integer?, share: string|table, warning: string? }[]
function free.of(client, is_near)
  return all_of(client, free_of, is_near)
end

--- The first words that a function has for a limit of an open client; nil: it has none.
---@param look fun(limit: table, settings: table): string?
---@param is_near boolean? see free.of
---@return string?
function free.first(look, is_near)
  for client in pairs(counters.clients) do
    for _, limit in ipairs(free.of(client, is_near)) do
      local words = look(limit, client.settings)
      if words then
        return words
      end
    end
  end
end

--- Where the slots of open clients are: `slots_path` of those of the machine, `true` for those that
--- name none, "process", "redis". No slots are opened.
---@return table<string|boolean, boolean> places
function free.places()
  local places = {}
  for client in pairs(counters.clients) do
    for _, limit in ipairs(all_of(client, known_of)) do
      local place = type(limit.share) == "table" and "redis" or limit.share
      places[place == "machine" and (client.settings.slots_path or true) or place] = true
    end
  end
  return places
end

return free
