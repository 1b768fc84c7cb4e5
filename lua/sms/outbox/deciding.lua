--- What people and programs decide about items, and about the outbox as a whole.

local asking = require "sms.outbox.asking"
local pack = require "sms.outbox.kept.pack"
local scripts = require "sms.outbox.scripts.people"

local deciding = {}

local methods = {}
deciding.methods = methods

local REASON_LONGEST = 500 -- bytes
local SETTLED = { accepted = true, rejected = true, not_sent = true }

--- Takes an item back that nobody has begun to send.
---@param which string|integer its id, or its key
---@return { cancelled: boolean, state: string }? done
---@return table? err
function methods:cancel(which)
  local ended, why = pack.encode({ kind = "cancelled", outcome = "not_sent", retryable = false,
    provider = "outbox", operation = "cancel", message = "it was cancelled" }, self.seal)
  if not ended then
    return nil, asking.failure("cancel", "internal", why)
  end
  local answer, err = asking.about(self, "cancel", scripts.cancel, which, ended)
  if not answer then
    return nil, err
  end
  return { cancelled = answer[2] == "1", state = answer[3] }
end

--- Forgets the params, the key and the result of an item, and whom its receipts are about; one
--- that waits is cancelled. What is being sent is forgotten when it has ended: then `erased` is
--- false.
---@param which string|integer its id, or its key
---@return { erased: boolean, state: string }? done
---@return table? err
function methods:erase(which)
  local answer, err, done
  repeat -- without its result nobody knows which its receipts are: these first
    answer, err = asking.about(self, "erase", scripts.result, which)
    local why = answer and asking.forget_receipts(self, "erase", answer[5], answer[6])
    if answer and not why then
      done, err = asking.about(self, "erase", scripts.erase, which, answer[3], answer[4])
    end
    if not done then
      return nil, err or asking.failure("erase", "internal", why)
    end
  until done[1] ~= "changed"
  return { erased = done[2] == "1", state = done[3] }
end

--- What scripts of one ambiguous item have said: true, or nil and why not.
local function decided(operation, answer, err)
  if not answer then
    return nil, err
  elseif answer[1] == "other" then
    return nil, asking.failure(operation, "invalid", ("it is not ambiguous: it is %s%s"):format(
      answer[2], answer[3] ~= "" and ", " .. answer[3] or ""))
  elseif answer[1] == "erased" then
    return nil, asking.failure(operation, "invalid", "it was erased: there is nothing to send")
  end
  return true
end

--- Has an ambiguous item sent again, which may be the second time.
---@param which string|integer its id, or its key
---@return boolean? done
---@return table? err
function methods:resend(which)
  return decided("resend", asking.about(self, "resend", scripts.resend, which))
end

--- Says how an ambiguous item has ended.
---@param which string|integer its id, or its key
---@param outcome "accepted"|"rejected"|"not_sent"
---@return boolean? done
---@return table? err
function methods:settle(which, outcome)
  if not SETTLED[outcome] then
    error('settle: "accepted", "rejected" or "not_sent" was expected', 2)
  end
  local answer, err = asking.about(self, "settle", scripts.settle, which, outcome)
  return decided("settle", answer, err)
end

local function told(self, operation, script, ...)
  local answer, why = asking.ask(self, script, ...)
  if not answer then
    return nil, asking.failure(operation, "internal", why)
  end
  return true
end

--- Nobody begins to send anything from when this has returned until `resume`.
---@param reason string? for people
---@return boolean? done
---@return table? err
function methods:pause(reason)
  if reason ~= nil and (type(reason) ~= "string" or #reason > REASON_LONGEST) then
    error(("pause: a text of at most %d bytes was expected"):format(REASON_LONGEST), 2)
  end
  return told(self, "pause", scripts.pause, reason or "paused")
end

--- Ends a pause.
---@return boolean? done
---@return table? err
function methods:resume()
  return told(self, "resume", scripts.resume)
end

return deciding
