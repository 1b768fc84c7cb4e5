--- What Nexmo's own codes mean: those of SMS, of text to speech and of Numbers
--- (docs/providers/nexmo.md 3.3, 4 and 5.3). Pure.

local codes = {}

-- Everything that is not named is { "rejected", "rejected" }.
local REFUSED = { "rejected", "rejected" }

-- `own`: the reason lies in the account, its route or the form that Nexmo wants, so that another
-- provider may take the same text. What is wrong with the number or the text, what its owner has
-- barred, and what nobody knows, are reasons that another provider shares. `account`: it lies in
-- the account alone, so that any message would be refused.
local SMS = {
  ["1"] = { "rate_limited", "not_sent", own = true },
  ["2"] = { "rejected", "rejected", own = true },
  ["4"] = { "auth", "rejected", own = true, account = true },
  ["5"] = { "server", "ambiguous" },
  ["6"] = { "rejected", "rejected", own = true }, -- no route from here
  ["8"] = { "auth", "rejected", own = true, account = true },
  ["9"] = { "rejected", "rejected", own = true, account = true },
  ["10"] = { "rate_limited", "not_sent", own = true },
  ["11"] = { "auth", "rejected", own = true, account = true },
  ["13"] = { "server", "ambiguous" },
  ["14"] = { "auth", "rejected", own = true, account = true },
  ["15"] = { "rejected", "rejected", own = true },
  ["16"] = { "rejected", "rejected", own = true },
  ["18"] = { "rejected", "rejected", own = true },
  ["19"] = { "rejected", "rejected", own = true },
  ["20"] = { "rejected", "rejected", own = true },
  ["22"] = { "rejected", "rejected", own = true },
  ["23"] = { "rejected", "rejected", own = true },
  ["29"] = { "rejected", "rejected", own = true },
  ["32"] = { "auth", "rejected", own = true, account = true },
  ["101"] = { "rejected", "rejected", own = true, account = true },
}

local VOICE = {
  ["1"] = { "auth", "rejected", account = true },
  ["7"] = { "rejected", "rejected", account = true },
  ["99"] = { "server", "ambiguous" },
}

-- `error-code`s, which are HTTP statuses.
local NUMBERS = { ["401"] = "auth", ["429"] = "rate_limited" }
local OF_THE_ACCOUNT = { ["401"] = true, ["402"] = true }

local SMS_TEXTS = {
  ["1"] = "throttled", ["2"] = "missing params", ["3"] = "invalid params",
  ["4"] = "invalid credentials", ["5"] = "internal error", ["6"] = "invalid message",
  ["7"] = "number barred", ["8"] = "partner account barred",
  ["9"] = "partner quota violation", ["10"] = "too many existing binds",
  ["11"] = "account not enabled for HTTP", ["12"] = "message too long",
  ["13"] = "communication failed", ["14"] = "invalid signature",
  ["15"] = "invalid sender address", ["16"] = "invalid ttl",
  ["17"] = "message blocked by provider (formerly: number unreachable)",
  ["18"] = "too many destinations", ["19"] = "facility not allowed",
  ["20"] = "invalid message class", ["22"] = "invalid network code",
  ["23"] = "invalid callback url", ["29"] = "non-whitelisted destination",
  ["32"] = "signature and api secret disallowed", ["33"] = "number de-activated",
  ["34"] = "invalid or missing msisdn", ["101"] = "invalid account for campaign",
  ["102"] = "opted-out or invalid short code", ["103"] = "invalid msisdn",
}

local VOICE_TEXTS = {
  ["1"] = "invalid credentials", ["2"] = "missing parameter", ["3"] = "invalid parameter",
  ["4"] = "invalid destination address", ["5"] = "cannot route the call",
  ["6"] = "number barred", ["7"] = "partner quota exceeded", ["99"] = "internal error",
}

-- An answer that cannot be told from one that was taken.
local UNCLEAR = { "protocol", "ambiguous" }

--- Whether a status is a code at all: a text like 00, true or inf says nothing.
local function is_code(status)
  return status == "0" or status:find "^[1-9]%d*$" ~= nil
end

local function meaning_of(table_of_codes, status)
  return table_of_codes[status] or is_code(status) and REFUSED or UNCLEAR
end

--- Seconds of so many milliseconds; finite, however many digits there are.
local function seconds_of(digits)
  return math.min(tonumber(digits), 1e15) / 1000
end

