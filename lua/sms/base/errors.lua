--- The one shape of errors, and what is kept out of them.

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

--- A phone number as it may be shown: its last four digits.
---@param digits string
---@return string
function errors.mask_number(digits)
  return "…" .. digits:sub(-4)
end

--- Makes foreign text fit for a message: one line, cut, phone numbers and secrets masked.
---@param text string
---@param texts string|string[]|nil texts of messages, which must not be shown
---@return string
function errors.safe_text(text, texts)
  for _, hidden in ipairs(type(texts) == "string" and { texts } or texts or {}) do
    local from, to = text:find(hidden, 1, true)
    while from and #hidden > 3 do
      text = text:sub(1, from - 1) .. "***" .. text:sub(to + 1)
      from, to = text:find(hidden, from + 3, true)
    end
  end
  text = text:gsub("(api_secret=)[^&%s]*", "%1***"):gsub("(sig=)[^&%s]*", "%1***")
  text = text:gsub("%+?%d%d%d%d%d%d%d+", errors.mask_number)
  text = text:gsub("[%z\1-\31\127]+", " ")
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

--- An error of kind `invalid` from a list of problems.
---@param problems { path: string, message: string }[]
---@return table
function errors.invalid(problems)
  local first = problems[1]
  local path = first.path:gsub("%d%d%d%d%d%d%d+", errors.mask_number)
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
