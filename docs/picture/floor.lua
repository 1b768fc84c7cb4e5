--- Lays out a floor of the picture: boxes in rows, and arrows straight down between them.

local floor = {}

floor.UNIT, floor.LEFT = 62, 20 -- pixels of a column; where the first one begins
floor.LINE, floor.PAD = 15, 10 -- height of a line; blank within a box
local GAP, SPACE = 10, 28 -- between boxes beside and below each other
local CLEAR = 10 -- from an arrow to what it passes

-- Of the widest letters that a font may have, in pixels a character.
floor.SANS, floor.MONO = 7, 6.9

--- Breaks a text into lines.
---@param text string
---@param width number
---@param letter number the width of a character
---@return string[] lines
function floor.wrapped(text, width, letter)
  local lines, line = {}, ""
  for word in text:gmatch "%S+" do
    assert(#word * letter <= width, "docs/picture/rooms.lua leaves no room for " .. word)
    if line ~= "" and (#line + 1 + #word) * letter > width then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return lines
end

--- The modules of a room, those of each folder of it apart.
local function modules_of(modules, width)
  local folders, order = {}, {}
  for _, module in ipairs(modules) do
    local folder, name = module:match "^(.*/)([^/]*)$"
    folder, name = folder or "", name or module
    if not folders[folder] then
      folders[folder] = {}
      order[#order + 1] = folder
    end
    table.insert(folders[folder], name)
  end
  table.sort(order)
  local lines = {}
  for _, folder in ipairs(order) do
    local words = (folder ~= "" and folder .. " " or "") .. table.concat(folders[folder], " ")
    for _, line in ipairs(floor.wrapped(words, width, floor.MONO)) do
      lines[#lines + 1] = line
    end
  end
  return lines
end

local function box_of(entry)
  local place = entry.place
  local box = {
    room = entry.room, row = entry.row, kind = place.kind, steps = place.steps or {},
    title = place.title or entry.room, x = floor.LEFT + place[1] * floor.UNIT + GAP / 2,
    width = (place[2] - place[1]) * floor.UNIT - GAP,
  }
  local inside = box.width - 2 * floor.PAD
  box.says = floor.wrapped(place.says, inside, floor.SANS)
  box.modules = modules_of(entry.modules, inside)
  box.height = 2 * floor.PAD + floor.LINE * (1 + #box.says + #box.modules)
  return box
end

--- The boxes of rooms, by their names, from a height down; and where they end.
---@param entries { room: string, row: integer, modules: string[], place: table }[]
---@param y number
---@return table<string, table> boxes
---@return number bottom
function floor.boxes(entries, y)
  local boxes, heights, last = {}, {}, 1
  for _, entry in ipairs(entries) do
    local box = box_of(entry)
    boxes[box.room], last = box, math.max(last, box.row)
    heights[box.row] = math.max(heights[box.row] or 0, box.height)
  end
  for row = 1, last do
    for _, box in pairs(boxes) do
      if box.row == row then
        box.y, box.height = y, heights[row]
      end
    end
    y = y + heights[row] + SPACE
  end
  return boxes, y - SPACE
end

--- Whether an arrow straight down would touch a box between its ends or another arrow.
local function is_free(x, from, to, boxes, arrows)
  for _, box in pairs(boxes) do
    if box.row > from.row and box.row < to.row and x > box.x - CLEAR
      and x < box.x + box.width + CLEAR then
      return false
    end
  end
  for _, arrow in ipairs(arrows) do
    if math.abs(arrow.x - x) < 2 * CLEAR and arrow.y1 < to.y and arrow.y2 > from.y then
      return false
    end
  end
  return true
end

--- The arrow between two boxes: straight down, as near to the middle as it can be.
local function arrow_of(from, to, boxes, arrows)
  local left = math.max(from.x, to.x) + CLEAR
  local right = math.min(from.x + from.width, to.x + to.width) - CLEAR
  local middle = (left + right) / 2
  for away = 0, (right - left) / 2, 5 do
    for _, x in ipairs { middle - away, middle + away } do
      if is_free(x, from, to, boxes, arrows) then
        return { x = x, y1 = from.y + from.height, y2 = to.y }
      end
    end
  end
  error(("docs/picture/rooms.lua leaves no way for an arrow from %s to %s")
    :format(from.room, to.room))
end

--- The arrows between boxes.
---@param entries table[] as above, with `needs`: which room points to which
---@param boxes table<string, table>
---@return { x: number, y1: number, y2: number }[]
function floor.arrows(entries, boxes)
  local arrows = {}
  for _, entry in ipairs(entries) do
    local names = {}
    for name in pairs(entries.needs[entry.room]) do
      names[#names + 1] = name
    end
    table.sort(names)
    for _, name in ipairs(names) do
      arrows[#arrows + 1] = arrow_of(boxes[entry.room], boxes[name], boxes, arrows)
    end
  end
  return arrows
end

return floor
