--- Results and errors without what an outbox with `keep_texts = false` may not keep of an item: its
--- numbers, its texts. Ids, statuses and prices stay. Pure.

local errors = require "sms.base.errors"

local bare = {}

local LEAST_DIGITS = 6 -- of a number
local LEAST_TEXT = 8 -- bytes of a text that is looked for within others
local DEEPEST = 100
local GONE = "…"

-- Digits with what may stand between them.
local STRETCH = "%+?%d[%d ()./-]*%d"

local function digits_of(text)
  return (text:gsub("%D", ""):gsub("^0+", ""))
end

--- Collects the texts and numbers of params.
local function collect(value, known, depth)
  if type(value) == "table" and depth <= DEEPEST then
    for _, part in next, value do
      collect(part, known, depth + 1)
    end
  elseif type(value) == "string" and value ~= "" then
    local is_number = value:find "^[%d +()./-]+$" and #digits_of(value) >= LEAST_DIGITS
    local list = is_number and known.numbers or known.texts
    list[#list + 1] = is_number and digits_of(value) or value
  end
  return known
end

local function mask_stretch(stretch, known)
  local digits = digits_of(stretch)
  for _, number in ipairs(known.numbers) do
    if digits:find(number, 1, true) then
      return errors.mask_number(number)
    end
  end
end

--- A text without any of what is known.
local function masked(text, known)
  for _, part in ipairs(known.texts) do
    if text == part then
      return GONE
    end
    local from = #part >= LEAST_TEXT and text:find(part, 1, true)
    while from do
      text = text:sub(1, from - 1) .. GONE .. text:sub(from + #part)
      from = text:find(part, from + #GONE, true)
    end
  end
  return (text:gsub(STRETCH, function(stretch)
    return mask_stretch(stretch, known)
  end))
end

local function copy_of(value, known, depth)
  if type(value) == "string" then
    return masked(value, known)
  elseif type(value) ~= "table" or depth > DEEPEST then
    return value
  end
  local copy = setmetatable({}, getmetatable(value))
  for key, part in next, value do
    copy[key] = copy_of(part, known, depth + 1)
  end
  return copy
end

--- A copy of a result or an error that says nothing of what was sent.
---@param value any
---@param params any of the item, or a list of those of several
---@return any
function bare.of(value, params)
  return copy_of(value, collect(params, { texts = {}, numbers = {} }, 1), 1)
end

return bare
