--- Follows what was sent until it is final: polls its list at growing intervals, and yields an
--- entry each time its state changes. A list in which entries are new may not be complete: it is
--- read once more, though all of them are final.
---
--- A provider declares `follow = { operation, by, unique, state, is_final, success }`: the list,
--- the parameter that names what is followed, the field by which entries are the same, the state of
--- an entry as a short text, and what it means.

local call = require "sms.call"
local call_options = require "sms.call.options"
local core = require "sms.core"
local errors = require "sms.base.errors"
local plain = require "sms.base.plain"
local runtime = require "sms.runtime"
local schema_options = require "sms.schema.options"

local follow = {}

local SLOWER = 1.5 -- each pause is so much longer than the one before
local JITTER = 0.2 -- and shortened by up to so much of it, so that many do not come at once

local DAY = 86400

local fields = { type = "record", fields = {
  { "interval", type = "record", fields = {
    { "first", type = "number", min = 0.001 },
    { "longest", type = "number", min = 0.001 },
  } },
  { "timeout", type = "number", min = 0.001, default = 3 * DAY }, -- a text is tried for two
  { "visible_within", type = "number", min = 0, default = 30 },
  { "tolerate", type = "number", min = 0, default = 300 },
} }

local BY_PLACE = { "first", "longest" }

--- `interval = { 1, 60 }` is `{ first = 1, longest = 60 }`.
local function named(given)
  local interval = type(given) == "table" and given.interval
  if type(interval) ~= "table" then
    return given
  end
  local copy, by_name = {}, {}
  for name, value in pairs(given) do
    copy[name] = value
  end
  for key, value in pairs(interval) do
    local name = BY_PLACE[key]
    by_name[name and interval[name] == nil and name or key] = value
  end
  copy.interval = by_name
  return copy
end

--- Reads the options.
---@param given table?
---@return table? chosen nil where one is unknown or ill-typed
---@return string? message
function follow.options(given)
  local chosen, message = schema_options.read("follow", fields, given == nil and {} or named(given))
  if not chosen then
    return nil, message
  end
  local interval = chosen.interval or {}
  chosen.first, chosen.longest = interval.first or 1, interval.longest or 60
  if chosen.first > chosen.longest then
    return nil, "follow.interval.first: must be at most interval.longest"
  end
  return chosen
end

--- Seconds until the next look.
---@param chosen { first: number, longest: number }
---@param looks integer that there were so far
---@param random number in [0, 1)
---@return number
function follow.pause(chosen, looks, random)
  local pause = math.min(chosen.longest, chosen.first * SLOWER ^ math.min(looks - 1, 100))
  return pause * (1 - JITTER * random)
end

--- Notes an entry; true where its state has changed. Of each entry one short text
--- is kept, the same for all in the same state.
local function note(self, entry)
  local rule = self.rule
  local final = rule.is_final(entry)
  local state = (final and "+" or "-") .. rule.state(entry)
  local id = entry[rule.unique]
  local before = self.known[id]
  if before == state then
    return false
  end
  local was_open = before ~= nil and before:sub(1, 1) == "-"
  self.open = self.open + (final and 0 or 1) - (was_open and 1 or 0)
  self.count = self.count + (before and 0 or 1)
  self.has_grown = self.has_grown or not before
  self.known[id] = state
  entry.final, entry.success = final, rule.success(entry)
  return true
end

local function now_of(client)
  return core.now() + client.clock.ahead
end

local function ahead_of(self)
  return self.client.clock.ahead
end

--- Reads the list, in the time that is left.
local function look(self)
  local chosen = call_options.for_call(self.client.settings, self.operation)
  local left = self.ends_at - now_of(self.client)
  local bounded = setmetatable({ deadline = math.min(chosen.deadline, left) }, { __index = chosen })
  self.looks = self.looks + 1
  return call.make(self.client, self.operation, { [self.rule.by] = self.id }, bounded)
end

--- Whether a failure to read is no reason to end: not visible yet, or it is transient.
local function may_pass(self, err, now)
  local chosen, is_absent = self.chosen, err.kind == "not_found"
  if is_absent and self.count == 0 then
    return now - self.began <= chosen.visible_within
  elseif not is_absent and not err.retryable then
    return false
  end
  self.failing_since = self.failing_since or now
  return now - self.failing_since <= chosen.tolerate
end

local function failure_of_time(self)
  local err = errors.new {
    kind = "timeout", outcome = "ambiguous", retryable = true,
    message = ("after %s s %s"):format(plain.number("%g", self.chosen.timeout), self.count == 0
      and "nothing can be seen yet" or ("%d of %d have not ended"):format(self.open, self.count)),
  }
  err.provider, err.operation = self.client.provider.name, "follow"
  return err
end

--- Whether all that can be seen has ended.
local function is_final(self)
  return self.count > 0 and self.open == 0
end

--- The next list; nil at the end; nil, err.
local function next_list(self)
  while true do
    local now = now_of(self.client)
    if self.looks > 0 then
      local pause = follow.pause(self.chosen, self.looks, core.random())
      local here = self.client.settings.runtime or runtime.here()
      pause = pause - (ahead_of(self) - self.ahead)
      here.sleep(math.max(0, math.min(pause, self.ends_at - now)))
      now = now_of(self.client)
    end
    if now >= self.ends_at then
      return nil, not is_final(self) and failure_of_time(self) or nil
    end
    local list, err = look(self)
    self.ahead = ahead_of(self)
    if list then
      self.failing_since = nil
      return list
    elseif not may_pass(self, err, now_of(self.client)) then
      return nil, err
    end
  end
end

--- Iterates over the changes of state.
---@param self table the client
---@param id string|table or the answer that has it
---@param chosen table of follow.options
---@return fun(): any, table? after an error the loop runs once more, with `false, err`
function follow.changes(self, id, chosen)
  local rule, now = self.provider.follow, now_of(self)
  if type(id) == "table" then
    id = rawget(id, rule.by)
  end
  local state = {
    client = self, rule = rule, operation = self.operations[rule.operation], id = id,
    chosen = chosen, began = now, ends_at = now + chosen.timeout,
    looks = 0, known = {}, count = 0, open = 0, has_grown = false,
  }
  local list, at, done = nil, 0, false
  return function()
    while not done do
      at = at + 1
      local entry = list and list[at]
      if entry then
        if note(state, entry) then
          return entry
        end
      elseif is_final(state) and not state.has_grown then
        done = true
      else
        local err
        list, at, state.has_grown = nil, 0, false
        list, err = next_list(state)
        done = list == nil
        if err then
          return false, err
        end
      end
    end
  end
end

return follow
