--- Where the command keeps and finds things: the folders of the XDG base directories, and what
--- only a shell can tell about files.

local places = {}

--- A text as one word of a shell command.
---@param text string
---@return string
function places.quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function absolute(name)
  local value = os.getenv(name)
  return value and value:sub(1, 1) == "/" and value or nil
end

--- A folder of this user's; nil where there is neither the variable nor a HOME. One that is not
--- absolute does not count, as the specification has it: it would be another in each folder, and
--- what was sent from one would be sent again from the next.
local function folder(variable, below_home)
  local value, home = absolute(variable), absolute "HOME"
  if value then
    return value .. "/sms"
  end
  return home and ("%s/%s/sms"):format(home, below_home)
end

--- The file with credentials; nil where there is no place for it.
---@return string?
function places.credentials()
  local where = folder("XDG_CONFIG_HOME", ".config")
  return where and where .. "/credentials"
end

--- The folder for what is to be remembered; nil where there is no place for it.
---@return string?
function places.state()
  return folder("XDG_STATE_HOME", ".local/state")
end

--- What a shell command prints; whether it went well.
---@param command string
---@return string text without the last line end
---@return boolean ok
function places.shell(command)
  local pipe = assert(io.popen(command .. "; echo \" $?\"", "r"))
  local text = pipe:read "*a"
  pipe:close()
  local said, status = text:match "^(.-)\n? (%d+)\n$"
  return said or "", status == "0"
end

--- A line of the terminal; nil at its end. A shell reads it, which Ctrl-C ends: LuaJIT itself
--- would wait for the line, whatever comes.
---@return string?
function places.read_line()
  local pipe = assert(io.popen("IFS= read -r line && printf '%s\\n' \"$line\"", "r"))
  local line = pipe:read()
  pipe:close()
  return line
end

--- Makes a folder and those above it; those that are new are the user's own alone.
---@param path string
---@return boolean? ok
---@return string? why
function places.make(path)
  local said, ok = places.shell(("umask 077; mkdir -p -- %s 2>&1"):format(places.quoted(path)))
  if not ok then
    return nil, said
  end
  return true
end

--- How long a file of this process may become, in bytes.
local function longest_file()
  local limits = io.open "/proc/self/limits"
  local text = limits and limits:read "*a" or ""
  if limits then
    limits:close()
  end
  return tonumber(text:match "Max file size%s+(%d+)") or math.huge
end

--- Writes a file.
---@param path string
---@param text string
---@return boolean? ok
---@return string? why
function places.write(path, text)
  if #text > longest_file() then -- who tried would be ended by a signal
    return nil, path .. ": no file may be that long (ulimit -f)"
  end
  local file, why = io.open(path, "wb")
  if not file then
    return nil, why
  end
  file:setvbuf "no" -- with a buffer LuaJIT may not tell that it failed
  local ok
  ok, why = file:write(text)
  file:close()
  return ok and true or nil, why and ("%s: %s"):format(path, why)
end

--- Whether others than its owner may read or write a file.
---@param path string
---@return boolean
function places.is_open_to_others(path)
  local said = places.shell(("ls -ldL -- %s 2>/dev/null"):format(places.quoted(path)))
  return said:sub(5, 10) ~= "------"
end

return places
