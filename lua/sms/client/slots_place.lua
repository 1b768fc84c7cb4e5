--- What takes the files of a limit of the machine away, where nobody says where to keep them.

local core = require "sms.core"
local plain = require "sms.base.plain"

local slots_place = {}

local FIRST_USER, NOBODY = 1000, 65534

local IN_CONTAINER = "/dev/shm, and the slots in it, are new at each start of this container: what "
  .. "was sent before is forgotten, and a start adds up to the calls of one period"

local AT_LOGOUT = "systemd removes the files of this user from /dev/shm when the user's last "
  .. "session ends, and with them what was sent before; RemoveIPC=no in /etc/systemd/logind.conf, "
  .. "a system user or 'loginctl enable-linger' keeps them"

local INSTEAD = "; slots_path on a volume or a disk, or Redis, keeps the limit whole"

local function read(path)
  local file = io.open(path, "r")
  local text = file and file:read "*a"
  if file then
    file:close()
  end
  return text
end

--- Whether systemd-logind removes what an ordinary user leaves behind.
local function is_removed_at_logout(look)
  local status = look "/proc/self/status"
  local user = status and tonumber(status:match "\nUid:%s*%d+%s+(%d+)")
  if not user or user < FIRST_USER or user == NOBODY or not look "/run/systemd/seats/seat0" then
    return false
  end
  local name = ("\n" .. (look "/etc/passwd" or "")):match("\n([^:\n]+):[^:\n]*:" .. user .. ":")
  if name and look("/var/lib/systemd/linger/" .. name) then
    return false
  end
  local said = ("\n" .. (look "/etc/systemd/logind.conf" or "")):match "\n%s*RemoveIPC%s*=%s*(%a+)"
  return not said or not ("no false off n f"):find("%f[%a]" .. plain.lower(said) .. "%f[%A]")
end

--- What takes the files in /dev/shm away before their time, in words; nil: nothing known.
---@param look (fun(path: string): string?)? reads a file
---@return string?
function slots_place.cannot_last(look)
  if core.in_container() then
    return IN_CONTAINER .. INSTEAD
  elseif is_removed_at_logout(look or read) then
    return AT_LOGOUT .. INSTEAD
  end
end

return slots_place
