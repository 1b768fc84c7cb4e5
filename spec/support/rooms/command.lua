-- The house of the command, lua/sms_command: it stands on what users of the library have, and on
-- nothing of what is inside of it.

local requires = require "spec.support.rooms.requires"

local command = {}

local OUTSIDE = { sms = true, ["sms.nginx"] = true, ["sms.redis"] = true,
  ["sms.testing"] = true, cjson = true,
  argparse = true, ffi = true, -- the last in nginx, where webhooks are taken
  socket = true, ["socket.unix"] = true } -- for Redis

--- What in a file breaks the rule.
---@param path string
---@param text string
---@return string[] problems "path:line: …"
function command.check(path, text)
  local problems = {}
  for _, entry in ipairs((requires.of(text))) do
    local is_own = entry.name and (entry.name == "sms_command" or entry.name:find "^sms_command%.")
    if not entry.name then
      problems[#problems + 1] = ("%s:%d: requires what is no string literal"):format(path,
        entry.line)
    elseif not is_own and not OUTSIDE[entry.name] then
      problems[#problems + 1] = ("%s:%d: requires %s, which the command may not"):format(path,
        entry.line, entry.name)
    end
  end
  return problems
end

return command
