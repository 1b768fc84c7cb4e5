--- A file for a private key, that nobody else may read and that takes nothing's place.

local places = require "sms_command.places"

local key_file = {}

--- Makes it, empty: before the key is, which comes once.
---@param path string
---@return boolean? ok
---@return string? why
function key_file.reserve(path)
  local said, ok = places.shell(("(umask 077; set -C; : >%s) 2>&1"):format(places.quoted(path)))
  if ok then
    return true
  end
  local file = io.open(path)
  if file then
    file:close()
    return nil, ("%s is there already, and is not written over"):format(path)
  end
  return nil, ("%s cannot be written: %s"):format(path, said:match "[^:]*$":gsub("^%s+", ""))
end

--- Writes the key.
---@param path string
---@param text string
---@return boolean? ok
---@return string? why
function key_file.write(path, text)
  local file, why = io.open(path, "wb")
  if not file then
    return nil, why
  end
  file:setvbuf "no" -- with a buffer LuaJIT may not tell that it failed
  local ok
  ok, why = file:write(text)
  file:close()
  return ok and true or nil, why
end

--- Takes it away, where there was no key.
---@param path string
function key_file.give_up(path)
  os.remove(path)
end

return key_file
