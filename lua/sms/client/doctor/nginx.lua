--- What the set-up of an nginx lacks, in words: the checks of sms.nginx's doctor.

local alike = require "sms.client.doctor.alike"
local core = require "sms.core"
local free = require "sms.client.doctor.free"
local nginx = require "sms.runtime.nginx"
local pump = require "sms.runtime.nginx.pump"
local slots_place = require "sms.client.slots_place"

local function code_cache()
  if core.states() > 2 then
    return "lua_code_cache seems to be off: every request makes its own clients and "
      .. "connections; switch it on outside of development"
  end
end

local function slots()
  return free.first(function(limit)
    if limit.share == "process" then
      return ("the limit %s is kept by each worker for itself: use share = 'machine' "
        .. "or Redis"):format(limit.name)
    end
    return alike.slots_problem(limit)
  end)
end

local function slots_path()
  return free.first(function(limit, settings)
    local why = limit.share == "machine" and not settings.slots_path and slots_place.cannot_last()
    return why and ("the limit %s: %s"):format(limit.name, why)
  end)
end

local function users()
  local user = slots_place.other_user()
  return user and free.first(function(limit, settings)
    local is_shared = settings.slots_path and settings.slots_mode
    return limit.share == "machine" and not is_shared
      and ("the limit %s: a process of this nginx runs as user %s, as a privileged agent "
      .. "does as root, and has slots of its own: slots_path and slots_mode, or Redis, let "
      .. "them share one limit"):format(limit.name, user)
  end)
end

---@type { [1]: string, [2]: fun(): string?, boolean? }[] see sms.client.doctor
return {
  { "ca", alike.ca },
  { "phase", nginx.cannot_wait },
  { "socket", pump.cannot_listen },
  { "driver", alike.driver },
  { "code_cache", code_cache },
  { "slots", slots },
  { "slots_path", slots_path },
  { "users", users },
  { "environment", alike.environment },
  { "clock", alike.clock },
  { "libcurl", alike.libcurl },
  { "tls", alike.tls },
  { "warnings", alike.warnings },
}
