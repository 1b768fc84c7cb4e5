-- What the tests of a build have executed. A part of ./dev coverage.
--
--   lua5.4 tools/coverage.lua prepare build/coverage    writes lua/ anew there: files that tell
--                                                       of their steps
--   lua5.4 tools/coverage.lua report build/coverage     counts; fails below the goals

local cjson = require "cjson"
local ways = require "spec.support.coverage.ways"

-- Of these every branch is taken: where one is wrong, a text is sent twice, or over the limit, or
-- somebody else's word is believed.
local ROOMS = {
  { "limiter", "src/limit/", "lua/sms/limits/" },
  { "journal", "src/journal/", "lua/sms/bulk/items/" },
  { "signatures", "src/secret/token.c", "src/secret/crypto.c", "lua/sms/wire/auth.lua",
    "lua/sms/providers/nexmo/signature.lua", "lua/sms/providers/nexmo/webhooks/proofs.lua",
    "lua/sms/providers/nexmo/webhooks/token.lua" },
  { "outcome", "src/http/ending.c", "lua/sms/wire/outcome.lua", "lua/sms/wire/retry.lua",
    "lua/sms/wire/shown.lua" },
}
local LINES = 95 -- percent of all

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end

local function write(path, text)
  os.execute("mkdir -p " .. path:match "^(.*)/")
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function lines_of(command)
  local pipe, list = assert(io.popen(command)), {}
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  return list
end

local function lua_files()
  return lines_of "find lua -name '*.lua' ! -name meta.lua | sort" -- which is types alone
end

local function is_of(room)
  return function(path)
    for i = 2, #room do
      if path:sub(1, #room[i]) == room[i] then return true end
    end
  end
end

--- Whether branches are asked for: then its tokens have lines of their own.
local function is_close_up(path)
  for _, room in ipairs(ROOMS) do
    if is_of(room)(path) then return true end
  end
end

--- A file starts the hook by itself, whichever program loads it.
local function prepare(folder)
  folder = lines_of("realpath " .. folder)[1]
  local start = ([[if jit then jit.off() end package.loadlib("%s/" .. (jit and "luajit" or "5.4") ]]
    .. [[.. "/steps.so", "luaopen_steps")("%s/steps") ]]):format(folder, folder)
  os.execute(("rm -f %s/steps*; : >%s/steps; truncate -s 2M %s/steps.seen; chmod 666 %s/steps*")
    :format(folder, folder, folder, folder)) -- workers of nginx may be another user
  os.execute(("mkdir -p %s/bin && cp bin/sms %s/bin && ln -sfn \"$PWD/sandbox\" %s/sandbox")
    :format(folder, folder, folder)) -- which are looked for beside lua/
  for _, path in ipairs(lua_files()) do
    local copy = folder .. "/" .. path
    if is_close_up(path) then
      local tokens = folder .. "/" .. path:gsub("^lua", "branches")
      write(tokens, start .. ways.of(read(path)).text)
      -- Each token on a line of its own is no Lua to LuaJIT, which nginx and its like have.
      write(copy, ("return assert(loadfile(jit and %q or %q))(...)\n")
        :format(lines_of("realpath " .. path)[1], tokens))
    else
      write(copy, start .. read(path))
    end
  end
end

--- Counts of a file: { lines = { [line] = executed }, branches = { { taken, words }, … } }.
local function new_counts() return { lines = {}, branches = {} } end

local function lua_counts(path, steps)
  local list, lines, branches = ways.of(read(path))
  local counts = new_counts()
  local close = is_close_up(path)
  for line in pairs(lines) do
    local place = list:place(line)
    counts.lines[place] = counts.lines[place] or steps[close and line or place] or false
  end
  for i, way in ipairs(branches) do
    counts.branches[i] = { steps[("%d %d %d"):format(way.from, way.to, way.count)] or false,
      ways.words(list, way) }
  end
  return counts
end

local function steps_in(path)
  local steps = {}
  for line in io.lines(path) do
    local file, from, to, count = line:match "^(%S+) (%d+) (%d+) (%d+)$"
    if file then
      steps[file] = steps[file] or {}
      steps[file][tonumber(to)] = true
      steps[file][from .. " " .. to .. " " .. count] = true
    end
  end
  return steps
end

--- A file may have been compiled several times: what one of them has taken is taken.
local function add_c_line(counts, line)
  local number = line.line_number
  counts.lines[number] = counts.lines[number] or line.count > 0
  for i, branch in ipairs(line.branches) do
    local key = number .. " " .. i
    local known = counts.branches[key]
    if not known then
      known = { false, ("line %d: branch %d of %d"):format(number, i, #line.branches) }
      counts.branches[key], counts.branches[#counts.branches + 1] = known, known
    end
    known[1] = known[1] or branch.count > 0
  end
end

local function c_counts(folder)
  local all = {}
  for _, text in ipairs(lines_of(("find %s/src %s/CMakeFiles %s/spec -name '*.c.gcno' -print0 "
    .. "| xargs -0 gcov --json-format --stdout --branch-probabilities 2>/dev/null")
    :format(folder, folder, folder))) do
    for _, file in ipairs(text ~= "" and cjson.decode(text).files or {}) do
      local path = file.file:match "/(src/.*%.[ch])$"
      if path then
        all[path] = all[path] or new_counts()
        for _, line in ipairs(file.lines) do add_c_line(all[path], line) end
      end
    end
  end
  return all
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

local function share(hit, all)
  return all == 0 and 100 or hit / all * 100
end

--- Adds up one kind of counts of files, and says what was missed.
local function sum(files, chosen, each, missing)
  local hit, all = 0, 0
  for _, path in ipairs(sorted_keys(files)) do
    if chosen(path) then
      for _, one in ipairs(each(files[path])) do
        all = all + 1
        if one[1] then hit = hit + 1 else missing[#missing + 1] = path .. ", " .. one[2] end
      end
    end
  end
  return hit, all
end

local function each_branch(counts) return counts.branches end

local function each_line(counts)
  local list = {}
  for i, line in ipairs(sorted_keys(counts.lines)) do
    list[i] = { counts.lines[line], "line " .. line }
  end
  return list
end

local function ends_with(ending)
  return function(path) return path:sub(-#ending) == ending end
end

local function report(folder)
  local files, missing, good = c_counts(folder), {}, true
  local steps = steps_in(folder .. "/steps")
  for _, path in ipairs(lua_files()) do
    files[path] = lua_counts(path, steps[path:match "^lua/(.*)"] or {})
  end
  local function tell(what, goal, chosen, each)
    local hit, all = sum(files, chosen, each, missing)
    good = good and share(hit, all) >= goal
    print(("%-22s %6d of %6d: %5.1f %% (goal: %d %%)"):format(what, hit, all,
      share(hit, all), goal))
  end
  for _, room in ipairs(ROOMS) do
    tell("branches: " .. room[1], 100, is_of(room), each_branch)
  end
  tell("lines: C", LINES, ends_with ".c", each_line)
  tell("lines: Lua", LINES, ends_with ".lua", each_line)
  local file = assert(io.open(folder .. "/missing", "w"))
  file:write(table.concat(missing, "\n"), "\n")
  file:close()
  print("what is missing: " .. folder .. "/missing")
  return good
end

if arg[1] == "prepare" then
  prepare(arg[2])
else
  os.exit(report(arg[2]))
end
