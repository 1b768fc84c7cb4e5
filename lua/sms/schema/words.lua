--- Words of enumerations, one of them or a set, whatever the case of their letters. Pure.

local core = require "sms.core"
local plain = require "sms.base.plain"

local words = {}

--- The word that a text is.
---@param enum string[]
---@param text string
---@param strict boolean? in its own case alone
---@return string?
function words.of(enum, text, strict)
  local small = not strict and plain.lower(text)
  for i = 1, #enum do
    if text == enum[i] or small and small == plain.lower(enum[i]) then
      return enum[i]
    end
  end
end

local function list_of(value)
  if type(value) ~= "string" then
    return type(value) == "table" and value or { false }
  end
  local list = {}
  for word in (value .. ","):gmatch "([^,]*)," do
    list[#list + 1] = word
  end
  return list
end

--- The words of a list, or of a text with commas, in small letters; nil where it is none.
local function read_set(value)
  local set, count = {}, 0
  for place, word in next, list_of(value) do
    if type(place) ~= "number" or type(word) ~= "string" then
      return nil
    end
    word = plain.lower(core.trim(word))
    count = count + (set[word] and 0 or 1)
    set[word] = true
  end
  return set, count
end

--- The text with commas of an enumeration that has the same words as a list or text, in
--- whatever order.
---@param enum string[]
---@param value any
---@return string?
function words.set(enum, value)
  local given, given_count = read_set(value)
  for _, text in ipairs(given and enum or {}) do
    local set, count = read_set(text)
    local is_same = count == given_count
    for word in pairs(set) do
      is_same = is_same and given[word]
    end
    if is_same then
      return text
    end
  end
end

return words
