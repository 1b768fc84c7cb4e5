--- What is shown of foreign text, such as an answer: no credentials, in whatever spelling. Pure.

local errors = require "sms.base.errors"

local shown = {}

local LOOKED_AT = 4096 -- bytes of a text that are looked at together

--- A text as it may be shown: secrets go first, while they are whole; it is cut then.
---@param text string
---@param texts string|string[]|nil of messages, which are not shown either
---@param secrets table? the credentials, whose `mask` takes secrets out of a text
---@return string
function shown.text(text, texts, secrets)
  if not secrets then
    return errors.safe_text(text)
  end
  local masked = secrets:mask(text, texts)
  return masked and errors.safe_text(masked)
    or "the client was closed, and the answer is not shown: secrets cannot be found in it"
end

--- A provider's own code: a few digits as they are, for a secret or a text may look like these;
--- whatever else stands in the place of a code as any foreign text.
---@param code string?
---@param texts string|string[]|nil
---@param secrets table?
---@return string?
function shown.code(code, texts, secrets)
  return code and (code:match "^%d%d?%d?%d?$" or shown.text(code, texts, secrets))
end

--- A text without secrets that are whole, as it is where it has none. A long one that has some ends
--- where no more is looked at.
local function without(text, secrets)
  for at = 1, #text, LOOKED_AT do
    local part = text:sub(at, at + 2 * LOOKED_AT - 1) .. "\n" -- which ends no half of a secret
    local masked = secrets:mask(part)
    if masked ~= part:sub(1, LOOKED_AT) then
      masked = masked and secrets:mask(text:sub(1, 2 * LOOKED_AT) .. "\n")
      return masked and masked:gsub("\n$", "") or "***"
    end
  end
  return text
end

--- Takes secrets out of an answer to a call that failed, which may be kept and written somewhere.
---@param answer any decoded; changed in place
---@param secrets table?
---@return any answer
function shown.answer(answer, secrets)
  if not secrets then
    return answer
  elseif type(answer) == "string" then
    return without(answer, secrets)
  elseif type(answer) ~= "table" then
    return answer
  end
  local names = {}
  for name in pairs(answer) do
    names[#names + 1] = name
  end
  for _, name in ipairs(names) do
    local part = shown.answer(answer[name], secrets)
    answer[name] = nil
    answer[shown.answer(name, secrets)] = part
  end
  return answer
end

return shown
