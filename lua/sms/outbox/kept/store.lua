--- Receipts, parts of texts and nonces in a Redis: for all machines what sms.stores has for one.
--- In one with the name of an outbox that finds the receipts of its messages.
---
---   store:add(key, seconds)     true where the key is new; it is kept for so long
---   store:get(key)              the record, or nil
---   store:update(key, change)   change(old, is_bare) gives the new record, or nil to remove it;
---                               it is called again where somebody else was faster. `is_bare`:
---                               it is not to tell whom it is about
---   store:remove(key)
---
--- Each answers `nil, why` where Redis fails. A record is a string that begins with a tag, which
--- is another for each that is written: so a question that was not answered can be asked again.

local core = require "sms.core"
local misuse = require "sms.base.misuse"
local pack = require "sms.outbox.kept.pack"
local redis_link = require "sms.limits.redis_link"
local seals = require "sms.outbox.kept.seals"

local store = {}

local KEPT = 8 * 24 * 3600 -- seconds; a result of an outbox is kept for seven days
local TRIES = 1000 -- of one update, while others write the same record
local TAG = 16 -- bytes

local methods = {}
local Store = { __name = "sms.store", __index = methods }

local OPTIONS = { "connect", "release", "name", "seconds", "seal", "keep_texts" }

local scripts = {}

--- ARGV: tag, milliseconds. The answer: 1 where it is new.
scripts.add = [=[
local is_new = redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3])
if not is_new then is_new = redis.call('GET', KEYS[1]) == ARGV[2] end
return {ARGV[1], is_new and '1' or '0'}
]=]

--- The answer: what is there, or ''; 0 where an outbox of the name keeps no texts.
scripts.get = [=[
return {ARGV[1], redis.call('GET', KEYS[1]) or '', redis.call('HGET', KEYS[2], 'texts') or ''}
]=]

--- ARGV: what was there, what shall be there, milliseconds; '' is nothing. The answer: done; other,
--- and what is there now.
scripts.swap = [=[
local is = redis.call('GET', KEYS[1]) or ''
if is ~= ARGV[2] and is ~= ARGV[3] then return {ARGV[1], 'other', is} end
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
end
return {ARGV[1], 'done'}
]=]

--- The answer: done.
scripts.remove = [=[
redis.call('DEL', KEYS[1])
return {ARGV[1], 'done'}
]=]

local function tag()
  return ("%08x%08x"):format(core.random() * 2 ^ 32, core.random() * 2 ^ 32)
end

local function milliseconds(seconds)
  return ("%.0f"):format(math.max(1, math.ceil(seconds * 1000)))
end

--- Asks, and once more where the answer was lost.
---@return table? answer
---@return string? why
local function ask(self, name, key, ...)
  local keys = { self.prefix .. key, self.state }
  local answer, why, is_certain = self.link:ask(scripts[name], keys, ...)
  if not answer and not is_certain then
    answer, why = self.link:ask(scripts[name], keys, ...)
  end
  return answer, why
end

--- The record that a string has; true where there is but a tag.
local function record_of(self, text)
  if text == "" then
    return nil
  elseif #text <= TAG then
    return true
  end
  local record, why = pack.decode(text:sub(TAG + 1), self.seal)
  return record, why and "what is kept in Redis cannot be read: " .. why
end

--- The string for a record.
local function text_of(self, record)
  if record == nil then
    return ""
  end
  local bytes, why = pack.encode(record, self.seal)
  return bytes and tag() .. bytes, why
end

function methods:add(key, seconds)
  misuse.check_key(key, seconds, true)
  local answer, why = ask(self, "add", key, tag(), milliseconds(seconds))
  if not answer then
    return nil, why
  end
  return answer[2] == "1"
end

function methods:get(key)
  misuse.check_key(key)
  local answer, why = ask(self, "get", key)
  if not answer then
    return nil, why
  end
  return record_of(self, answer[2])
end

--- Puts what change makes of a string into its place.
---@return string? other what is there instead by now
---@return any record
---@return string? why
local function exchange(self, key, text, change, is_bare)
  local old, why = record_of(self, text)
  if why then
    return nil, nil, why
  end
  local record = change(old, is_bare)
  local wanted, answer
  wanted, why = text_of(self, record)
  if wanted and (wanted ~= "" or text ~= "") then
    answer, why = ask(self, "swap", key, text, wanted, milliseconds(self.seconds))
  end
  if why then
    return nil, nil, why
  end
  return answer and answer[2] == "other" and answer[3] or nil, record
end

function methods:update(key, change)
  misuse.check_change(key, change)
  local answer, why = ask(self, "get", key)
  if not answer then
    return nil, why
  end
  local text, is_bare = answer[2], not self.keep_texts or answer[3] == "0"
  local record
  for _ = 1, TRIES do
    text, record, why = exchange(self, key, text, change, is_bare)
    if not text then
      return record, why
    end
  end
  return nil, "the record is changed all the time"
end

function methods:remove(key)
  misuse.check_key(key)
  local answer, why = ask(self, "remove", key)
  return answer and true, why
end

misuse.guard(methods, "store")

--- What is wrong with the options, or nil.
local function problem_of(given)
  local problem = redis_link.problem(given)
  if problem then
    return problem
  elseif type(given.name) ~= "string" or given.name == "" then
    return "name: a text was expected"
  elseif given.seconds ~= nil and not misuse.is_period(given.seconds) then
    return "seconds: a number of seconds was expected"
  elseif given.keep_texts ~= nil and type(given.keep_texts) ~= "boolean" then
    return "keep_texts: must be a boolean"
  end
  problem = seals.problem(given.seal)
  return problem and "seal: " .. problem
end

--- A store over a link that is there already.
---@param link table of sms.limits.redis_link
---@param name string
---@param seal userdata? of sms.outbox.kept.seals
---@return table store
function store.over(link, name, seal)
  local base = ("sms:{outbox:%s}:"):format(redis_link.escape(name))
  return setmetatable({
    link = link,
    prefix = base .. "store:",
    state = base .. "state", -- of the outbox
    seconds = KEPT,
    seal = seal,
    keep_texts = true,
  }, Store)
end

--- A store in Redis. `name`: that of the outbox whose receipts it keeps, if there is one;
--- `seconds`: how long records are kept after their last change (eight days); `seal`: as of the
--- outbox; `keep_texts = false`: receipts are kept without numbers.
---@param given table connect, release, name, seconds, seal, keep_texts
---@return table store
function store.new(given)
  local problem, options = misuse.of_options(given, OPTIONS)
  problem = problem or problem_of(options)
  if problem then
    error("sms.redis.store: " .. problem, 2)
  end
  local seal, why = seals.new(options.name, options.seal)
  if why then
    error("sms.redis.store: " .. why, 2)
  end
  local made = store.over(redis_link.new(options.connect, options.release), options.name, seal)
  made.seconds, made.keep_texts = options.seconds or KEPT, options.keep_texts ~= false
  return made
end

return store
