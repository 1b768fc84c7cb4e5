--- Reads the bodies of Nexmo's errors that have an HTTP status of their own: each API has its own
--- shape (docs/providers/nexmo.md 11). Pure.

local codes = require "sms.providers.nexmo.codes"
local plain = require "sms.base.plain"

local error_body = {}

local function first_string(...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) == "string" and value ~= "" then
      return value
    end
  end
end

--- Parameters that an Application error names, as text: an object, name to reason (v1), or
--- a list of { name, reason } (v2).
local function invalid_parameters(body)
  local named = {}
  if type(body.invalid_parameters) ~= "table" then
    return ""
  end
  for name, reason in pairs(body.invalid_parameters) do
    if type(reason) == "table" then
      name, reason = reason.name, reason.reason
    end
    named[#named + 1] = ("%s: %s"):format(tostring(name), tostring(reason))
  end
  table.sort(named, plain.is_before)
  return #named > 0 and " (" .. table.concat(named, "; ") .. ")" or ""
end

--- Whether the type of an error is one of Nexmo's: a page of its documentation.
local function is_own_type(url)
  return type(url) == "string"
    and (url:find("nexmo", 1, true) or url:find("vonage", 1, true)) ~= nil
end

--- Code and text of any error body: each API has its own shape, and they are tried in turn.
---@param body table
---@return string? code
---@return string? text
---@return string? whose "account" where it refuses that; "own" for another shape of Nexmo alone
function error_body.read(body)
  local code = body["error-code"]
  if code ~= nil and tostring(code) ~= "200" then
    return tostring(code), first_string(body["error-code-label"]),
      codes.refuses_account("http", tostring(code)) and "account" or "own"
  end
  local message = type(body.messages) == "table" and body.messages[1]
  if type(message) == "table" and message.status ~= nil then
    code = tostring(message.status)
    return code, first_string(message["error-text"]),
      codes.refuses_account("sms", code) and "account" or "own"
  end
  local title = first_string(body.error_title, body.title)
  if title then
    local detail = first_string(body.detail)
    return first_string(body.type),
      title .. (detail and ": " .. detail or "") .. invalid_parameters(body),
      (body.error_title ~= nil or is_own_type(body.type)) and "own" or nil
  end
  local status = body.status
  return type(status) ~= "table" and status ~= nil and tostring(status) or first_string(body.type),
    first_string(body.description, body.message, body.error_text), body.error_text and "own"
end

return error_body
