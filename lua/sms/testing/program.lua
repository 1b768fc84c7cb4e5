--- Starts and ends the sandbox as a program of its own, in a folder of its own.

local plain = require "sms.base.plain"

local program = {}

-- Prints the id of this process, which a shell knows as that of its parent, and a new folder. That
-- one goes when this process has ended, however it did: what was started there ends within two
-- seconds of that.
local FOLDER = [[
folder=$(mktemp -d "${TMPDIR:-/tmp}/sms.XXXXXX" 2>/dev/null) && echo "$PPID $folder" && {
  setsid sh -c 'while [ -d "$2" ] && kill -0 "$1"; do sleep 1; done; sleep 2; rm -rf "$2"' \
    sms-folder "$PPID" "$folder" >/dev/null 2>&1 </dev/null &
}]]

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- What this process has open, such as a socket of LuaSocket, is not for what goes on running: a
-- port that the spec has given up would still be taken. A shell can close no more than these.
local OWN = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-\n"

--- What a shell command prints, and whether it went well.
local function shell(command)
  local pipe = assert(io.popen(OWN .. command .. "\necho \" $?\"", "r"))
  local said, status = pipe:read("*a"):match "^(.-)\n? (%d+)\n$"
  pipe:close()
  return said or "", status == "0"
end

--- The places where another Lua finds its modules are not for nginx, whose Lua is LuaJIT.
local function before_nginx()
  local words = {}
  for _, name in ipairs { "LUA_PATH", "LUA_CPATH" } do
    local own = name .. "_" .. _VERSION:gsub("^Lua ", ""):gsub("%.", "_")
    if _VERSION ~= "Lua 5.1" and not os.getenv(own) then
      words[#words + 1] = "unset " .. name .. "; "
    end
  end
  return table.concat(words)
end

--- `name=value` lines of a file, by their names.
local function lines_of(path)
  local found = {}
  for line in io.lines(path) do
    local name, value = line:match "^([A-Za-z0-9_]+)=(.*)$"
    found[name or line] = value
  end
  return found
end

--- Starts it; it ends at the latest with this process.
---@param scripts string the folder of its scripts
---@param given { port: integer?, application: boolean? }
---@return table? running dir, scripts; urls by name; variables: what SMS_SANDBOX stands for
---@return string? why
function program.start(scripts, given)
  local process, dir = shell(FOLDER):match "^(%d+) (.+)$"
  if not process then
    return nil, "there is no folder for temporary files: set TMPDIR"
  end
  local words = { "sh", quoted(scripts .. "/start"), "--until", process }
  if given.port then
    words[#words + 1] = "--port " .. plain.number("%d", given.port)
  end
  if given.application then
    words[#words + 1] = "--application"
  end
  words[#words + 1] = quoted(dir)
  local said, ok = shell(before_nginx() .. table.concat(words, " ") .. " 2>&1")
  if not ok then
    shell("rm -rf " .. quoted(dir))
    return nil, (said:gsub("^sandbox: ", ""))
  end
  return { dir = dir, scripts = scripts, urls = lines_of(dir .. "/urls"),
    variables = lines_of(dir .. "/environment") }
end

--- Ends it, and removes its folder.
---@param running table of program.start
function program.stop(running)
  shell(("sh %s %s; rm -rf %s"):format(quoted(running.scripts .. "/stop"), quoted(running.dir),
    quoted(running.dir)))
end

return program
