--- Joins the parts of long inbound texts, which come in any order, repeated, or not at all.
---
---   local inbound = sms.inbound.new(sms.stores.shared(ngx.shared.sms), { window = 3600 })
---   local message = inbound:add(webhook.fields)        -- false: parts are missing yet
---   for _, message in ipairs(inbound:expired()) do … end   -- what will not get whole
---
--- A text is given once, whether it has one part or more, unless it is put back.
---
--- The references of parts are small and used again: parts that come later than the window
--- after the first, and other parts of the same number, belong to another text.
---
--- A provider declares `webhooks.inbound = { read, join, needs }`: what tells from the fields of a
--- text which one it is and which part of how many, or nothing where they are none of its; what
--- makes the fields of the whole; what a text must have, in words.

local errors = require "sms.base.errors"
local groups = require "sms.incoming.groups"
local misuse = require "sms.base.misuse"
local registry = require "sms.base.registry"
local texts = require "sms.incoming.texts"

local inbound = {}

local WINDOW = 3600 -- seconds; providers advise ten minutes to a day

local Inbound = {}

local function key_of_single(part)
  return "sms:text:" .. part.id
end

local function is_single(part)
  return not part.number or part.total == 1
end

--- What the fields of a text must have, in words.
local function needs()
  local words = {}
  for i, declared in ipairs(registry.collect("webhooks", "inbound")) do
    words[i] = declared.needs
  end
  return table.concat(words, ", or ")
end

local function store_failed(why)
  return nil, errors.of_store("inbound", why)
end

--- A text of one part, the first time it comes.
local function single(self, fields, part)
  local is_new
  local _, why = self.store:update(key_of_single(part), function(old)
    is_new = old == nil
    return { given = true }
  end)
  if why then
    return store_failed(why)
  end
  return is_new and groups.joined { fields }
end

--- Raises where the program stands, if that gives a time that is none.
local function check_now(now)
  if now ~= nil and not (type(now) == "number" and math.abs(now) < math.huge) then
    error("inbound: now: seconds since 1970 were expected", 3)
  end
end

--- The first part of a message that was given; nil where it is none.
local function part_of(message)
  local parts = type(message) == "table" and message.parts
  for _, fields in ipairs(type(parts) == "table" and parts or {}) do
    if type(fields) ~= "table" or not groups.read(fields) then
      return nil
    end
  end
  return type(parts) == "table" and parts[1] and groups.read(parts[1]) or nil
end

--- Takes in an inbound text.
---@param fields table of read_webhook
---@param now number? seconds since 1970; left out: now
---@return { fields: table, complete: boolean, missing: integer[], parts: table[] }|false|nil
---  message false where parts are missing, or where it was given before
---@return table? err
function Inbound:add(fields, now)
  check_now(now)
  local part = type(fields) == "table" and groups.read(fields)
  if not part then
    return nil, errors.here("invalid", "inbound",
      "the fields of an inbound SMS were expected, with " .. needs())
  elseif is_single(part) then
    return single(self, fields, part)
  end
  local whole, why = texts.add(self, fields, part, now or os.time())
  if whole then
    return groups.joined(whole) -- given, even if what comes after that could not be written
  elseif why then
    return store_failed(why)
  end
  return false
end

--- Gives up what has waited for its parts as long as the window, and forgets what is older;
--- to be called now and then.
---@param now number? seconds since 1970; left out: now
---@return table[]? messages those parts that there are
---@return table? err
function Inbound:expired(now)
  check_now(now)
  local messages, why = texts.expired(self, now or os.time())
  if why and not messages[1] then
    return store_failed(why)
  end
  return messages
end

--- Takes back a message that could not be dealt with: a repeat of one of its parts gives it
--- again, or else `expired` does.
---@param message table of `add` or `expired`
---@param now number? seconds since 1970; left out: now
---@return boolean? ok
---@return table? err
function Inbound:put_back(message, now)
  check_now(now)
  local part = part_of(message)
  local why
  if not part then
    return nil, errors.here("invalid", "inbound", "a message of add or expired was expected")
  elseif is_single(part) then
    why = select(2, self.store:update(key_of_single(part), function() return nil end))
  else
    why = texts.put_back(self, message.parts, now or os.time())
  end
  if why then
    return store_failed(why)
  end
  return true
end

misuse.guard(Inbound, "inbound")

--- Joins parts.
---@param store table any object with `get` and an atomic `update` (see sms.stores), which keeps
---  records for longer than the window
---@param options { window: number? }? seconds to wait for the parts of a text (an hour)
---@return table
function inbound.new(store, options)
  misuse.check_dot(inbound, store, "sms.inbound.new")
  local is_object = type(store) == "table" or type(store) == "userdata"
  if not (is_object and store.get and store.update) then
    error("sms.inbound: a store with get and update was expected", 2)
  end
  local problem, read = misuse.of_options(options, { "window" })
  local window = read.window == nil and WINDOW or read.window
  if problem then
    error("sms.inbound: " .. problem, 2)
  elseif not misuse.is_period(window) then
    error("sms.inbound: window: a number of seconds was expected", 2)
  end
  return setmetatable({ store = store, window = window },
    { __name = "sms.inbound", __index = Inbound })
end

return inbound
