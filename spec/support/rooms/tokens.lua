-- Reads Lua's words, so that what stands in comments and strings is not taken for code.

local tokens = {}

--- The end of a long string or comment that begins at a place, and its content.
local function long(text, at)
  local level, first = text:match("^%[(=*)%[()", at)
  if not level then
    return nil
  end
  local last, after = text:find("]" .. level .. "]", first, true)
  return (after or #text) + 1, text:sub(first, (last or #text + 1) - 1)
end

--- The end of a quoted string that begins at a place, and its content.
local function quoted(text, at)
  local quote, after = text:sub(at, at), at + 1
  while after <= #text and text:sub(after, after) ~= quote do
    after = after + (text:sub(after, after) == "\\" and 2 or 1)
  end
  return after + 1, text:sub(at + 1, after - 1)
end

local PATTERNS = {
  { "name", "^([%a_][%w_]*)()" },
  { "number", "^(%.?%d[%w.]*)()" },
  { "symbol", "^(%.%.%.?)()" },
  { "symbol", "^(.)()" },
}

--- What begins at a place: where it ends, its kind and its text; blanks and comments have none.
local function word(text, at)
  local after = text:match("^%s+()", at)
  if after then
    return after
  elseif text:find("^%-%-", at) then
    return (long(text, at + 2)) or text:find("\n", at, true) or #text + 1
  elseif text:find("^[\"']", at) then
    local ended, content = quoted(text, at)
    return ended, "string", content
  elseif text:find("^%[=*%[", at) then
    local ended, content = long(text, at)
    return ended, "string", content
  end
  for _, pattern in ipairs(PATTERNS) do
    local found, ended = text:match(pattern[2], at)
    if found then
      return ended, pattern[1], found
    end
  end
end

--- The words of a program.
---@param text string
---@return { kind: string, text: string, line: integer }[] of kind name, string, number, symbol
function tokens.of(text)
  local list, at, line = {}, 1, 1
  while at <= #text do
    local after, kind, found = word(text, at)
    if kind then
      list[#list + 1] = { kind = kind, text = found, line = line }
    end
    local _, breaks = text:sub(at, after - 1):gsub("\n", "")
    at, line = after, line + breaks
  end
  return list
end

--- Where the comments of a program stand, with their hyphens and brackets.
---@param text string
---@return { from: integer, to: integer }[]
function tokens.comments(text)
  local list, at = {}, 1
  while at <= #text do
    local after = word(text, at)
    if text:find("^%-%-", at) then
      list[#list + 1] = { from = at, to = after - 1 }
    end
    at = after
  end
  return list
end

return tokens
