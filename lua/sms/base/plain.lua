--- What in Lua follows the host's locale, in a way that does not: the case of letters, the order
--- of texts, the decimal point. Pure.

local core = require "sms.core"

local plain = {}

local LOWER, UPPER = {}, {}
for byte = 65, 90 do
  local upper, lower = string.char(byte), string.char(byte + 32)
  LOWER[upper], UPPER[lower] = lower, upper
end

--- A text with small letters for A to Z. In Turkish, `lower` keeps the I.
---@param text string
---@return string
function plain.lower(text)
  return (text:gsub("[A-Z]", LOWER))
end

--- A text with capitals for a to z.
---@param text string
---@return string
function plain.upper(text)
  return (text:gsub("[a-z]", UPPER))
end

--- Whether a text comes before another, byte by byte; for table.sort.
---@type fun(a: string, b: string): boolean
plain.is_before = core.is_before

--- A number with a decimal point.
---@param format string for this number alone, such as "%g"
---@param value number
---@return string
function plain.number(format, value)
  return (format:format(value):gsub("^(%-?%d+)[^%d.e]+", "%1."))
end

return plain
