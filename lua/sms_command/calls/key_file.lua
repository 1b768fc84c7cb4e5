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

--- Takes it away, where there was no key.
---@param path string
function key_file.give_up(path)
  os.remove(path)
end

return key_file
