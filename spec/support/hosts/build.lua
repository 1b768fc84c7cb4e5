-- The build that the running Lua has its module from.
--
--     build.folder, build.is_sanitized

local process = require "spec.support.process"

local build = {}

for template in package.cpath:gmatch "[^;]+" do
  local folder = template:match "^(.*)/[^/]+/%?%.so$"
  local cache = folder and not build.folder and process.read(folder .. "/CMakeCache.txt")
  if cache then
    build.folder = folder
    build.is_sanitized = cache:find "SMS_SANITIZE:STRING=%w" ~= nil
  end
end

return build
