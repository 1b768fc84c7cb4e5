--- The state of a part by the receipts that came for it, and that of a message by its parts.
--- Pure.

local plain = require "sms.base.plain"
local time = require "sms.base.time"

local states = {}

local MOST = 16 -- different receipts of one part; a provider sends two or three

-- How much a status says: providers put their own words into these. Words that are not here say
-- less than any other; of several of these the later holds, by the provider's time, and without
-- one by arrival.
local LEVELS = { accepted = 1, buffered = 2, unknown = 3, delivered = 4, expired = 4, failed = 4,
  rejected = 4, undeliverable = 4 }
local DOUBTFUL, FINAL = 3, 4

-- Of the same time: what is worse comes later, so that it is a conflict.
local RANKS = { delivered = 1, failed = 2, undeliverable = 3, expired = 4, rejected = 5 }

-- What a message is, when its parts differ: the first of these that one of them is. `sent` is
-- a part without a receipt; words that are not documented stand beside it.
local WORST = { refused = 1, rejected = 2, failed = 3, undeliverable = 4, expired = 5, sent = 6,
  accepted = 7, buffered = 8, unknown = 9, delivered = 10 }

local LATEST = "9999999999999999" -- a receipt without its time comes after all that have one

local FIRST = { time = "", number = 0 } -- of receipts that versions before this one have kept

--- A receipt's time so that the order of texts is that of times, however it is written:
--- milliseconds since 1970; a time without a zone is UTC. What is no time stays as it is.
local function time_of(receipt, declared)
  local text = receipt[declared.time]
  local seconds = text and (time.parse(text) or time.parse(text:gsub(" ", "T", 1) .. "Z"))
  return seconds and ("%016.0f"):format(seconds * 1000) or text
end

local function level_of(receipt)
  return LEVELS[receipt.status] or 0
end

--- Whether one of two that are equal so far comes first.
local function is_less(a, b, declared)
  for _, name in ipairs(declared.kept) do
    local one, two = a[name] or "", b[name] or ""
    if one ~= two then
      return plain.is_before(one, two)
    end
  end
  return false
end

--- Of two of unknown words, whether the first holds. `arrived` is what `arrival` made of it.
local function is_later(a, b, declared)
  local one, two = a.arrived or FIRST, b.arrived or FIRST
  if one.time ~= two.time then
    return plain.is_before(two.time, one.time)
  elseif one.number ~= two.number then
    return one.number > two.number
  end
  return is_less(a, b, declared)
end

--- A total order: the receipt that holds comes first.
local function is_before(a, b, declared)
  if level_of(a) ~= level_of(b) then
    return level_of(a) > level_of(b)
  elseif level_of(a) == 0 then
    return is_later(a, b, declared)
  end
  local one, two = time_of(a, declared) or LATEST, time_of(b, declared) or LATEST
  if one ~= two then
    return plain.is_before(one, two)
  end
  local rank, other_rank = RANKS[a.status] or 0, RANKS[b.status] or 0
  if rank ~= other_rank then
    return rank < other_rank
  end
  return is_less(a, b, declared)
end

--- The place of a receipt of an unknown word among the others of such words: its time, and how
--- many words had come before. One without a time is as late as those that were here already.
local function arrival(list, receipt, declared)
  local at, number, latest = time_of(receipt, declared), 0, ""
  for _, other in ipairs(list) do
    local arrived = other.arrived
    if arrived then
      number = math.max(number, arrived.number)
      latest = plain.is_before(latest, arrived.time) and arrived.time or latest
    end
  end
  at = at or latest
  for _, other in ipairs(list) do
    local arrived = other.arrived
    if arrived and other.status == receipt.status and arrived.time == at then
      return arrived
    end
  end
  return { time = at, number = number + 1 }
end

local function is_repeat(receipt, other, declared)
  return other.status == receipt.status and other[declared.code] == receipt[declared.code]
end

--- Of two that say the same, the one that is kept. An unknown word that comes again without a
--- time is a repeat.
local function chosen(receipt, other, declared)
  if level_of(receipt) > 0 then
    return is_before(receipt, other, declared) and receipt or other
  end
  local one, two = time_of(receipt, declared) or "", time_of(other, declared) or ""
  local is_kept = plain.is_before(two, one) or one == two and is_less(receipt, other, declared)
  return is_kept and receipt or other
end

--- The receipts of a part with another one among them.
---@param list table[]?
---@param receipt table changed
---@param declared { kept: string[], time: string, code: string } of the provider
---@return table[]
function states.with(list, receipt, declared)
  local merged, is_new = {}, true
  if level_of(receipt) == 0 then
    receipt.arrived = arrival(list or {}, receipt, declared)
  end
  for _, other in ipairs(list or {}) do
    if is_repeat(receipt, other, declared) then
      is_new, other = false, chosen(receipt, other, declared)
    end
    merged[#merged + 1] = other
  end
  if is_new then
    merged[#merged + 1] = receipt
  end
  table.sort(merged, function(a, b)
    return is_before(a, b, declared)
  end)
  merged[MOST + 1] = nil
  return merged
end

local function copy_of(receipt)
  local copy = {}
  for name, value in pairs(receipt) do
    copy[name] = value
  end
  copy.arrived = nil
  return copy
end

--- The state of one part.
---@param id string
---@param record { receipts: table[] }?
---@return table
function states.of_part(id, record)
  local list = record and record.receipts or {}
  local first = list[1]
  local level = first and level_of(first) or 0
  local state = { id = id, status = first and first.status or "sent", final = level >= DOUBTFUL,
    doubtful = level == DOUBTFUL, receipt = first and copy_of(first), conflicts = {} }
  for i = 2, #list do
    if level_of(list[i]) == FINAL and list[i].status ~= first.status then
      state.conflicts[#state.conflicts + 1] = copy_of(list[i])
    end
  end
  return state
end

--- The state of a message by those of its parts.
---@param parts table[]
---@return table
function states.of_message(parts)
  local message = { final = true, doubtful = false, conflict = false, parts = parts }
  local worst
  for _, part in ipairs(parts) do
    local rank = WORST[part.status] or WORST.sent
    if not worst or rank < worst then
      worst, message.status = rank, part.status
    end
    message.final = message.final and part.final
    message.doubtful = message.doubtful or part.doubtful
    message.conflict = message.conflict or #part.conflicts > 0
  end
  return message
end

return states
