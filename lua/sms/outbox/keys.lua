--- Ids and keys, and numbers of Redis. Pure.

local core = require "sms.core"
local json = require "sms.base.json"

local keys = {}

local KEY_LONGEST = 1000 -- bytes
local EXACT = 2 ^ 53

local HEX = {} -- by byte
for byte = 0, 255 do
  HEX[string.char(byte)] = ("%02x"):format(byte)
end

--- A key as a text: whole numbers may be given as such.
---@param given any
---@return string? text
---@return string? why not
function keys.text(given)
  if type(given) == "number" and given % 1 == 0 and math.abs(given) < EXACT then
    return json.number_text(given)
  elseif type(given) ~= "string" then
    return nil, "must be a text or a whole number"
  elseif given == "" then
    return nil, "must not be empty"
  elseif #given > KEY_LONGEST then
    return nil, ("must have at most %d bytes"):format(KEY_LONGEST)
  end
  return given
end

--- How a key is called in Redis.
---@param text string
---@return string? hash
---@return string? why there is none
function keys.hash(text)
  local digest, why = core.sha256(text)
  if not digest then
    return nil, "OpenSSL could not make the key's hash: " .. why
  end
  return (digest:gsub(".", HEX))
end

--- What may be an id, and what may be a key.
---@param given any
---@return string? id "-" where it cannot be one
---@return string? key
---@return string? why there is no key, though it may be one
function keys.either(given)
  local text = keys.text(given)
  if text then
    return text:find "^%d+$" and text or "-", keys.hash(text) -- and why not
  end
end

--- A number of an answer.
---@param text any
---@return number?
function keys.whole(text)
  return tostring(text):match "^%d+$" and tonumber(text)
end

--- A time of Redis in seconds since 1970.
---@param text string microseconds
---@return number?
function keys.seconds(text)
  local whole = keys.whole(text)
  return whole and whole / 1e6
end

return keys
