--- What an outbox keeps in Redis as bytes: items, their keys, results and errors. A value comes
--- back as it went in, in every Lua and every later version: integers and floats, doubles to the
--- last bit, any bytes in texts, `{}` and lists by the metatables of lua-cjson (or, where that has
--- none, of sms.base.json, which writes them alike), its null.
---
---   local bytes, why = pack.encode({ to = "447700900000", text = "Hello" }, seal)
---   local value, why = pack.decode(bytes, seal)
---
--- The first byte is the version: \1 is a text of sms.bulk.canonical, \2 such bytes sealed. Bytes
--- that nobody packed are refused, whatever they are. A Lua without integers gives those that a
--- double does not hold as their text. Pure.

local canonical = require "sms.bulk.canonical"
local core = require "sms.core"
local json = require "sms.base.json"

local pack = {}

pack.most = 1024 * 1024 -- bytes of one value

local PLAIN, SEALED = "\1", "\2"
local HIGHEST, LATER = 2, 32 -- of the versions that are known, and of those to come
local SEAL = 64 -- bytes that sealing adds, at most
local LONGEST_NUMBER = 32

-- Reading ---------------------------------------------------------------------------------
-- A reader gets where the text goes on behind the letters by which it was chosen, and gives back
-- where what follows begins, and the value; nothing where the text is broken.

local readers = {}

local WORDS = { ["true"] = true, ["false"] = false, null = json.null, nan = 0 / 0 }
local MARKS = { a = json.array_mt, e = json.empty_array_mt }

local function read(text, at, depth)
  local kind, behind = text:match("^([a-z]+)()", at)
  if readers[kind] then
    return readers[kind](text, behind, depth)
  elseif WORDS[kind] ~= nil and text:sub(behind, behind) == ";" then
    return behind + 1, WORDS[kind]
  end
end

function readers.s(text, at)
  local length, from = text:match("^(%d+):()", at)
  local to = length and #length < 10 and from + tonumber(length)
  if to and to <= #text + 1 then
    return to, text:sub(from, to - 1)
  end
end

function readers.n(text, at)
  local digits, behind = text:match("^(%-?%d+);()", at)
  if not digits or #digits > LONGEST_NUMBER then
    return
  end
  local value = tonumber(digits)
  if ("%.0f"):format(value) == digits or math.type and math.type(value) == "integer" then
    return behind, value
  end
  return behind, digits
end

function readers.d(text, at)
  local digits, behind = text:match("^([%d.e+-]+);()", at)
  local value = digits and #digits <= LONGEST_NUMBER and core.to_double(digits)
  return value and behind, value
end

--- A table's keys and values, up to its end.
local function read_table(text, at, depth)
  if text:sub(at, at) ~= "{" or depth > canonical.deepest then
    return
  end
  local value = {}
  local key, part
  at = at + 1
  while text:sub(at, at) ~= "}" do
    at, key = read(text, at, depth + 1)
    if not at or type(key) ~= "string" and (type(key) ~= "number" or key % 1 ~= 0) then
      return
    end
    at, part = read(text, at, depth + 1)
    if not at then
      return
    end
    value[key] = part
  end
  return at + 1, value
end

readers.t = read_table

for letter, mark in pairs(MARKS) do
  readers[letter] = function(text, at, depth)
    local behind, value = read_table(text, at, depth)
    return behind, value and setmetatable(value, mark)
  end
end

-- Public ----------------------------------------------------------------------------------

--- Bytes for a value.
---@param value any texts, numbers, booleans, and tables of these
---@param seal userdata? of core.seal: the bytes are sealed with its first secret
---@param most integer? bytes that there may be; left out: 1 MiB
---@return string? bytes
---@return string? why it cannot be kept, in words without any of it
---@return boolean? is_internal that is not because of the value
function pack.encode(value, seal, most)
  local text, why = canonical.exact(value, (most or pack.most) - SEAL)
  if not text then
    return nil, why
  elseif not seal then
    return PLAIN .. text
  end
  local sealed
  sealed, why = seal:apply(PLAIN .. text)
  if not sealed then
    return nil, "OpenSSL could not seal it: " .. why, true
  end
  return SEALED .. sealed
end

local function unsealed(bytes, seal)
  if not seal then
    return nil, "it is sealed, and no secret is given here (seal)", true
  end
  return seal:open(bytes:sub(2))
end

--- The value of bytes.
---@param bytes any what Redis gave
---@param seal userdata? of core.seal, for what is sealed
---@return any value nil: there is none
---@return string? why there is none, in words without any of it
---@return boolean? is_locked whether it is the secret that is missing
function pack.decode(bytes, seal)
  if type(bytes) == "string" and bytes:sub(1, 1) == SEALED then
    local opened, why, is_locked = unsealed(bytes, seal)
    if not opened then
      return nil, why, is_locked
    end
    bytes = opened
  end
  local version = type(bytes) == "string" and bytes:byte()
  if version == PLAIN:byte() and #bytes <= pack.most then
    local behind, value = read(bytes, 2, 1)
    if behind == #bytes + 1 then
      return value
    end
  elseif version and version > HIGHEST and version < LATER then
    return nil, ("it was packed by a later version of lua-sms (format %d)"):format(version)
  end
  return nil, "it is not what lua-sms packed"
end

return pack
