--- What must be looked at at some time, kept in any store that has `get` and an atomic `update`.
--- A note costs the same however many there are: notes of about the same time stand in a heap of
--- pages, of which only the last one is written; a directory has the heaps, about a hundred.
---
---   notes.add(store, window, { key = …, number = …, ends = 1700003600 })
---   notes.take(store, now, function(note) … return later, why end)
---
--- Each note is looked at once its time has come, at least once, by one of all who look.

local plain = require "sms.base.plain"

local notes = {}

local DIRECTORY = "sms:parts"
local HEAPS = 100 -- of a window
local PAGE = 8 -- notes
local LONGEST_KEPT = 30 * 24 * 3600 -- seconds; other stores keep records for less

local function page_key(heap, page)
  return ("%s\n%s\n%d"):format(DIRECTORY, heap, page)
end

local function heap_key(heap)
  return DIRECTORY .. "\n" .. heap
end

--- The heap of a time: its name, and when its first notes are due. Windows may differ.
local function heap_of(window, ends)
  local width = math.max(1, math.ceil(window / HEAPS))
  local index = math.floor(ends / width)
  return ("%.0f/%.0f"):format(index, width), index * width
end

--- A list with one more, or without those that a set has.
local function changed(list, more, struck)
  local copy = {}
  for _, note in ipairs(list) do
    copy[#copy + 1] = not (struck and struck[note.id]) and note or nil
  end
  copy[#copy + 1] = more
  return copy
end

--- Sees to it that the directory has a heap. Heaps that the store itself has forgotten by now
--- leave it: nobody may ever take their notes.
local function enter(store, heap, from, window)
  local directory, why = store:get(DIRECTORY)
  if why or directory and directory[heap] then
    return why
  end
  local kept = type(store.seconds) == "number" and store.seconds or LONGEST_KEPT
  return select(2, store:update(DIRECTORY, function(old)
    local copy = { [heap] = from }
    for name, other in pairs(old or {}) do
      copy[name] = other >= from - window - kept and other or nil
    end
    return copy
  end))
end

--- Adds to the last page of a heap; the heap where that page is full.
local function append(store, heap, note)
  local full
  local _, why = store:update(heap_key(heap), function(old)
    old = old or { pages = 0, version = 0, notes = {} }
    full = #old.notes >= PAGE and old or nil
    return full or { pages = old.pages, version = old.version + 1,
      notes = changed(old.notes, note) }
  end)
  return full, why
end

--- Turns a full page over. What is written stays the same until the heap counts it.
local function turn(store, heap, full)
  local _, why = store:update(page_key(heap, full.pages + 1), function()
    return { notes = full.notes }
  end)
  if why then
    return why
  end
  return select(2, store:update(heap_key(heap), function(old)
    if not old or old.version ~= full.version then
      return old
    end
    return { pages = full.pages + 1, version = full.version + 1, notes = {} }
  end))
end

--- Adds a note.
---@param store table
---@param window number seconds that most notes lie ahead
---@param note { key: string, number: integer, ends: number }
---@return string? why it failed
function notes.add(store, window, note)
  local heap, from = heap_of(window, note.ends)
  note = { key = note.key, number = note.number, ends = note.ends,
    id = ("%s %d %s"):format(plain.number("%.3f", note.ends), note.number, note.key) }
  local full, why
  repeat
    full, why = append(store, heap, note)
    why = why or full and turn(store, heap, full)
  until why or not full
  return why or enter(store, heap, from, window)
end

--- Looks at those of a list whose time has come; which were looked at.
local function look_at(list, now, look, struck)
  for _, note in ipairs(list) do
    if note.ends <= now then
      local why = look(note)
      if why then
        return why
      end
      struck[note.id] = true
    end
  end
end

local function take_page(store, key, now, look)
  local page, why = store:get(key)
  if why or not page then
    return true, why
  end
  local struck, is_empty = {}, false
  why = look_at(page.notes, now, look, struck)
  local _, failure = store:update(key, function(old)
    local left = changed(old and old.notes or {}, nil, struck)
    is_empty = #left == 0
    return not is_empty and { notes = left } or nil
  end)
  return is_empty, why or failure
end

--- Strikes the directory's entry of a heap that is gone, unless it is there again.
local function leave(store, heap, from)
  local _, why = store:update(DIRECTORY, function(old)
    local copy = {}
    for name, other in pairs(old or {}) do
      copy[name] = name ~= heap and other or nil
    end
    return next(copy) and copy or nil
  end)
  if why then
    return why
  end
  local there, failure = store:get(heap_key(heap))
  return failure or there and enter(store, heap, from, 0)
end

local function take_heap(store, heap, from, now, look)
  local state, why = store:get(heap_key(heap))
  local are_empty, struck, is_gone = true, {}, false
  state = state or { pages = 0, notes = {} }
  for page = 1, state.pages do
    local is_empty
    is_empty, why = take_page(store, page_key(heap, page), now, look)
    if why then
      return why
    end
    are_empty = are_empty and is_empty
  end
  why = why or look_at(state.notes, now, look, struck)
  local _, failure = store:update(heap_key(heap), function(old)
    old = old or state
    local left = changed(old.notes, nil, struck)
    local pages = are_empty and old.pages == state.pages and 0 or old.pages
    is_gone = pages == 0 and #left == 0
    return not is_gone and { pages = pages, version = (old.version or 0) + 1, notes = left } or nil
  end)
  why = why or failure
  return why or is_gone and leave(store, heap, from) or nil
end

--- Looks at all notes whose time has come, and strikes them.
---@param store table
---@param now number
---@param look fun(note: table): string? gives back why it failed; then the note stays
---@return string? why
function notes.take(store, now, look)
  local directory, why = store:get(DIRECTORY)
  local due = {}
  for heap, from in pairs(directory or {}) do
    due[#due + 1] = from <= now and { heap, from } or nil
  end
  table.sort(due, function(a, b)
    return a[2] < b[2]
  end)
  for _, heap in ipairs(due) do
    why = why or take_heap(store, heap[1], heap[2], now, look)
  end
  return why
end

return notes
