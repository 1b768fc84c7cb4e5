--- `--key order-17`: what is sent under a key is sent once, however often the command is run. Each
--- key has a folder below ~/.local/state/sms/keys with the journal of its messages (hashes, no
--- numbers and no texts) and with what else was asked for, so that another message is recognised.

local credentials = require "sms_command.credentials"
local places = require "sms_command.places"

local keys = {}

local LONGEST = 100 -- characters; a name of a file has 255, and each may need three

local function file_name(key)
  return (key:gsub("[^%w_%-]", function(character)
    return ("%%%02X"):format(character:byte())
  end))
end

--- Writes a file in one step, unless it is there; what is in it then.
local function write_once(path, text)
  local fresh = ("%s.%s"):format(path, (places.shell "echo $$"))
  local ok, why = places.write(fresh, text)
  if not ok then
    os.remove(fresh)
    return nil, why
  end
  places.shell(("ln -- %s %s 2>/dev/null"):format(places.quoted(fresh), places.quoted(path)))
  os.remove(fresh)
  local file
  file, why = io.open(path, "rb")
  if not file then
    return nil, why
  end
  local there = file:read "*a"
  file:close()
  return there
end

--- What is wrong with a key, or nil.
---@param key string
---@return string?
function keys.problem(key)
  if key == "" or #key > LONGEST or key:find "%c" then
    return ("--key: has 1 to %d characters, none of them a control character"):format(LONGEST)
  end
end

--- The journal of a key.
---@param key string
---@param facts string what the journal itself does not know of the messages, without secrets
---@return string? path
---@return string? why
---@return boolean? is_other the key was used for something else
function keys.journal(key, facts)
  local state = places.state()
  if not state then
    return nil, "--key: there is no folder for its journal: "
      .. "set HOME or XDG_STATE_HOME to an absolute path"
  end
  -- What a sandbox has taken was not sent.
  local kind = credentials.sandbox() and "/sandbox/keys/" or "/keys/"
  local folder = state .. kind .. file_name(key)
  local ok, why = places.make(folder)
  if not ok then
    return nil, ("--key: %s; XDG_STATE_HOME names another folder"):format(why)
  end
  local there
  there, why = write_once(folder .. "/facts", facts)
  if not there then
    return nil, ("--key: %s; XDG_STATE_HOME names another folder"):format(why)
  elseif there ~= facts then
    return nil, ("the key '%s' was used for another message: nothing was sent"):format(key), true
  end
  return folder .. "/journal"
end

return keys
