--- The token of an application in requests: there when it is needed, and made anew once where
--- the provider refused it. C makes and keeps it.

local state = require "sms.call.state"
local time = require "sms.base.time"

local bearer = {}

local NOTICEABLE = 10 -- seconds that clocks may differ by, in an answer's time

--- Sees to it that the client has a token that serves.
---@param call table
---@return number? serial nil where none can be made
---@return string? why
function bearer.renew(call)
  local self = call.client
  local serial, why = self.credentials:renew_token(state.date(self), self.refused_token or 0)
  call.token = serial
  return serial, why
end

--- How far apart the clocks are, in words; nil where that is not known or does not matter.
local function skew_of(date, now)
  local theirs = date and time.parse_http(date)
  local ahead = theirs and now - theirs
  if not ahead or math.abs(ahead) < NOTICEABLE then
    return nil
  end
  return ("this machine's clock is %.0f s %s the provider's"):format(math.abs(ahead),
    ahead > 0 and "ahead of" or "behind")
end

--- Notes that a token was refused: nothing was done, and the call may be made once more with
--- a new one (`renews`).
---@param call table
---@param failure table changed
---@param date string? header of the answer
---@param now integer seconds since 1970
function bearer.note_refusal(call, failure, date, now)
  local self = call.client
  self.refused_token = math.max(self.refused_token or 0, call.token)
  call.renews = call.renews == nil
  local skew = skew_of(date, now)
  failure.message = skew and ("%s; %s"):format(failure.message, skew) or failure.message
end

return bearer
