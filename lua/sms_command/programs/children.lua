--- Programs that the command starts, and waits for until Ctrl-C.

local outcome = require "sms_command.outcome"
local places = require "sms_command.places"

local children = {}

local NAP = "sleep 1" -- between two looks; Ctrl-C on a terminal ends it at once

--- The number of a port, of an option's text; nil and what is wrong.
---@param text string
---@return integer?
---@return string? why
function children.port(text)
  local port = text:find "^%d+$" and tonumber(text)
  if port and port >= 1 and port <= 65535 then
    return port
  end
  return nil, ("'%s' is no port: a number from 1 to 65535 is"):format(text)
end

--- The id of this process, which a shell knows as that of its parent.
---@return string
function children.own_process()
  return (places.shell "echo $PPID")
end

-- Removes the folder once it has no use any more, however this process ended: what it has started
-- there ends within two seconds.
local NEW_FOLDER = [[
folder=$(mktemp -d "${TMPDIR:-/tmp}/sms.XXXXXX" 2>/dev/null) && echo "$folder" && {
  setsid sh -c 'while [ -d "$2" ] && kill -0 "$1"; do sleep 1; done; sleep 2; rm -rf "$2"' \
    sms-folder %s "$folder" >/dev/null 2>&1 </dev/null &
}]]

--- A new folder for this user alone, which goes when this process has ended.
---@return string
function children.new_folder()
  local folder, ok = places.shell(NEW_FOLDER:format(children.own_process()))
  if not ok then
    error({ failed = "there is no folder for temporary files: set TMPDIR" }, 0)
  end
  return folder
end

--- What a shell is to do before it starts nginx, whose Lua is LuaJIT: the places where another Lua
--- finds its modules are not for it, nor are the sockets of another nginx.
---@return string
function children.before_nginx()
  local words = { "unset NGINX" }
  for _, name in ipairs { "LUA_PATH", "LUA_CPATH" } do
    local own = name .. "_" .. _VERSION:gsub("^Lua ", ""):gsub("%.", "_")
    if _VERSION ~= "Lua 5.1" and not os.getenv(own) then
      words[#words + 1] = name
    end
  end
  return table.concat(words, " ") .. "; "
end

--- Waits until something lives no more. Not by `os.execute`: while that waits, this process does
--- not hear of Ctrl-C.
---@param lives fun(): boolean
function children.wait(lives)
  while lives() do
    io.popen(NAP):close()
  end
end

--- Does something that Ctrl-C may end, which is how it is meant to end, and tidies up after it.
---@param body fun()
---@param tidy_up fun()
---@return boolean interrupted
function children.guard(body, tidy_up)
  local ended, why = pcall(body)
  tidy_up()
  if not ended and not outcome.is_interrupt(why) then
    error(why, 0)
  end
  return not ended
end

return children
