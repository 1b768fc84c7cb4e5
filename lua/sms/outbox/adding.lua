--- `add`: checks and packs what is given, all of it before any of it is added, and adds it in
--- scripts of a hundred.

local asking = require "sms.outbox.asking"
local core = require "sms.core"
local errors = require "sms.base.errors"
local given_items = require "sms.outbox.given_items"
local pack = require "sms.outbox.kept.pack"
local scripts = require "sms.outbox.scripts.adding"
local unpack = require "sms.base.unpack"

local adding = {}

local A_SCRIPT = 100 -- items
local SCRIPT_LONGEST = 4 * 1024 * 1024 -- bytes of their params
local ITEM_LONGEST = 64 * 1024 -- bytes
local FOREIGN = "the outbox has items for %s: another provider's belong in another outbox"
local REPEATED = 300 -- seconds in which a question may be asked again: half of what Redis remembers

--- A text that nobody else has.
local function new_mark()
  local words = {}
  for i = 1, 3 do
    words[i] = ("%08x"):format(math.floor(core.random() * 2 ^ 32))
  end
  return table.concat(words)
end

local function failure(message, outcome)
  return asking.failure("add", "internal", message, outcome)
end

--- Packs what is to be added: each key once.
---@return table[]? entries { key, name, params, count }, in order
---@return table[]|table places of each item, or what is wrong
local function packed(self, found)
  local entries, places, by_hash, problems = {}, {}, {}, {}
  for i, one in ipairs(found) do
    local entry = one.hash and by_hash[one.hash]
    if not entry then
      local params, why, is_internal = pack.encode(one.item, self.seal, ITEM_LONGEST)
      local name = ""
      if params and one.key then
        name, why, is_internal = pack.encode(one.key, self.seal)
      end
      if is_internal then
        return nil, failure(why)
      end
      entry = { params = params, key = one.hash and "k" .. one.hash or "r" .. new_mark(),
        name = name }
      if params then
        entries[#entries + 1] = entry
      else
        problems[#problems + 1] = { path = found.path(i), message = why }
      end
      by_hash[one.hash or entry] = entry
    end
    places[i] = entry
  end
  if problems[1] then
    local err = errors.invalid(problems)
    err.provider, err.operation = "outbox", "add"
    return nil, err
  end
  return entries, places
end

--- The entries of one script, from `first` on: the last of them, and its arguments.
local function words_of(entries, first)
  local words, last, bytes = {}, first - 1, 0
  repeat
    last = last + 1
    local entry = entries[last]
    for _, word in ipairs { entry.key, entry.name, entry.params } do
      words[#words + 1] = word
      bytes = bytes + #word
    end
  until last == #entries or last - first + 1 == A_SCRIPT or bytes > SCRIPT_LONGEST
  return last, words
end

--- Asks to add, and once more where an answer was lost: what was added by then is known by its
--- key, unless this process or its machine stood still so long that Redis has forgotten that.
---@return string[]? answer
---@return string? why
---@return boolean? is_certain that nothing was done
local function ask(self, how, words)
  local function once(till)
    return asking.ask(self, scripts.add, how.mark, how.priority, how.due, how.latest, self.keep,
      how.texts, till, how.provider, unpack(words))
  end
  local answer, why, is_certain = once "0"
  if answer or is_certain then
    return answer, why, is_certain
  end
  local again, other = once(asking.time_in(self, REPEATED))
  if again and again[1] == "late" then
    return nil, why, false
  end
  return again, other, false
end

--- Takes back what was added of a list, up to the last entry that was asked for.
---@return boolean is_certain that nothing is left of it
local function withdraw(self, mark, entries, last)
  local is_whole = true
  for first = 1, last, A_SCRIPT do
    local words = {}
    for i = first, math.min(last, first + A_SCRIPT - 1) do
      if entries[i].is_new ~= false then
        words[#words + 1] = entries[i].id or ""
        words[#words + 1] = entries[i].key
      end
    end
    local answer = asking.ask(self, scripts.withdraw, mark, unpack(words))
    if not answer then
      return false
    end
    is_whole = is_whole and answer[1] == "0"
  end
  return is_whole
end

--- The error of what could not be added, when what was added of it is taken back.
local function failed(self, mark, entries, last, why, is_certain)
  local is_gone = (is_certain or entries[1].id) and withdraw(self, mark, entries, last)
  if is_certain and is_gone then
    return failure(why)
  end
  local what = entries[2] and "some of the items" or "the item"
  return failure(("%s; %s may have been added"):format(why, what), "ambiguous")
end

--- Adds all entries, or none.
---@return boolean? done
---@return table? err
local function add_all(self, entries, chosen)
  local ok, unsafe = self.needs:allows(self.server)
  if not ok then
    return nil, failure(unsafe)
  end
  local mark, first = new_mark(), 1
  local how = { mark = mark, priority = chosen.priority, texts = self.keep_texts and "1" or "0",
    due = asking.microseconds(chosen.not_before or 0),
    latest = asking.microseconds(chosen.not_after or 0),
    provider = self.client and self.client.provider.name or "" }
  while first <= #entries do
    local last, words = words_of(entries, first)
    local answer, why, is_certain = ask(self, how, words)
    if not answer then
      return nil, failed(self, mark, entries, is_certain and first - 1 or last, why, is_certain)
    elseif answer[1] == "other" then
      return nil, failed(self, mark, entries, first - 1, FOREIGN:format(answer[2]), true)
    end
    ok, unsafe = self.needs:allows(self.server) -- which may be another one since this answer
    if not ok then
      return nil, failed(self, mark, entries, last, unsafe, true)
    end
    for i = first, last do
      entries[i].id, entries[i].is_new = answer[2 * (i - first) + 1],
        answer[2 * (i - first) + 2] == "1"
    end
    asking.note_time(self, entries[last].id)
    first = last + 1
  end
  return true
end

--- What a caller is told of each item: new is the first of a key that was not there.
local function told(places)
  local list, seen = {}, {}
  for i, entry in ipairs(places) do
    list[i] = { id = entry.id, is_new = entry.is_new and not seen[entry] }
    seen[entry] = true
  end
  return list
end

--- Adds an item, or all items of a list or none of them. The same key, whatever became of it, is
--- one message: the first params win.
---@param given table what send_all takes as an item, or a list of such
---@param options { key: string|integer|(fun(item: table): any)|nil, priority: "high"|"bulk"|nil,
---  not_before: number?, not_after: number? }? times in seconds since 1970, by Redis' clock
---@return table? added `{ id, is_new }`, or a list of these
---@return table? err where its outcome is `ambiguous`, some of it may be there
function adding.add(self, given, options)
  local chosen, message = given_items.options(given, options)
  if not chosen then
    error("add: " .. message, 2)
  end
  local found, err = given_items.read(self, given, chosen)
  if not found then
    return nil, err
  end
  local entries, places = packed(self, found)
  if not entries then
    return nil, places
  end
  local done
  done, err = add_all(self, entries, chosen)
  if not done then
    return nil, err
  end
  local list = told(places)
  return chosen.is_list and list or list[1]
end

return adding
