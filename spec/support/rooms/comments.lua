-- The comments of a source, block by block: what stands in consecutive lines belongs together, so
-- that a sentence that is broken over two of them is whole.

local tokens = require "spec.support.rooms.tokens"

local comments = {}

local function is_lua(path)
  return path:find "%.lua$" or path:find "%.rockspec$" or path:find "%.luacheckrc$"
end

local function blank(text)
  return (text:gsub("[^\n]", " "))
end

--- Lua's comments, in place; all else blank.
local function of_lua(text)
  local out, at = {}, 1
  for _, comment in ipairs(tokens.comments(text)) do
    local words = text:sub(comment.from, comment.to)
    local mark = words:match "^%-%-%[=*%[" or words:match "^%-+"
    out[#out + 1] = blank(text:sub(at, comment.from - 1)) .. (" "):rep(#mark)
      .. words:sub(#mark + 1):gsub("%]=*%]$", "")
    at = comment.from + #words
  end
  out[#out + 1] = blank(text:sub(at))
  return table.concat(out)
end

local function of_c(text)
  local out, at = {}, 1
  while true do
    local from, first = text:match("()/[*/]()", at)
    if not from then
      break
    end
    local to = text:sub(first - 1, first - 1) == "*" and text:match("()%*/", first)
      or text:match("()\n", first) or #text + 1
    local comment = text:sub(first, to - 1):gsub("\n( *)%*", "\n%1 ")
    out[#out + 1] = blank(text:sub(at, first - 1)) .. comment
    at = to
  end
  out[#out + 1] = blank(text:sub(at))
  return table.concat(out)
end

--- Of scripts and configurations: from a # on that stands at the beginning or behind a blank.
local function of_hashes(text)
  local lines = {}
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local before, comment = (" " .. line):match "^(.-%s)#+(.*)$"
    lines[#lines + 1] = before and (" "):rep(#before) .. comment or ""
  end
  return table.concat(lines, "\n")
end

--- The comments of a source; a page is one as a whole.
---@param path string
---@param text string
---@return { line: integer, text: string }[] blocks
function comments.of(path, text)
  if path:find "%.md$" then
    return { { line = 1, text = text } }
  end
  local seen = is_lua(path) and of_lua(text)
    or (path:find "%.[chj]s?$" and of_c or of_hashes)(text)
  local blocks, line, is_open = {}, 0, false
  for words in (seen .. "\n"):gmatch "([^\n]*)\n" do
    line = line + 1
    if not words:find "%S" then
      is_open = false
    elseif is_open then
      blocks[#blocks].text = blocks[#blocks].text .. "\n" .. words
    else
      blocks[#blocks + 1], is_open = { line = line, text = words }, true
    end
  end
  return blocks
end

return comments
