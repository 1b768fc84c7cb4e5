--- May a call be repeated, and when (docs/design.md 3.4). Pure.

local time = require "sms.base.time"

local retry = {}

local LONGEST_RETRY_AFTER = 300
local LONGEST_WAIT = 1e9 -- 30 years: more digits than a number holds are no number

-- Kinds of failure that are transient.
local PASSING = { connection = true, timeout = true, server = true, rate_limited = true,
  protocol = true, internal = true }

-- A budget keeps repeats from multiplying the load on a provider that is down.
local BUDGET_MOST, BUDGET_GAIN = 10, 0.1

--- Whether the same call may be sent again without any risk of a second message.
---@param operation table `safe` operations change nothing when repeated
---@param failure { kind: string, outcome: string }
---@param trusts boolean? the provider recognises a repeat, and the caller relies on it
---@return boolean
function retry.is_retryable(operation, failure, trusts)
  if not PASSING[failure.kind] then
    return false
  end
  return operation.safe or failure.outcome == "not_sent" or trusts or false
end

--- Seconds to wait before the next attempt: full jitter over an exponential ceiling, or
--- what the provider asked for.
---@param policy { attempts: integer, base: number, cap: number }
---@param attempt integer the one that failed, from 1
---@param failure { retry_after: number? }
---@param random number in [0, 1)
---@return number? seconds nil: no further attempt
function retry.delay(policy, attempt, failure, random)
  if attempt >= policy.attempts then
    return nil
  end
  local jitter = random * math.min(policy.cap, policy.base * 2 ^ (attempt - 1))
  local asked = failure.retry_after
  if not asked then
    return jitter
  elseif asked > LONGEST_RETRY_AFTER then
    return nil
  end
  return asked + math.min(jitter, policy.base)
end

--- Seconds to wait where a provider throttles without saying how long: 1, doubling.
---@param attempt integer from 1
---@return number
function retry.after_throttling(attempt)
  return 2 ^ (attempt - 1)
end

--- Seconds in a Retry-After header (RFC 9110, 10.2.3): a number, or a date, which is read against
--- the answer's own: who knows how far apart the clocks are.
---@param value string?
---@param date string? header Date of the answer
---@param now number seconds since 1970, where it has none
---@return number?
function retry.after(value, date, now)
  if not value then
    return nil
  end
  local seconds = tonumber(value:match "^%d+$")
  if seconds then
    return math.min(seconds, LONGEST_WAIT)
  end
  local at = time.parse_http(value)
  return at and math.max(0, at - (date and time.parse_http(date) or now))
end

--- A budget of repeats, shared by all calls with the same credentials. Each call is counted in
--- `calls`, by who makes it, and earns a tenth of a repeat.
---@return { tokens: number, calls: integer }
function retry.new_budget()
  return { tokens = BUDGET_MOST, calls = 0 }
end

--- Takes a repeat from the budget.
---@param budget table
---@return boolean taken
function retry.spend(budget)
  budget.tokens = math.min(BUDGET_MOST, budget.tokens + budget.calls * BUDGET_GAIN)
  budget.calls = 0
  if budget.tokens < 1 then
    return false
  end
  budget.tokens = budget.tokens - 1
  return true
end

return retry
