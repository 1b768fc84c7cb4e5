--- Values of Lua out of bytes: whatever a caller may hand over.
---
---     local from = values.reader(bytes, { words = { "to" }, pool = {} })
---     local count, argument = from.byte(), from.value()

local values = {}

local NUMBERS = { 0, -1, 0.5, 2 ^ 31, 2 ^ 53, 2 ^ 63, -2 ^ 63, 1e308, math.huge, -math.huge, 0 / 0,
  math.maxinteger, math.mininteger, 100000, 16384, 86400 }
local DEEPEST = 4

local function fails()
  error("on purpose")
end

-- Each raises in another place.
local HOSTILE = {
  { __index = fails }, { __len = fails }, { __tostring = fails }, { __newindex = fails },
  { __gc = fails }, { __eq = fails }, { __index = function(t) return t end },
  { __len = function() return 1000000000000 end },
}

--- What reads values from bytes, and zeros behind the last.
---@param bytes string
---@param known { words: string[], pool: any[] }
---@return { byte: function, text: function, word: function, value: function, left: function }
function values.reader(bytes, known)
  local at, from = 1, {}

  function from.byte()
    local byte = bytes:byte(at) or 0
    at = at + 1
    return byte
  end

  function from.left()
    return at <= #bytes
  end

  function from.text(length)
    local text = bytes:sub(at, at + length - 1)
    at = at + length
    return text
  end

  function from.word()
    return known.words[from.byte() % #known.words + 1]
  end

  local function float()
    local text = from.text(8)
    return #text == 8 and string.unpack("<d", text) or 0.0
  end

  local function list(depth)
    local made = {}
    for i = 1, from.byte() % 8 do
      made[i] = from.value(depth + 1)
    end
    return made
  end

  local function record(depth)
    local made = {}
    for _ = 1, from.byte() % 8 do
      made[from.word()] = from.value(depth + 1)
    end
    return made
  end

  local function hostile(depth)
    return setmetatable(record(depth), HOSTILE[from.byte() % #HOSTILE + 1])
  end

  local kinds = {
    function() return nil end,
    function() return true end,
    function() return false end,
    function() return from.byte() end,
    function() return -from.byte() end,
    function() return from.byte() + 256 * from.byte() end,
    function() return NUMBERS[from.byte() % #NUMBERS + 1] end,
    float,
    function() return from.text(from.byte()) end,
    function() return from.text(from.byte() % 16) end,
    from.word,
    function() return from.text(from.byte() % 4):rep(from.byte() * 16) end,
    list,
    record,
    hostile,
    function() return known.pool[from.byte() % (#known.pool + 1)] end,
    function() return fails end,
    function() return tostring end,
    function() return coroutine.create(fails) end,
  }

  --- The next value. nil is one.
  function from.value(depth)
    depth = depth or 1
    local kind = kinds[from.byte() % #kinds + 1]
    if depth > DEEPEST and (kind == list or kind == record or kind == hostile) then
      return {}
    end
    return kind(depth)
  end

  return from
end

return values
