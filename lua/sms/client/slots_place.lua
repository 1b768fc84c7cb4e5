--- What takes the files of a limit of the machine away, where nobody says where to keep them.

local core = require "sms.core"
local plain = require "sms.base.plain"

local slots_place = {}

local ROOT, NOT_THERE = "/dev/shm", 2 -- ENOENT
local PAGE = ("\0"):rep(4096) -- there is room for a file only where there is one of these
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

--- The user as which a process runs.
local function user_of(process, look)
  local status = look(("/proc/%s/status"):format(process))
  return status and status:match "\nUid:%s*%d+%s+(%d+)"
end

--- Whether systemd-logind removes what an ordinary user leaves behind.
local function is_removed_at_logout(look)
  local user = tonumber(user_of("self", look) or "")
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

--- The user as which this process runs; nil: unknown.
---@return string?
function slots_place.user()
  return user_of("self", read)
end

--- The folder of this user's slots where nobody says where to keep them.
---@return string
function slots_place.folder()
  return ("%s/sms-%s"):format(ROOT, slots_place.user() or "")
end

--- Why nothing can be written in a folder, in words; nil where it can. What is not there yet of
--- this user's own is made at the first call.
---@param folder string
---@return string?
function slots_place.cannot_write(folder)
  local found, _, code = io.open(folder)
  if found then
    found:close()
  elseif code == NOT_THERE and folder == slots_place.folder() then
    folder = ROOT
  end
  local longest = (read "/proc/self/limits" or ""):match "Max file size%s+(%d+)"
  if longest and tonumber(longest) < #PAGE then -- who tried would be ended by a signal
    return folder .. ": no file may be that long (ulimit -f)"
  end
  local path = ("%s/.sms-doctor-%d"):format(folder, math.floor(core.random() * 1e9))
  local file, why, reason = io.open(path, "wb")
  if not file then
    return reason == NOT_THERE and "there is no " .. folder or folder .. why:sub(#path + 1)
  end
  file:setvbuf "no" -- with a buffer LuaJIT may not tell that it failed
  local ok
  ok, why = file:write(PAGE)
  file:close()
  os.remove(path)
  return not ok and ("%s: %s"):format(folder, why) or nil
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

--- Another user as which a process of the same nginx runs, such as a privileged agent, which is
--- root; nil: none is known.
---@param look (fun(path: string): string?)? reads a file
---@return string?
function slots_place.other_user(look)
  look = look or read
  local own, status = user_of("self", look), look "/proc/self/status"
  local parent = status and status:match "\nPPid:%s*(%d+)"
  local command = parent and look(("/proc/%s/cmdline"):format(parent))
  if not command or not command:find "^nginx: master" then
    return nil
  end
  local siblings = look(("/proc/%s/task/%s/children"):format(parent, parent)) or ""
  for process in siblings:gmatch "%d+" do
    local user = user_of(process, look)
    if user and user ~= own then
      return user
    end
  end
end

return slots_place
