--- Exit codes, and the count of outcomes that one of them is made of.
---
---   local tally = outcome.tally()
---   tally:add "accepted"      -- or an error of the library
---   tally:code()              -- 0

local outcome = {}

outcome.OK, outcome.FAILED, outcome.MISUSE, outcome.INTERRUPTED = 0, 1, 2, 130
outcome.CLOSED = 141 -- as of a process that a closed pipe ends
outcome.REJECTED, outcome.NOT_SENT, outcome.AMBIGUOUS, outcome.SOME = 4, 3, 5, 6

-- For --help and the man page, in this order.
outcome.CODES = {
  { 0, "all was accepted, or what was asked for was told or done" },
  { 1, "a read, `check`, `doctor` or a change to an outbox failed" },
  { 2, "misuse: an option, a missing credential, a question that nobody can answer" },
  { 3, "not sent: nothing was taken; it can be sent again once the cause is gone" },
  { 4, "rejected: the provider refused it; of `worker`: it refused the account" },
  { 5, "ambiguous: at least one may have been sent or not; do not simply send it again" },
  { 6, "some were taken and some not" },
  { 130, "ended by Ctrl-C" },
}

local Tally = {}
Tally.__index = Tally

--- Counts one more.
---@param what string|table? an outcome, or an error of the library; nil: accepted
function Tally:add(what)
  local name = what or "accepted"
  if type(what) == "table" then
    name = what.kind == "partial" and "partial" or what.outcome
  end
  -- What is not known is nothing that can be sent again.
  name = self.counts[name] and name or "ambiguous"
  self.counts[name] = self.counts[name] + 1
end

--- The exit code of all that was counted.
---@return integer
function Tally:code()
  local counts = self.counts
  local untaken = counts.rejected + counts.not_sent
  if counts.ambiguous > 0 then
    return outcome.AMBIGUOUS
  elseif counts.partial > 0 or counts.accepted > 0 and untaken > 0 then
    return outcome.SOME
  elseif counts.rejected > 0 then
    return outcome.REJECTED
  end
  return counts.not_sent > 0 and outcome.NOT_SENT or outcome.OK
end

--- Makes an empty count: `counts.accepted`, `.partial` (some of the parts of one message),
--- `.rejected`, `.not_sent`, `.ambiguous`.
---@return table
function outcome.tally()
  return setmetatable({
    counts = { accepted = 0, partial = 0, rejected = 0, not_sent = 0, ambiguous = 0 },
  }, Tally)
end

--- Whether something that was raised is Ctrl-C, which lua and luajit raise as this text.
---@param raised any
---@return boolean
function outcome.is_interrupt(raised)
  return type(raised) == "string" and raised:find "interrupted!$" ~= nil
end

return outcome
