--- One queue for many machines, in a Redis: whoever adds and whoever sends has an object of it.
---
---   scripts/preamble.lua   what lies where
---   scripts/records.lua    the record of an item, and its states
---   adding.lua             `add`
---   looking.lua            `result`, `wait`, `status`, `ambiguous`
---   source.lua, queue/   `source`, and what a run of send_all over one does: a worker
---   deciding.lua           `cancel`, `erase`, `resend`, `settle`, `pause`, `resume`

local adding = require "sms.outbox.adding"
local asking = require "sms.outbox.asking"
local deciding = require "sms.outbox.deciding"
local looking = require "sms.outbox.looking"
local misuse = require "sms.base.misuse"
local needs = require "sms.outbox.needs"
local redis_link = require "sms.limits.redis_link"
local seals = require "sms.outbox.kept.seals"
local source = require "sms.outbox.source"
local store = require "sms.outbox.kept.store"

local outbox = {}

local methods = { add = adding.add, source = source.new }
local Outbox = { __name = "sms.outbox", __index = methods }

local OPTIONS = { "connect", "release", "name", "client", "keep", "keep_texts", "seal", "risk" }

local DAY = 86400 -- seconds
local KEEP, KEEP_MOST = 7, 3660 -- days
local NAME_LONGEST = 200 -- bytes

for _, list in ipairs { looking.methods, deciding.methods } do
  for name, method in pairs(list) do
    methods[name] = method
  end
end

misuse.guard(methods, "outbox")

--- What is wrong with the value of an option, by its name.
local CHECKS = {
  name = function(value)
    if type(value) ~= "string" or value == "" or #value > NAME_LONGEST then
      return ("a text of 1 to %d bytes was expected"):format(NAME_LONGEST)
    end
  end,
  client = function(value)
    if value ~= nil and (type(value) ~= "table" or type(value.provider) ~= "table") then
      return "a client was expected"
    end
  end,
  keep = function(value)
    if value ~= nil and not (type(value) == "number" and value > 0 and value <= KEEP_MOST) then
      return ("a number of days up to %d was expected"):format(KEEP_MOST)
    end
  end,
  keep_texts = function(value)
    if value ~= nil and type(value) ~= "boolean" then
      return "must be a boolean"
    end
  end,
  seal = seals.problem,
  risk = function(value)
    if value ~= nil and value ~= "accepted" then
      return 'must be "accepted" where it is given'
    end
  end,
}

--- What is wrong with the options, or nil.
local function problem_of(given)
  local problem = redis_link.problem(given)
  for _, name in ipairs(problem and {} or OPTIONS) do
    local message = CHECKS[name] and CHECKS[name](given[name])
    if message then
      return name .. ": " .. message
    end
  end
  return problem
end

--- An outbox, or why there is none: a Redis that is away, or that is not set as needed.
---@param given table
---@param messages { of: function, forget: function } what becomes of messages by their receipts
---@return table? outbox
---@return table? err
function outbox.new(given, messages)
  local problem, options = misuse.of_options(given, OPTIONS)
  problem = problem or problem_of(options)
  if problem then
    error("sms.redis.outbox: " .. problem, 2)
  end
  local keep = (options.keep or KEEP) * DAY
  local link = redis_link.new(options.connect, options.release)
  local seal, unsealed = seals.new(options.name, options.seal)
  if unsealed then
    return nil, asking.failure("new", "internal", unsealed)
  end
  local self = setmetatable({
    link = link,
    name = options.name,
    keys = { ("sms:{outbox:%s}:state"):format(redis_link.escape(options.name)) },
    client = options.client,
    keep = ("%.0f"):format(math.max(1, keep * 1000)), -- milliseconds
    keep_texts = options.keep_texts ~= false,
    seal = seal,
    store = store.over(link, options.name, seal),
    messages = messages,
    seen = 0, seen_text = "0/0", -- the highest counter of takes and begins that Redis has told
    longest = 0, -- seconds: of the leases that this process uses
  }, Outbox)
  self.needs = needs.new(self.link, self.keys[1], options.risk)
  local ok, why = self.needs:look()
  if not ok then
    return nil, asking.failure("new", "internal", why)
  end
  local status, err = self:status()
  if not status then
    err.operation = "new"
    return nil, err
  end
  return self
end

return outbox
