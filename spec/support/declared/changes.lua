-- Random changes of params: values of a pool and what is spelt oddly, anywhere in them.

local changes = {}

local random = math.random

local SPELT = { "+44 7700 900000", "00447700900000", "0172 (123) 45-6", "447700900000", "Acme Ltd",
  "24-7", "+447700900000\n", "447700900000.0", "+44 (0)7700 900000", "0172 1234567/8", "express",
  "5", "60000.0", "true", "   ", "+", "00", "00123", "000123456789", "1234567890123456", "€uro",
  "Привет", "[x]", "`" }

--- A copy of params, deep.
function changes.copy_of(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, part in pairs(value) do
    copy[key] = changes.copy_of(part)
  end
  return copy
end

local function random_text()
  local most = random(4) == 1 and 255 or 126
  local characters = {}
  for i = 1, random(0, 200) do
    characters[i] = string.char(random(random(30) == 1 and 1 or 32, most))
  end
  return table.concat(characters)
end

local function any_value(pool)
  local kind = random(8)
  if kind == 1 then
    return random_text()
  elseif kind == 2 then
    return SPELT[random(#SPELT)]
  elseif kind == 3 then
    return ({ 0, 1, -1, 20000, 5, 2.5, 2 ^ 53, 1 / 0, -0.0, true, false })[random(11)]
  end
  return changes.copy_of(pool[random(#pool)])
end

--- Makes one change somewhere in a table: a value, a key more or less.
---@param params table
---@param fields table the operation's, with their names
---@param pool any[] values
function changes.make(params, fields, pool)
  local keys = {}
  for key in pairs(params) do
    keys[#keys + 1] = key
  end
  local key = keys[random(math.max(#keys, 1))]
  local inner = key ~= nil and params[key]
  if type(inner) == "table" and next(inner) and random(5) > 1 then
    return changes.make(inner, fields, pool)
  end
  local kind = random(6)
  if kind == 1 and key ~= nil then
    params[key] = nil
  elseif kind <= 3 and key ~= nil then
    params[key] = any_value(pool)
  elseif kind == 4 and #params > 0 then
    table.insert(params, random(#params + 1), any_value(pool))
  else
    params[random(20) == 1 and "unknown" or fields[random(#fields)][1]] = any_value(pool)
  end
end

return changes
