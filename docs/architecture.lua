--- Makes docs/architecture.svg: the rooms of the code, what each needs directly, and the course of
--- one call. Rooms and arrows are read from the code; docs/picture/rooms.lua says where they stand.

local drawing = require "docs.picture.drawing"
local requires = require "spec.support.rooms.requires"
local rooms = require "docs.picture.rooms"
local tree = require "spec.support.rooms.tree"

local architecture = {}

--- The modules that a file of Lua requires, as paths below lua/sms; `core` is for all rooms.
local function of_lua(text)
  local paths = {}
  for _, entry in ipairs((requires.of(text))) do
    local path = entry.name and entry.name:match "^sms%.(.+)$"
    paths[#paths + 1] = path ~= "core" and path and path:gsub("%.", "/") or nil
  end
  return paths
end

--- The headers that a file of C includes, as paths below src.
local function of_c(text)
  local paths = {}
  for path in text:gmatch '#include "([%w_/]+)%.h"' do
    paths[#paths + 1] = path
  end
  return paths
end

--- The room of a module: its first folder; what has none is for users.
local function room_of(path)
  return path:match "^([%w_]+)/" or "top"
end

--- The rooms, but the given one, of what is named; a room's init is named as the room is.
local function rooms_of(named, known, room)
  local rooms_named = {}
  for _, path in ipairs(named) do
    local other = known[path] and path or room_of(path)
    rooms_named[other] = other ~= room or nil
  end
  return rooms_named
end

--- Rooms with their modules, and which room needs which.
local function graph_of(folder, pattern, needs_of)
  local graph, all = { modules = {}, needs = {} }, {}
  for _, path in ipairs(tree.files(folder)) do
    local module = path:match("^" .. folder .. "/(.+)" .. pattern)
    if module then
      local room = room_of(module)
      local modules, named = graph.modules[room] or {}, all[room] or {}
      graph.modules[room], all[room] = modules, named
      local name = module:match "/(.+)$" or module
      if modules[#modules] ~= name then -- a .c beside its .h
        modules[#modules + 1] = name
      end
      for _, needed in ipairs(needs_of(tree.read(path))) do
        named[#named + 1] = needed
      end
    end
  end
  for room, named in pairs(all) do
    graph.needs[room] = rooms_of(named, graph.modules, room)
  end
  return graph
end

--- Whether a room reaches another by more than one step.
local function reaches_through(needs, from, to)
  for between in pairs(needs[from]) do
    if between ~= to and (needs[between][to] or reaches_through(needs, between, to)) then
      return true
    end
  end
  return false
end

--- The needs that do not follow from others.
---@param needs table<string, table<string, boolean>>
---@return table<string, table<string, boolean>>
function architecture.direct_needs(needs)
  local direct = {}
  for from, all in pairs(needs) do
    direct[from] = {}
    for to in pairs(all) do
      direct[from][to] = not reaches_through(needs, from, to) or nil
    end
  end
  return direct
end

--- In which row each room stands: below all that need it, right above what it needs.
local function rows_of(needs)
  local rows, list = {}, {}
  local function sink(room, least)
    assert(least < 100, "rooms need each other in a circle: " .. room)
    if not rows[room] or rows[room] < least then
      rows[room] = least
      for needed in pairs(needs[room]) do
        sink(needed, least + 1)
      end
    end
  end
  for room in pairs(needs) do
    sink(room, 1)
    list[#list + 1] = room
  end
  table.sort(list, function(a, b) return rows[a] > rows[b] or rows[a] == rows[b] and a < b end)
  for _, room in ipairs(list) do
    local above
    for needed in pairs(needs[room]) do
      above = math.min(above or math.huge, rows[needed] - 1)
    end
    rows[room] = above or rows[room]
  end
  return rows
end

--- What is drawn of a graph: each of its rooms at its place, in words.
local function floor_of(graph, places, prefix)
  local rows, floor = rows_of(graph.needs), { needs = architecture.direct_needs(graph.needs) }
  for room, modules in pairs(graph.modules) do
    local place = assert(places[room], "docs/picture/rooms.lua has no place for " .. prefix .. room)
    floor[#floor + 1] = { room = room, row = rows[room], modules = modules, place = place }
  end
  table.sort(floor, function(a, b) return a.room < b.room end)
  for room in pairs(places) do
    assert(graph.modules[room], "there is no room any more: " .. prefix .. room)
  end
  return floor
end

--- What the steps of a call name must be there.
local function check_steps(steps)
  for _, step in ipairs(steps) do
    local text = tree.read(step.file)
    assert(text:find(step.name, 1, true), ("%s has no %s"):format(step.file, step.name))
    check_steps(step.lanes or {})
  end
end

--- The text of docs/architecture.svg.
---@return string
function architecture.svg()
  check_steps(rooms.course)
  local lua = graph_of("lua/sms", "%.lua$", of_lua)
  local c = graph_of("src", "%.[ch]$", of_c)
  return drawing.svg {
    floors = { floor_of(lua, rooms.lua, "lua/sms/"), floor_of(c, rooms.c, "src/") },
    course = rooms.course, seam = rooms.seam, kinds = rooms.kinds,
  }
end

return architecture
