-- Whether what comments and pages refer to is there: a page of this tree by its path, a section of
-- it by its number ("docs/design.md 3.3"). A section without a page, and notes that lie elsewhere,
-- are found, too.

local comments = require "spec.support.rooms.comments"

local references = {}

local NUMBER = "%d+%.[%d.]*%d"

--- A path beside a page.
local function beside(source, path)
  local joined = (source:match "^(.*/)" or "") .. path
  local before
  repeat
    joined, before = joined:gsub("[^/]+/%.%./", "", 1), joined
  until joined == before
  return (joined:gsub("%./", ""))
end

--- Where a page lies that is named in a source, from the root or beside it.
local function find(tree, source, path)
  for _, place in ipairs { path, beside(source, path) } do
    if tree.has(place) then
      return place
    end
  end
end

--- The numbers of a page's sections.
---@param text string
---@return table<string, boolean>
function references.sections(text)
  local numbers = {}
  for number in ("\n" .. text):gmatch "\n#+ +(%d[%d.]*) " do
    numbers[(number:gsub("%.$", ""))] = true
  end
  return numbers
end

--- Blanks the text from a place on, so that it is not looked at again; lines stay.
local function without(text, from, to)
  return text:sub(1, from - 1) .. text:sub(from, to - 1):gsub("[^\n]", " ") .. text:sub(to)
end

-- What has sections of its own, and lies elsewhere for good: standards.
local STANDARDS = { "RFC%s+%d+,?%s+" .. NUMBER, "RFC%s+%d+,?%s+section%s+%d[%d.]*",
  "TS%s+%d+%.%d+" }

--- The sections that are named behind a page: one, or several with commas or "and" between them.
local function sections_at(text, at)
  local numbers = {}
  local number, behind = text:match("^[`'\"]?,?%s+(%d[%d.]*)()", at)
  if not number then
    number, behind = text:match("^[`'\"]?,?%s+sections?%s+(%d[%d.]*)()", at)
  end
  while number do
    numbers[#numbers + 1], at = number:gsub("%.$", ""), behind
    number, behind = text:match("^,%s+(" .. NUMBER .. ")()", at)
    if not number then
      number, behind = text:match("^%s+and%s+(" .. NUMBER .. ")()", at)
    end
  end
  return numbers, at
end

--- Looks at what names a page, and takes it out of the text.
local function pages(tree, source, text, found)
  local at = 1
  while true do
    local from, path, to = text:match("()([%w_./-]+%.md)%f[%W]()", at)
    if not from then
      return text
    end
    local place = find(tree, source, path)
    local numbers, behind = sections_at(text, to)
    if path:find "^//" then
      place, numbers = path, {}
    elseif not place then
      found(from, path .. " is not there")
    end
    for _, number in ipairs(place and numbers or {}) do
      if not references.sections(tree.read(place))[number] then
        found(from, ("%s has no section %s"):format(path, number))
      end
    end
    text, at = without(text, from, behind), behind
  end
end

-- A section whose page is not named: only in a page that has it.
local BARE = { "()%f[%a][Ss]ections?%s+(%d[%d.]*)", "()%f[%a][Pp]ages?%s+(" .. NUMBER .. ")",
  "()%f[%a][Cc]hapters?%s+(%d[%d.]*)", "()§%s*(%d[%d.]*)", "()%f[%a][Ss]ee%s+(" .. NUMBER .. ")",
  "()%s%((%d+%.%d+)%)" }

-- Names of notes: a number behind one of them leads nowhere.
local NOTES = { "nexmo", "retarus", "facts", "fact", "design", "style", "documentation" }

local function bare(own, text, found)
  for _, pattern in ipairs(BARE) do
    for from, number in text:gmatch(pattern) do
      number = number:gsub("%.$", "")
      if not (own and own[number]) then
        found(from, ("section %s of which page?"):format(number))
      end
    end
  end
  local lower = text:gsub("%u", string.lower)
  for _, name in ipairs(NOTES) do
    for from, number in lower:gmatch("()%f[%w]" .. name .. ",?%s+(" .. NUMBER .. ")") do
      found(from, ("%s %s is no page"):format(name, number))
    end
  end
  for from, name in text:gmatch "()%f[%w](%u+)%f[%W]" do
    if name == "DESIGN" or name == "STYLE" then
      found(from, name .. " is no page")
    end
  end
end

--- What does not resolve in a source.
---@param tree { has: fun(path: string): boolean, read: fun(path: string): string }
---@param source string its path
---@param text string
---@return string[] problems with path and line
function references.check(tree, source, text)
  local problems = {}
  local own = source:find "%.md$" and references.sections(text)
  for _, block in ipairs(comments.of(source, text)) do
    local words = block.text
    local function found(at, what)
      local _, breaks = words:sub(1, at):gsub("\n", "")
      problems[#problems + 1] = ("%s:%d: %s"):format(source, block.line + breaks, what)
    end
    local rest = pages(tree, source, words, found)
    for _, pattern in ipairs(STANDARDS) do
      for from, to in rest:gmatch("()" .. pattern .. "()") do
        rest = without(rest, from, to)
      end
    end
    bare(own and next(own) and own, rest, found)
  end
  return problems
end

return references
