-- Holds C files against the rules of their rooms. Pure: a file is its path and its text.

local includes = {}

--- The text without its comments; the lines stay, and so do strings.
local function without_comments(text)
  local kept, at = {}, 1
  while at <= #text do
    local after, piece
    local first = text:sub(at, at)
    if first == '"' or first == "'" then
      after = at + 1
      while after <= #text and not text:find("^[" .. first .. "\n]", after) do
        after = after + (text:sub(after, after) == "\\" and 2 or 1)
      end
      after, piece = after + 1, text:sub(at, after)
    elseif text:find("^/%*", at) then
      after = select(2, text:find("*/", at + 2, true)) or #text
      piece, after = text:sub(at, after):gsub("[^\n]+", " "), after + 1
    elseif text:find("^//", at) then
      after, piece = text:find("\n", at, true) or #text + 1, ""
    else
      after = text:find("[\"'/]", at + 1) or #text + 1
      piece = text:sub(at, after - 1)
    end
    kept[#kept + 1], at = piece, after
  end
  return table.concat(kept)
end

--- What a file includes.
---@param text string
---@return { line: integer, name: string? }[] `name` is nil where it is no literal
function includes.of(text)
  local found, line = {}, 0
  for content in (without_comments(text:gsub("\\\n", " ")) .. "\n"):gmatch "(.-)\n" do
    line = line + 1
    local rest = content:match "^%s*#%s*include(.*)$" or content:match "^%s*%%:%s*include(.*)$"
    if rest then
      found[#found + 1] = { line = line, name = rest:match '^%s*"([^"]+)"%s*$'
        or rest:match "^%s*<([^>]+)>%s*$" }
    end
  end
  return found
end

--- The room of a file below src or spec; nil where it is of several, and may include all but
--- the rooms that are for their own files alone.
local function room_of(house, path)
  local room = path:match "^src/([^/]*)/" or path:match "^spec/([^/]*)/"
  return (path:find "^src/" or house.rooms[room]) and (room or "") or nil
end

--- Whether a room may include another: what it may include may be included, too.
local function may(house, room, other)
  if room == other then
    return true
  elseif not room then
    return not house.apart[other]
  end
  for _, below in ipairs(house.rooms[room]) do
    if may(house, below, other) then
      return true
    end
  end
  return false
end

--- The room whose own a library's header is, or nil.
local function owner_of(house, name)
  for pattern, room in pairs(house.libraries) do
    if name:find(pattern) then
      return room
    end
  end
end

--- What is wrong with an include, or nil.
local function problem_of(house, path, room, name)
  local other = name:match "^([^/]+)/"
  if house.rooms[other] then
    if not name:find "%.h$" then
      return ("includes %s, which is no header"):format(name)
    end
    return not may(house, room, other)
      and ("includes %s, which %s may not"):format(name, room or "what is outside") or nil
  elseif name:find("..", 1, true) then
    return ("includes %s, which is not named from src on"):format(name)
  end
  local owner = owner_of(house, name)
  local is_bound = owner and (path:find "^src/" or house.apart[owner])
  if is_bound and owner ~= room and not house.hosts[path] then
    return ("includes %s, which %s may not"):format(name, room or "what is outside")
  end
end

--- The macro by which a header is guarded from being read twice.
local function guard_of(path)
  return "SMS_" .. path:gsub("^src/", ""):gsub("%W", "_"):upper()
end

--- What in a file breaks the rules.
---@param house table
---  `rooms`: by folder of src, the folders it may include;
---  `apart`: the rooms that nobody else may include, nor what libraries they have;
---  `libraries`: by a pattern of headers, the room they are for;
---  `hosts`: the files elsewhere that may include these all the same
---@param path string
---@param text string
---@return string[] problems "path:line: …"
function includes.check(house, path, text)
  local problems = {}
  local function note(line, message)
    problems[#problems + 1] = ("%s:%d: %s"):format(path, line, message)
  end
  local room = room_of(house, path)
  if room and not house.rooms[room] then
    note(1, "is in a room without a rule: " .. room)
    return problems
  end
  for _, entry in ipairs(includes.of(text)) do
    local message = entry.name and problem_of(house, path, room, entry.name)
    if message or not entry.name then
      note(entry.line, message or "includes what is no literal name")
    end
  end
  local guard = guard_of(path)
  if path:find "^src/.*%.h$"
    and not text:find(("\n#ifndef %s\n#define %s\n"):format(guard, guard), 1, true) then
    note(1, "is not guarded by " .. guard)
  end
  return problems
end

return includes
