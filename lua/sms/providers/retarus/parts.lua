--- What maxParts would cut off a text, on the safe side. Pure.
---
--- An encoding of UTF-16 counts all texts as UCS-2. Otherwise a text with characters outside
--- GSM 7-bit counts as UCS-2 too, since that is what becomes of it (TO_UTF16), or nobody knows
--- (TRANSLITERATE, whose table is not published, and the account's own setting); with REPLACE
--- each such character is a blank, two where it needs two UTF-16 units. REFUSE cuts nothing.

local core = require "sms.core"

local parts = {}

--- A text that is all of GSM 7-bit, made one that is not and needs as many UTF-16 units.
local function forced_to_ucs2(text)
  return (text:gsub("[^\128-\191][\128-\191]*", "\226\128\166", 1))
end

--- What is sent for each character with invalidCharacters = "REPLACE".
local replaced = { __index = function(known, character)
  local fits = core.measure(character) == "GSM-7"
  known[character] = not fits and (#character == 4 and "  " or " ")
  return known[character]
end }

local function with_blanks(text)
  return (text:gsub("[^\128-\191][\128-\191]*", setmetatable({}, replaced)))
end

local function count(text, options)
  local encoding, _, needed = core.measure(text)
  if options.encoding == "UTF-16" and encoding == "GSM-7" then
    _, _, needed = core.measure(forced_to_ucs2(text))
  elseif options.encoding ~= "UTF-16" and encoding == "UCS-2" then
    if options.invalidCharacters == "REFUSE" then
      return 0
    elseif options.invalidCharacters == "REPLACE" then
      _, _, needed = core.measure(with_blanks(text))
    end
  end
  return needed or 0 -- what is not UTF-8 has its problem already
end

--- What is wrong with a text that maxParts would cut, or nil.
---@param text string
---@param options table of a job
---@return string? message
function parts.too_long(text, options)
  local most = options.maxParts
  local needed = most and count(text, options) or 0
  if most and needed > most then
    return ("needs %d parts and would be cut to the %d of maxParts"):format(needed, most)
  end
end

--- What is wrong with a text for which the provider would refuse its whole job, or nil.
---@param text string
---@param options table of a job
---@return string? message
function parts.refused(text, options)
  if options.invalidCharacters == "REFUSE" and options.encoding ~= "UTF-16" then
    local _, _, _, misfit = core.measure(text)
    return misfit and ("has a character outside GSM 7-bit at byte %d, which invalidCharacters"
      .. " = REFUSE refuses"):format(misfit)
  end
end

--- A rule of send_job: a cut text is a warning, or a problem where the client is strict.
function parts.check_job(params, problem, client, _, warn)
  local options = params.options
  for i, message in ipairs(options and options.maxParts and params.messages or {}) do
    local text = type(message) == "table" and message.text
    local wrong = text and parts.too_long(text, options)
    if wrong then
      local tell = client and client.strict_parts and problem or warn
      tell(("messages[%d].text"):format(i), wrong)
    end
  end
end

--- The same for an item of send_all, whose job's options are in the context.
function parts.check_item(item, problem, context, _, warn)
  local refused = item.text and parts.refused(item.text, context.options)
  local cut = item.text and parts.too_long(item.text, context.options)
  if refused then
    problem("text", refused)
  elseif cut then
    (context.strict_parts and problem or warn)("text", cut)
  end
end

return parts
