-- The page's smaller views: applications, webhooks, limits.

local applications = require "nexmo.applications.store"
local callbacks = require "callbacks"
local clock = require "base.clock"
local json = require "base.json"
local settings = require "settings"

local more = {}

local SIZE = 50

--- Applications, newest first, without private keys: these were shown once.
function more.applications(before)
  local all, items = applications.all(), json.list()
  local last = math.min(before or #all + 1, #all + 1) - 1
  for i = last, math.max(1, last - SIZE + 1), -1 do
    local capabilities = json.list()
    for name in pairs(all[i].capabilities or {}) do capabilities[#capabilities + 1] = name end
    table.sort(capabilities)
    items[#items + 1] = { number = i, id = all[i].id, name = all[i].name,
      capabilities = capabilities }
  end
  return { items = items, more = last > SIZE and last - SIZE + 1 or nil, total = #all }
end

--- Webhooks that were sent, attempt by attempt, newest first.
function more.webhooks(before)
  local count, items = callbacks.attempts(), json.list()
  local last = math.min(before or count + 1, count + 1) - 1
  for number = last, math.max(1, last - SIZE + 1), -1 do
    local attempt = json.decode(callbacks.line(number) or "")
    if attempt then
      attempt.number = number
      items[#items + 1] = attempt
    end
  end
  local counts = callbacks.counts()
  return { items = items, more = last > SIZE and last - SIZE + 1 or nil, total = count,
    waiting = counts.waiting }
end

--- The providers' own limits: calls of the present window, and how many it takes (0: any number).
function more.limits()
  local now, control = settings.get(), ngx.shared.control
  local here = clock.millis() / 1000
  local function used(setting, period)
    local key = now[setting] > 0 and setting or "free/" .. setting
    return control:get(key .. math.floor(here / period)) or 0
  end
  local calls = now.voice_limit > 0 and "calls/" or "free/calls/"
  return {
    { setting = "retarus_limit", name = "Retarus", period = 60, limit = now.retarus_limit,
      used = used("retarus_limit", 60) },
    { setting = "nexmo_limit", name = "Nexmo", period = 1, limit = now.nexmo_limit,
      used = used("nexmo_limit", 1) },
    { setting = "voice_limit", name = "New calls of the Voice API", period = 1,
      limit = now.voice_limit,
      used = ngx.shared.nexmo:get(calls .. math.floor(clock.micros() / 1e6)) or 0 },
  }
end

return more
