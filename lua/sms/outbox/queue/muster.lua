--- What a worker tells a Redis that may have lost something (sms.outbox.scripts.loss): what it
--- holds, and how the last of what it held has ended, or that it went back.

local core = require "sms.core"
local mustering = require "sms.outbox.scripts.mustering"
local unpack = require "sms.base.unpack"

local muster = {}

local PAST, PAST_BYTES = 1000, 4 * 1024 * 1024 -- what is remembered of what is not held any more
local A_SCRIPT = 50 -- items
local ROUNDS = 5 -- of telling, while musters follow each other

--- Nothing is remembered.
---@return table
function muster.new()
  return { first = 1, last = 0, list = {}, bytes = 0, changed = {} }
end

local function bytes_of(handle)
  local fate = handle.fate
  return #handle.name + #fate.result + #fate.err
end

--- Remembers what became of an item.
---@param past table
---@param handle table
---@param fate "ended"|"queued"
---@param outcome string?
---@param result string? packed
---@param err string? packed
function muster.remember(past, handle, fate, outcome, result, err)
  if handle.token == "" then
    return -- it was told alone
  end
  past.bytes = past.bytes - (handle.is_remembered and bytes_of(handle) or 0)
  past.changed[#past.changed + 1] = past.is_telling and handle or nil
  handle.fate = { name = fate, outcome = outcome or "", result = result or "", err = err or "" }
  handle.params = "" -- it is Redis' alone from now on, which may have been told to erase it
  past.bytes = past.bytes + bytes_of(handle)
  if not handle.is_remembered then
    past.last, handle.is_remembered = past.last + 1, true
    past.list[past.last] = handle
  end
  while past.last - past.first >= PAST or past.bytes > PAST_BYTES and past.first < past.last do
    local oldest = past.list[past.first]
    past.bytes, oldest.is_remembered = past.bytes - bytes_of(oldest), nil
    past.list[past.first] = nil
    past.first = past.first + 1
  end
end

--- All that is held or remembered, by id.
local function all_of(queue)
  local all, is_there = {}, {}
  local function add(handle)
    if handle.token ~= "" and not is_there[handle] then
      all[#all + 1], is_there[handle] = handle, true
    end
  end
  local lapsed = core.now() - queue.source.lease
  for _, handle in ipairs(queue.held:all()) do
    handle.has_lapsed = handle.has_lapsed or handle.renewed < lapsed -- others may have had it
    add(handle)
  end
  for i = queue.past.first, queue.past.last do
    add(queue.past.list[i])
  end
  return all
end

local NOTHING = { outcome = "", result = "", err = "" }

--- How far an item is.
local function fate_of(handle)
  if handle.is_telling and not handle.is_released then
    return "telling"
  end
  local name = handle.fate and handle.fate.name or handle.begun and "begun"
  return name or handle.has_lapsed and "queued" or "taken"
end

--- Adds what is told of an item to words.
local function add_words(words, handle, is_whole)
  local fate = handle.fate or NOTHING
  for _, word in ipairs { handle.id, handle.token, handle.begun or "0", fate_of(handle),
    fate.outcome, fate.result, fate.err, handle.public.priority, handle.is_bare and "0" or "1",
    is_whole and handle.name or "", is_whole and handle.key or "",
    is_whole and handle.params or "", is_whole and handle.not_after or "" } do
    words[#words + 1] = word
  end
end

--- Tells of some items.
---@return string[]? missing ids of those that Redis does not know, where not all of them was told
---@return integer? lost
local function tell(queue, handles, first, is_whole)
  local outbox, words = queue.source.outbox, {}
  for i = first, math.min(#handles, first + A_SCRIPT - 1) do
    add_words(words, handles[i], is_whole)
  end
  local answer = queue.line:put(mustering.tell, queue.source.worker, outbox.keep,
    is_whole and "1" or "0", unpack(words))
  if answer then
    return { unpack(answer, 2) }, tonumber(answer[1])
  end
end

--- Tells of all items, and of those that Redis does not know once more.
---@return boolean? done
---@return integer lost
local function tell_all(queue, handles, is_whole)
  local by_id, unknown, most = {}, {}, 0
  for _, handle in ipairs(handles) do
    by_id[handle.id] = handle
  end
  for first = 1, math.max(1, #handles), A_SCRIPT do
    local missing, lost = tell(queue, handles, first, is_whole)
    if not missing then
      return nil, 0
    end
    most = math.max(most, lost)
    for _, id in ipairs(missing) do
      unknown[#unknown + 1] = by_id[id]
    end
  end
  if unknown[1] and not is_whole then
    return tell_all(queue, unknown, true), most
  end
  return true, most
end

local LOST = "Redis has lost the last %d takes and begins, and what was added since then, unless a "
  .. "worker had it: add that again, with the same keys"

--- Tells of all of it. What has changed meanwhile, where calls go on side by side, is told again.
---@return boolean done
local function tell_through(queue, current)
  local past, line = queue.past, queue.line
  local handles, most = all_of(queue), 0
  for _ = 1, ROUNDS do
    past.changed = {}
    local done, lost = tell_all(queue, handles)
    most = math.max(most, lost)
    if not done or queue.source.outbox.muster ~= current then
      return false
    elseif not past.changed[1] then
      line.mustered = current
      if most > 0 then
        queue.run.warn(LOST:format(most))
      end
      return true
    end
    handles = past.changed
  end
  return false
end

--- Tells of all of it, where a muster has begun since it was told last.
---@param queue table
---@return boolean done
function muster.tell(queue)
  local outbox, line, past = queue.source.outbox, queue.line, queue.past
  if past.is_telling then
    return false
  end
  past.is_telling = true
  for _ = 1, ROUNDS do
    if outbox.muster == line.mustered or line.is_away or tell_through(queue, outbox.muster) then
      break
    end
  end
  past.is_telling, past.changed = nil, {}
  return outbox.muster == line.mustered
end

return muster
