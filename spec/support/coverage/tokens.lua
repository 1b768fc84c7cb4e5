-- A file of Lua with every token on lines of its own, so that lines say which of them ran.

local tokens = {}

local methods = {}
local Tokens = { __name = "tokens", __index = methods }

-- What a token may look like, the longest first.
local SHAPES = { "^[%a_][%w_]*", "^0x%x+", "^%d[%d%.]*[eE][+-]?%d+",
  "^%d[%d%.]*", "^%.%.%.", "^%.%.", "^[=~<>]=", "^//", "^::", "^[^%s]" }

local function end_of_text(source, from)
  local quote, at = source:sub(from, from), from + 1
  while source:sub(at, at) ~= quote do
    at = at + (source:sub(at, at) == "\\" and 2 or 1)
  end
  return at
end

local function end_of_long(source, from)
  local equals = source:match("^%[(=*)%[", from)
  return equals and select(2, source:find("]" .. equals .. "]", from, true))
end

local function token_at(source, from)
  if source:find("^[\"']", from) then
    return end_of_text(source, from)
  end
  local long = end_of_long(source, from)
  if long then return long end
  for _, shape in ipairs(SHAPES) do
    local _, last = source:find(shape, from)
    if last then return last end
  end
end

local function end_of_comment(source, from)
  return end_of_long(source, from + 2) or (source:find("\n", from, true) or #source + 1) - 1
end

local function lines_in(text)
  return select(2, text:gsub("\n", ""))
end

--- Of a source: its tokens, the `lines` they stand on there, the `text` with each on its own, and
--- `at`: the token by a line of that.
function tokens.of(source)
  local self = setmetatable({ lines = {}, at = {} }, Tokens)
  local at, line = 1, 1
  while true do
    local from = source:find("%S", at)
    if not from then break end
    line = line + lines_in(source:sub(at, from - 1))
    at = (source:find("^%-%-", from) and end_of_comment or token_at)(source, from) + 1
    local token = source:sub(from, at - 1)
    if not token:find "^%-%-" then
      self[#self + 1], self.lines[#self + 1] = token, line
      for _ = 0, lines_in(token) do self.at[#self.at + 1] = #self end
    end
    line = line + lines_in(token)
  end
  self.text = table.concat(self, "\n")
  return self
end

--- Where a line of the text stands in the source, and which token begins or goes on there.
function methods:place(line)
  local token = self.at[line]
  return self.lines[token], self[token]
end

return tokens
