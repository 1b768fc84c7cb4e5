-- The compile commands that clang-tidy follows, as JSON: those of a build without repeats. A file
-- that is compiled for several Luas, and does not ask which, is looked at once.
--
--   lua5.4 tools/tidy_commands.lua build/compile_commands.json

local cjson = require "cjson"

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function what_counts(entry)
  local command = entry.command:gsub(" %-o %S+", ""):gsub(" %-Dcore_%S+_EXPORTS", "")
  if not read(entry.file):find("LUA_VERSION_NUM", 1, true) then
    command = command:gsub(" %-isystem %S*lua%S*", "")
  end
  return command
end

local kept, seen = {}, {}
for _, entry in ipairs(cjson.decode(read(arg[1]))) do
  local what = what_counts(entry)
  if not seen[what] then
    kept[#kept + 1], seen[what] = entry, true
  end
end
print(cjson.encode(kept))
