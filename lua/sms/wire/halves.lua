--- Texts of webhooks that are not quite UTF-8. A character beyond U+FFFF is a pair of surrogates
--- in UTF-16, the alphabet of long texts, and a part may end inside one: its half is kept as the
--- three bytes that it would have in UTF-8, and is whole again when the parts are joined. Pure.

local values = require "sms.schema.values"

local halves = {}

local REPLACEMENT = "\239\191\189" -- U+FFFD
local HIGH, LOW = "^\237[\160-\175][\128-\191]", "^\237[\176-\191][\128-\191]"

-- What a character may begin with beyond ASCII, and its bytes (RFC 3629).
local SEQUENCES = {
  { "^[\194-\223][\128-\191]", 2 }, { "^\224[\160-\191][\128-\191]", 3 },
  { "^[\225-\236\238\239][\128-\191][\128-\191]", 3 }, { "^\237[\128-\159][\128-\191]", 3 },
  { "^\240[\144-\191][\128-\191][\128-\191]", 4 },
  { "^[\241-\243][\128-\191][\128-\191][\128-\191]", 4 },
  { "^\244[\128-\143][\128-\191][\128-\191]", 4 },
}

--- The ten bits that a half adds to its character.
local function bits_of(text, at)
  return text:byte(at + 1) % 16 * 64 + text:byte(at + 2) % 64
end

local function pair(text, at)
  local code = 0x10000 + bits_of(text, at) * 1024 + bits_of(text, at + 3)
  return string.char(240 + math.floor(code / 0x40000), 128 + math.floor(code / 0x1000) % 64,
    128 + math.floor(code / 64) % 64, 128 + code % 64)
end

local function length_at(text, at)
  for _, sequence in ipairs(SEQUENCES) do
    if text:find(sequence[1], at) then
      return sequence[2]
    end
  end
end

--- What stands at a byte beyond ASCII, and how many bytes of it are read.
local function read(text, at, half_of)
  local length = length_at(text, at)
  if length then
    return text:sub(at, at + length - 1), length
  elseif text:find(HIGH, at) and text:find(LOW, at + 3) then
    return pair(text, at), 6
  elseif text:find(HIGH, at) or text:find(LOW, at) then
    return half_of(text:sub(at, at + 2)), 3
  end
  return REPLACEMENT, 1
end

local function repair(text, half_of)
  if not values.utf8_problem(text) then
    return text
  end
  local out, at = {}, 1
  while at <= #text do
    local plain = text:match("^[%z\1-\127]+", at)
    if plain then
      out[#out + 1], at = plain, at + #plain
    else
      local length
      out[#out + 1], length = read(text, at, half_of)
      at = at + length
    end
  end
  return table.concat(out)
end

local function itself(half)
  return half
end

local function replacement()
  return REPLACEMENT
end

--- A text in which pairs are whole, lone halves stay, and bytes that are not UTF-8 are U+FFFD.
---@param text string
---@return string
function halves.joined(text)
  return repair(text, itself)
end

--- A text that is UTF-8: the other half of what is left will not come.
---@param text string
---@return string
function halves.replaced(text)
  return repair(text, replacement)
end

return halves
