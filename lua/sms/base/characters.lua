--- The characters of UTF-8 (RFC 3629), in texts that may have other bytes, too. Pure.

local core = require "sms.core"

local characters = {}

characters.UNKNOWN = "\239\191\189" -- U+FFFD

-- What a character may begin with beyond ASCII, and its bytes.
local SEQUENCES = {
  { "^[\194-\223][\128-\191]", 2 }, { "^\224[\160-\191][\128-\191]", 3 },
  { "^[\225-\236\238\239][\128-\191][\128-\191]", 3 }, { "^\237[\128-\159][\128-\191]", 3 },
  { "^\240[\144-\191][\128-\191][\128-\191]", 4 },
  { "^[\241-\243][\128-\191][\128-\191][\128-\191]", 4 },
  { "^\244[\128-\143][\128-\191][\128-\191]", 4 },
}

--- The character that stands at a byte beyond ASCII, and how many bytes it has.
local function character_at(text, at)
  for _, sequence in ipairs(SEQUENCES) do
    if text:find(sequence[1], at) then
      return text:sub(at, at + sequence[2] - 1), sequence[2]
    end
  end
end

local function unknown()
  return characters.UNKNOWN, 1
end

--- A text in which something stands for bytes that are no character.
---@param text string
---@param read (fun(text: string, at: integer): string, integer)? what stands for those at a place,
---  and how many there are; left out: U+FFFD, for each
---@return string
function characters.repaired(text, read)
  if core.inspect(text) then
    return text
  end
  local out, at = {}, 1
  while at <= #text do
    local piece = text:match("^[%z\1-\127]+", at)
    local length = piece and #piece
    if not piece then
      piece, length = character_at(text, at)
    end
    if not piece then
      piece, length = (read or unknown)(text, at)
    end
    out[#out + 1], at = piece, at + length
  end
  return table.concat(out)
end

return characters
