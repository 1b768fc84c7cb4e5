-- The compile commands that clang-tidy follows, as JSON: those of a build without repeats. A file
-- that is compiled for several Luas, and does not ask which, is looked at once.
--
--   lua5.4 tools/tidy_commands.lua build/compile_commands.json
--
-- The files that it compiles of some folders, each once, one a line:
--
--   lua5.4 tools/tidy_commands.lua --files build/compile_commands.json $PWD/src $PWD/spec

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

local function entries_of(path)
  local kept, seen = {}, {}
  for _, entry in ipairs(cjson.decode(read(path))) do
    local what = what_counts(entry)
    if not seen[what] then
      kept[#kept + 1], seen[what] = entry, true
    end
  end
  return kept
end

if arg[1] == "--files" then
  local seen = {}
  for _, entry in ipairs(entries_of(arg[2])) do
    for i = 3, #arg do
      if entry.file:find(arg[i] .. "/", 1, true) == 1 and not seen[entry.file] then
        print(entry.file)
        seen[entry.file] = true
      end
    end
  end
else
  print(cjson.encode(entries_of(arg[1])))
end
