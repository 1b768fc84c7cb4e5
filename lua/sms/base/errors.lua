--- The one shape of errors, and what is kept out of them.

local characters = require "sms.base.characters"
local plain = require "sms.base.plain"

local errors = {}

errors.OUT_OF_MEMORY = "not enough memory" -- what Lua and LuaJIT raise then

local Error = { __name = "sms.error" }

--- One sentence without secrets, phone numbers or texts.
Error.__tostring = function(err)
  local who = err.provider or "sms"
  if err.operation then
    who = who .. " " .. err.operation
  end
  return ("%s: %s [%s, %s]"):format(who, err.message, err.kind, err.outcome)
end

local LONGEST = 300
local LOOKED_AT = 4096 -- bytes of a foreign text

--- A phone number as it may be shown: its last four digits.
---@param digits string
---@return string
function errors.mask_number(digits)
  return "…" .. digits:gsub("%D", ""):sub(-4)
end

local LEAST = 7 -- digits of a phone number
-- Digits, and what stands between them: blanks, also no-break and thin ones (byte by byte) and
-- those of a form, and the like.
local STRETCH = "%+?%d[%d ()./+\194\160\226\128\135\137\138\145\175-]*%d"

-- What is no phone number though it has as many digits.
local OTHERS = {
  "^[12]%d%d%d%-%d%d%-%d%d%f[^%d]", "^%d%d?[./]%d%d?[./][12]%d%d%d%f[^%d]", -- dates
}
local ADDRESS = "^(%d+)%.(%d+)%.(%d+)%.(%d+)()%f[^%d.]" -- of a host

-- Words before what is a code, though a number follows.
local NAMES = { code = true, status = true, error = true, err = true, http = true, port = true }

--- Where the address of a host ends that a stretch begins with; nil: it does not.
local function address_at(stretch)
  local behind = select(5, stretch:match(ADDRESS))
  for byte in stretch:sub(1, (behind or 1) - 1):gmatch "%d+" do
    behind = #byte <= 3 and tonumber(byte) <= 255 and behind
  end
  return behind and behind - 1
end

--- How far what is no number goes, at the beginning of a stretch; 0: it is one.
local function other_at(stretch, before)
  for _, pattern in ipairs(OTHERS) do
    local _, to = stretch:find(pattern)
    if to then
      return to
    end
  end
  local address = address_at(stretch)
  if address then
    return address
  end
  local word = before:match "(%a+)[%s:=#'\"(]*$"
  local _, to = stretch:find "^%d%d?%d?%d?%d?%f[ ]"
  return word and NAMES[plain.lower(word)] and to or 0
end

--- Masks the numbers of a stretch: those that are long enough by themselves, and else all of it.
local function mask_stretch(stretch)
  local masked, count = stretch:gsub("%+?" .. ("%d"):rep(LEAST) .. "+", errors.mask_number)
  if count > 0 then
    return masked
  end
  local _, digits = stretch:gsub("%d", "")
  return digits >= LEAST and errors.mask_number(stretch) or stretch
end

--- Masks phone numbers, also those with blanks and the like in them, and leaves codes, dates and
--- addresses of hosts.
---@param text string
---@return string
function errors.mask_numbers(text)
  return (text:gsub("()(" .. STRETCH .. ")", function(place, stretch)
    local kept = other_at(stretch, text:sub(math.max(1, place - 20), place - 1))
    local gap, rest = stretch:sub(kept + 1):match "^([^+%d]*)(.*)$"
    return stretch:sub(1, kept) .. gap .. mask_stretch(rest)
  end))
end

--- Makes foreign text fit for a message: UTF-8 in one line, cut, phone numbers masked, and secrets
--- that have a name.
---@param text string
---@return string
function errors.safe_text(text)
  text = text:sub(1, LOOKED_AT):gsub("([sS][eE][cC][rR][eE][tT]=)[^&%s]*", "%1***")
    :gsub("(sig=)[^&%s]*", "%1***"):gsub("(://)[^/?#%s]*@", "%1***@")
  text = text:gsub("[%z\1-\31\127]+", " "):gsub("(%d)%%20", "%1 ")
  text = characters.repaired(errors.mask_numbers(text))
  if #text > LONGEST then
    -- Not inside a UTF-8 sequence.
    text = text:sub(1, LONGEST):gsub("[\192-\255]?[\128-\191]*$", "") .. "…"
  end
  return text
end

--- Makes an error.
---@param fields table kind, outcome, message and `provider`, `operation`, `status`, `code`,
---  `problems`, `result`, `retryable`, `retry_after`, where they are known
---@return table
function errors.new(fields)
  fields.retryable = fields.retryable or false
  return setmetatable(fields, Error)
end

--- An error of something that sends nothing: what it was given is wrong, or it failed.
---@param kind string "invalid" or "internal"
---@param operation string what it was
---@param message string
---@return table
function errors.here(kind, operation, message)
  return errors.new { kind = kind, outcome = "not_sent", operation = operation, message = message }
end

--- An error of a store of receipts or texts.
---@param operation string
---@param why any what the store said
---@return table
function errors.of_store(operation, why)
  return errors.here("internal", operation,
    "the store failed: " .. errors.safe_text(tostring(why)))
end

--- An error of kind `invalid` from a list of problems.
---@param problems { path: string, message: string }[]
---@return table
function errors.invalid(problems)
  local first = problems[1]
  local path = errors.mask_numbers(first.path)
  local message = path == "" and first.message or path .. ": " .. first.message
  if #problems > 1 then
    message = ("%s (and %d more)"):format(message, #problems - 1)
  end
  return errors.new {
    kind = "invalid",
    outcome = "not_sent",
    message = message,
    problems = problems,
  }
end

--- Whether a value is an error of this library.
---@return boolean
function errors.is(value)
  return getmetatable(value) == Error
end

return errors
