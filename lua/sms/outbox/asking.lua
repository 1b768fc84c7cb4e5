--- How an outbox asks its Redis, and what it says of a Redis that does not answer.

local core = require "sms.core"
local errors = require "sms.base.errors"
local keys = require "sms.outbox.keys"
local pack = require "sms.outbox.kept.pack"
local redis_link = require "sms.limits.redis_link"

local asking = {}

local UNKNOWN = {
  unknown = "no item has that id or key, or it ended too long ago",
  both = "that is the id of one item and the key of another",
}

--- Whole microseconds as text: `tostring` rounds large numbers, differently in each Lua.
---@param seconds number
---@return string
function asking.microseconds(seconds)
  return ("%.0f"):format(seconds * 1e6)
end

--- Runs a script. What it says of the counter and the server is remembered: the next question
--- carries it, so that a server that knows less finds out.
---@param self table the outbox
---@param script string
---@param ... string its own arguments
---@return string[]? answer without what all begin with
---@return string? why
---@return boolean? is_certain that nothing was done
function asking.ask(self, script, ...)
  local answer, why, is_certain = self.link:ask(script, self.keys, self.seen_text,
    asking.microseconds(self.longest), ...)
  if not answer then
    return nil, why, is_certain
  end
  local seen = tonumber(tostring(answer[2]):match "^(%d+)/%d+$")
  if not seen or type(answer[3]) ~= "string" or type(answer[4]) ~= "string" then
    return nil, redis_link.NONSENSE
  elseif seen > self.seen then
    self.seen, self.seen_text = seen, answer[2]
  end
  self.server, self.muster = answer[3], answer[4]
  local said = {}
  for i = 5, #answer do
    said[i - 4] = answer[i]
  end
  return said
end

--- Notes a time of Redis' clock that has just been told.
---@param text string microseconds
function asking.note_time(self, text)
  self.told_time, self.told_at = keys.whole(text), core.now()
end

--- A time that Redis' clock has at most in so many seconds: what is not seen here, such as a pause
--- of the machine, is missing in it.
---@param seconds number
---@return string microseconds
function asking.time_in(self, seconds)
  return ("%.0f"):format(self.told_time + (core.now() - self.told_at + seconds) * 1e6)
end

--- An error of a call of the outbox.
---@param operation string
---@param kind string
---@param message string
---@param outcome string? not_sent if left out
---@return table
function asking.failure(operation, kind, message, outcome)
  return errors.new { kind = kind, outcome = outcome or "not_sent", provider = "outbox",
    operation = operation, message = message }
end

--- Asks a script about one item. Misuse is raised where the caller's caller stands.
---@return string[]? answer
---@return table? err
function asking.about(self, operation, script, which, ...)
  local id, key, why = keys.either(which)
  if not id then
    error(operation .. ": an id or a key was expected", 3)
  elseif not key then
    return nil, asking.failure(operation, "internal", why)
  end
  local answer
  answer, why = asking.ask(self, script, id, key, ...)
  if not answer then
    return nil, asking.failure(operation, "internal", why)
  elseif UNKNOWN[answer[1]] then
    return nil, asking.failure(operation, answer[1] == "both" and "invalid" or "not_found",
      UNKNOWN[answer[1]])
  end
  return answer
end

--- Unpacks a value; '' is none.
---@return any value
---@return table? err
function asking.unpacked(self, operation, bytes)
  if bytes == "" then
    return nil
  end
  local value, why = pack.decode(bytes, self.seal)
  if value == nil then
    return nil, asking.failure(operation, "internal", "what Redis has cannot be read: " .. why)
  end
  return value
end

--- Forgets whom receipts are about.
---@param operation string
---@param result string packed, of what they are the receipts; '' is none
---@param failure string packed
---@return string? why it could not be done
function asking.forget_receipts(self, operation, result, failure)
  local sent = asking.unpacked(self, operation, result)
  local err = asking.unpacked(self, operation, failure)
  return self.messages.forget(self.store, sent or err and err.result)
end

return asking
