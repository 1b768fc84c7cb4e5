--- A value as one text, the same for the same value whatever the order of its keys; types are told
--- apart. Pure.
---
---   canonical.text(item)           for hashes: the same in every Lua; anything has a text
---   canonical.exact(value, most)   to be read again (sms.outbox.kept.pack): floats are told from
---                                  integers, lists by the metatables of lua-cjson; what could not
---                                  be read again has no text

local core = require "sms.core"
local json = require "sms.base.json"
local plain = require "sms.base.plain"

local canonical = {}

canonical.deepest = 100 -- of what is to be read again
local DEEPEST = 32 -- of what is hashed; also ends cycles

local LONGEST_WHOLE = 2 ^ 53 -- up to here a double skips no integer
local INFINITE = { [math.huge] = "1e999", [-math.huge] = "-1e999" }

local function is_integer(value)
  return math.type ~= nil and math.type(value) == "integer"
end

-- For hashes ------------------------------------------------------------------------------

local Hashed = {}

function Hashed.number(value)
  local is_whole = is_integer(value)
  return "n" .. plain.number(is_whole and "%d" or "%.17g", value) .. ";"
end

function Hashed.begin()
  return "t{"
end

--- What no item has stands for its type: an address would be another each time.
function Hashed.other(value)
  return type(value) .. ";"
end

function Hashed.deep(depth)
  return depth > DEEPEST and "deep;"
end

function Hashed.count() end

-- To be read again ------------------------------------------------------------------------

local Exact = {}
Exact.__index = Exact

local Refusal = {}

local function refuse(why)
  error(setmetatable({ why = why }, Refusal), 0)
end

--- Whether a number is written as an integer: in a Lua that has but doubles, one that is whole.
local function is_whole(value)
  if math.type then
    return is_integer(value)
  end
  return value % 1 == 0 and math.abs(value) <= LONGEST_WHOLE and (value ~= 0 or 1 / value > 0)
end

function Exact.number(value)
  if is_whole(value) then
    return "n" .. (is_integer(value) and "%d" or "%.0f"):format(value) .. ";"
  elseif value ~= value then
    return "nan;"
  end
  return "d" .. (INFINITE[value] or core.double_text(value)) .. ";"
end

function Exact.begin(value)
  local meta = getmetatable(value)
  return meta ~= nil and (meta == json.array_mt and "a{" or meta == json.empty_array_mt and "e{")
    or "t{"
end

function Exact.other(value)
  if value == json.null then
    return "null;"
  end
  refuse(("a %s cannot be kept"):format(type(value)))
end

function Exact.key(key)
  if type(key) ~= "string" and not (type(key) == "number" and is_whole(key)) then
    refuse "a key of a table that is neither a text nor a whole number cannot be kept"
  end
end

function Exact.deep(depth)
  return depth > canonical.deepest
    and refuse(("tables more than %d deep cannot be kept"):format(canonical.deepest))
end

--- Counts what was written, which also ends cycles.
function Exact:count(text)
  self.left = self.left - #text
  if self.left < 0 then
    refuse(("more than %.0f bytes cannot be kept"):format(self.most))
  end
end

-- Both ------------------------------------------------------------------------------------

local text_of

local function table_text(value, depth, way)
  local deep = way.deep(depth)
  if deep then
    return deep
  end
  local keys, by_text = {}, {}
  for key, part in next, value do -- raw, as params are read
    if way.key then
      way.key(key)
    end
    local text = text_of(key, depth + 1, way)
    keys[#keys + 1], by_text[text] = text, text_of(part, depth + 1, way)
  end
  table.sort(keys, plain.is_before)
  for i, key in ipairs(keys) do
    keys[i] = key .. by_text[key]
  end
  return way.begin(value) .. table.concat(keys) .. "}"
end

local function scalar_text(value, kind, way)
  if kind == "string" then
    return "s" .. #value .. ":" .. value
  elseif kind == "number" then
    return way.number(value)
  elseif kind == "boolean" then
    return value and "true;" or "false;"
  end
  return way.other(value)
end

function text_of(value, depth, way)
  local kind = type(value)
  if kind == "table" then
    way:count "t{}"
    return table_text(value, depth, way)
  end
  local text = scalar_text(value, kind, way)
  way:count(text)
  return text
end

--- The text of an item, for hashes.
---@param item table
---@return string
function canonical.text(item)
  return text_of(item, 1, Hashed)
end

--- The text of a value that is read again.
---@param value any
---@param most integer bytes that it may have
---@return string? text
---@return string? why there is none, in words without any of the value
function canonical.exact(value, most)
  local ok, text = pcall(text_of, value, 1, setmetatable({ left = most, most = most }, Exact))
  if ok then
    return text
  elseif getmetatable(text) == Refusal then
    return nil, text.why
  end
  error(text, 0)
end

return canonical
