--- What all workers of an nginx have counted, in its dictionary `sms` where one is declared
--- (lua_shared_dict sms 1m): cells that only grow, which outlive a reload and a worker that is
--- killed; and for some seconds each worker's gauges.
---
--- Nothing is ever put in another's place there: where it is full, a worker keeps what it has
--- counted until there is room. One cell of a call costs a worker a microsecond, so that the pump
--- puts them there, some times a second, for all calls at once.

local counts = require "sms.base.counts"

local dictionary = {}

local ngx = rawget(_G, "ngx")

local NAME = "sms"
-- A store of webhooks may be kept in it, too.
local CELL, LISTED, COUNT, WORKER = "metrics:cell:", "metrics:listed:", "metrics:cells",
  "metrics:worker:"
local PLACES = 128 -- workers that can tell their gauges at the same time
local LIVES = 3 -- seconds after which a worker that tells no more has gone; a busy one's pump turns
-- each second
local LINE = "([^\n]+)\n([^\n]+)\n"

local kept = {} -- places of cells: their keys
local is_full = false
local place -- of this worker's gauges

--- The dictionary, if there is one.
---@return table?
function dictionary.of_nginx()
  return ngx and ngx.shared and ngx.shared[NAME]
end

--- Makes a cell in the dictionary, listed before it has a value. One that somebody else's values
--- have pushed out begins where it was last seen.
local function begin(shared, cell)
  shared:safe_add(COUNT, 0)
  cell.number = cell.number or shared:incr(COUNT, 1) -- once, however often there is no room
  local ok = cell.number and shared:safe_set(LISTED .. cell.number, cell.key)
  if not ok then
    return false
  end
  ok = shared:safe_add(CELL .. cell.key, cell.total or 0)
  return ok or shared:get(CELL .. cell.key) ~= nil
end

--- Adds to the dictionary what a cell has grown by since it was last put there.
local function share(cell)
  local shared = dictionary.of_nginx()
  local more, key = cell.value - cell.shared, CELL .. cell.key
  if not shared or more == 0 and cell.total then
    return
  end
  local total = shared:incr(key, more)
  if not total and begin(shared, cell) then
    total = shared:incr(key, more)
  end
  is_full = not total
  if total then
    cell.shared, cell.total = cell.value, total
  end
end

--- Puts all that this worker has counted into the dictionary.
function dictionary.put()
  for _, cell in ipairs(counts.all()) do
    share(cell)
  end
end

--- A cell as it was told by its key.
local function read(key, value)
  local parts = {}
  for part in (key .. counts.SEPARATOR):gmatch("(.-)" .. counts.SEPARATOR) do
    parts[#parts + 1] = part
  end
  return { name = table.remove(parts, 1), labels = parts, value = value }
end

--- All cells of all workers, as far as they are there.
---@param shared table of dictionary.of_nginx
---@return table[] cells
function dictionary.cells(shared)
  local cells, seen = {}, {}
  for number = 1, shared:get(COUNT) or 0 do
    local key = kept[number] or shared:get(LISTED .. number)
    local value = key and not seen[key] and shared:get(CELL .. key)
    kept[number] = key
    if value then
      seen[key] = true
      cells[#cells + 1] = read(key, value)
    end
  end
  return cells
end

--- Whether a worker's gauges, as they were last told, are those of a process.
local function is_of(told, process)
  return told and told:match "^[^\n]*" == process
end

--- Tells the others this worker's gauges; those that are 0 need not be told.
---@param cells table[]
function dictionary.tell(cells)
  local shared, process = dictionary.of_nginx(), tostring(ngx.worker.pid())
  local lines = { process }
  for _, cell in ipairs(cells) do
    if cell.value > 0 then
      lines[#lines + 1] = ("%s\n%d"):format(cell.key, cell.value)
    end
  end
  local is_mine = place and is_of(shared:get(WORKER .. place), process)
  if not lines[2] then
    if is_mine then
      shared:delete(WORKER .. place)
    end
    return
  end
  local told = table.concat(lines, "\n") .. "\n"
  if is_mine and shared:safe_set(WORKER .. place, told, LIVES) then
    return
  end
  for number = 1, is_mine and 0 or PLACES do
    if shared:safe_add(WORKER .. number, told, LIVES) then
      place = number
      return
    end
  end
end

--- What the other workers told of their gauges: to be added to this one's.
---@param shared table of dictionary.of_nginx
---@param cells table[] changed
function dictionary.add_gauges(shared, cells)
  local process = tostring(ngx.worker.pid())
  for number = 1, PLACES do
    local told = shared:get(WORKER .. number)
    if told and not is_of(told, process) then
      for key, value in told:gsub("^[^\n]*\n", ""):gmatch(LINE) do
        cells[#cells + 1] = read(key, tonumber(value))
      end
    end
  end
end

--- Why not all is in the dictionary, in words; nil where it is.
---@return string?
function dictionary.problem()
  if is_full then
    return "the dictionary sms is full: what workers count is not in the metrics until there is "
      .. "room; declare a larger one (lua_shared_dict sms 1m)"
  end
end

if dictionary.of_nginx() then
  counts.share = share
end

return dictionary