--- Seconds to wait that a throttling text names, in milliseconds (docs/providers/nexmo.md 3.4).
local function wait_of(text)
  local wait = text:match "wait%s*%[%s*(%d+)%s*%]"
  if wait then
    return seconds_of(wait)
  end
  local interval = text:match "INTERVAL %[%s*(%d+)%s*%]"
  local passed = text:match "TIME_SINCE_LAST_INTERVAL_START %[%s*(%d+)%s*%]"
  if interval and passed then
    return math.max(0, seconds_of(interval) - seconds_of(passed))
  end
end

local function unclear(message)
  return { kind = UNCLEAR[1], outcome = UNCLEAR[2], message = message }
end

local function failure_of(table_of_codes, texts, code, text)
  local meaning = meaning_of(table_of_codes, code)
  if meaning == UNCLEAR then
    return unclear "a status is no number"
  end
  local message = text ~= "" and text or texts[code] or "unknown code"
  local failure = {
    kind = meaning[1],
    outcome = meaning[2],
    code = code,
    message = ("%s (code %s)"):format(message, code),
    account = meaning.account,
  }
  if failure.kind == "rate_limited" then
    failure.retry_after = wait_of(message)
  end
  return failure
end

-- Of parts that ended differently the gravest outcome is the message's.
local GRAVITY = { not_sent = 1, rejected = 2, ambiguous = 3, accepted = 4 }

--- Parts that ended differently: something was taken, or it cannot be known, or nothing.
local function mixed(parts)
  local taken, refused, outcome, account = 0, nil, "not_sent", nil
  for _, part in ipairs(parts) do
    local own = "accepted"
    if part.status == "0" then
      taken = taken + 1
    else
      local meaning = meaning_of(SMS, part.status)
      refused = refused or part
      own, account = meaning[2], account or meaning.account
    end
    outcome = GRAVITY[own] > GRAVITY[outcome] and own or outcome
  end
  local text = refused["error-text"] or SMS_TEXTS[refused.status] or "unknown code"
  return {
    kind = "partial",
    outcome = outcome,
    account = account,
    code = refused.status,
    message = ("%d of %d parts were taken; the first other: %s (code %s)")
      :format(taken, #parts, text, refused.status),
  }
end

--- How an SMS was taken: every part has a status of its own.
---@param result table
---@return table? failure
function codes.judge_sms(result)
  local parts = result.messages
  local first = parts[1]
  if not first then
    return unclear "messages is empty"
  end
  local count = result["message-count"]
  if count and count ~= (parts[2] and tostring(#parts) or "1") then
    return unclear "message-count is not that of messages"
  end
  for i = 2, #parts do
    if parts[i].status ~= first.status then
      return mixed(parts)
    end
  end
  if first.status ~= "0" then
    return failure_of(SMS, SMS_TEXTS, first.status, first["error-text"] or "")
  end
end

--- Whether Nexmo refused an SMS for reasons that another provider does not share: all of them,
--- where its parts were refused for several.
---@param err table
---@return boolean
function codes.is_own_refusal(err)
  local parts = type(err.result) == "table" and err.result.messages
  if err.kind ~= "partial" or type(parts) ~= "table" then
    return (SMS[err.code] or REFUSED).own or false
  end
  for _, part in ipairs(parts) do
    if not (SMS[part.status] or REFUSED).own then
      return false
    end
  end
  return true
end

--- How a call was taken by the legacy text to speech.
---@param result table
---@return table? failure
function codes.judge_voice(result)
  if result.status ~= "0" then
    return failure_of(VOICE, VOICE_TEXTS, result.status, result.error_text or "")
  end
end

--- An error inside HTTP 200; `error-code` 200 is none.
---@param result table
---@return table? failure
function codes.judge_numbers(result)
  local code = result["error-code"]
  if code == nil or tostring(code) == "200" then
    return nil
  end
  code = tostring(code)
  if not is_code(code) or code == "0" or code:find "^[123]%d%d$" then
    return unclear "error-code tells neither success nor failure"
  end
  local kind = NUMBERS[code] or code:match "^5%d%d$" and "server" or "rejected"
  return {
    kind = kind,
    outcome = kind == "rate_limited" and "not_sent" or kind == "server" and "ambiguous"
      or "rejected",
    code = code,
    message = tostring(result["error-code-label"] or "error") .. " (code " .. code .. ")",
    account = OF_THE_ACCOUNT[code],
  }
end

--- Whether a code says that the account is refused.
---@param kind string of the code: "sms", or "http" for an `error-code`
---@param code string
---@return boolean
function codes.refuses_account(kind, code)
  if kind == "sms" then
    return (SMS[code] or REFUSED).account or false
  end
  return OF_THE_ACCOUNT[code] or false
end

return codes
