--- Texts of webhooks that are not quite UTF-8. A character beyond U+FFFF is a pair of surrogates
--- in UTF-16, the alphabet of long texts, and a part may end inside one: its half is kept as the
--- three bytes that it would have in UTF-8, and is whole again when the parts are joined. Pure.

local characters = require "sms.base.characters"

local halves = {}

local HIGH, LOW = "^\237[\160-\175][\128-\191]", "^\237[\176-\191][\128-\191]"

--- The ten bits that a half adds to its character.
local function bits_of(text, at)
  return text:byte(at + 1) % 16 * 64 + text:byte(at + 2) % 64
end

local function pair(text, at)
  local code = 0x10000 + bits_of(text, at) * 1024 + bits_of(text, at + 3)
  return string.char(240 + math.floor(code / 0x40000), 128 + math.floor(code / 0x1000) % 64,
    128 + math.floor(code / 64) % 64, 128 + code % 64)
end

--- What stands for bytes that are no character.
local function reader(half_of)
  return function(text, at)
    if text:find(HIGH, at) and text:find(LOW, at + 3) then
      return pair(text, at), 6
    elseif text:find(HIGH, at) or text:find(LOW, at) then
      return half_of(text:sub(at, at + 2)), 3
    end
    return characters.UNKNOWN, 1
  end
end

local read_joined = reader(function(half)
  return half
end)

local read_replaced = reader(function()
  return characters.UNKNOWN
end)

--- A text in which pairs are whole, lone halves stay, and bytes that are not UTF-8 are U+FFFD.
---@param text string
---@return string
function halves.joined(text)
  return characters.repaired(text, read_joined)
end

--- A text that is UTF-8: the other half of what is left will not come.
---@param text string
---@return string
function halves.replaced(text)
  return characters.repaired(text, read_replaced)
end

return halves
