-- What a Lua program requires, in whatever way it is written, and what it uses of a module.

local tokens = require "spec.support.rooms.tokens"

local requires = {}

local NOTHING = { kind = "", text = "" }

-- What `package` has that loads nothing.
local HARMLESS = { config = true, cpath = true, path = true, searchpath = true }

local function shape(list, at, count)
  local words = {}
  for i = 0, count - 1 do
    local word = list[at + i] or NOTHING
    words[i + 1] = word.kind == "string" and "S" or word.kind == "name" and "N" or word.text
  end
  return table.concat(words, " ")
end

--- How many words from `require` on make up its call, and which of them is the name; nil where
--- the name is no string literal.
local function of_require(list, at)
  if shape(list, at, 2) == "N S" then
    return 1
  elseif shape(list, at, 4) == "N ( S )" or (list[at - 1] or NOTHING).text == "("
    and (shape(list, at, 4) == "N , S )" or shape(list, at, 4) == "N , S ,") then
    return 2
  end
end

--- Likewise from `package` on; false where nothing is loaded.
local function of_package(list, at)
  local field = (list[at + 2] or NOTHING).text
  if shape(list, at, 3) ~= "N . N" then
    return nil
  elseif HARMLESS[field] then
    return false
  elseif field ~= "loaded" and field ~= "preload" then
    return nil
  elseif shape(list, at, 6) == "N . N [ S ]" or shape(list, at, 5) == "N . N . N" then
    return 4
  end
end

local READERS = { require = of_require, package = of_package }

--- Everything a program requires.
---@param text string
---@return { line: integer, name: string?, at: integer }[] `name` is nil where it is no string
---  literal; `at` is the place of the name among the words
---@return table[] words of the program
function requires.of(text)
  local list, found = tokens.of(text), {}
  for i, word in ipairs(list) do
    local reader = word.kind == "name" and READERS[word.text]
    local offset = reader and reader(list, i)
    if reader and offset ~= false then
      local name = offset and list[i + offset].text
      if name and name:find("\\", 1, true) then
        name = nil
      end
      found[#found + 1] = { line = word.line, name = name, at = i + (offset or 0) }
    end
  end
  return found, list
end

--- The first word after a require, and the name it is given in `local name = require "…"`.
local function binding(list, entry)
  local after, first = entry.at + 1, entry.at - 1
  if (list[after] or NOTHING).text == ")" then
    after, first = after + 1, first - 1
  end
  if shape(list, first - 3, 4) == "N N = N" and list[first - 3].text == "local" then
    return after, list[first - 2].text
  end
  return after
end

--- What a program uses of a module: `local m = require "module"` and then `m.this`, or
--- `require "module".this`.
---@param text string
---@param module string
---@return { line: integer, name: string? }[] `name` is nil where the whole is handed on
function requires.uses(text, module)
  local found, list = requires.of(text)
  local uses, names = {}, {}
  local function add(line, at)
    local is_field = shape(list, at, 2) == ". N"
    uses[#uses + 1] = { line = line, name = is_field and list[at + 1].text or nil }
  end
  for _, entry in ipairs(found) do
    if entry.name == module then
      local after, name = binding(list, entry)
      if name and (list[after] or NOTHING).text ~= "." then
        names[name] = after
      else
        add(entry.line, after)
      end
    end
  end
  for i, word in ipairs(list) do
    local before = (list[i - 1] or NOTHING).text
    local from = word.kind == "name" and names[word.text]
    if from and i >= from and before ~= "." and before ~= ":" then
      add(word.line, i + 1)
    end
  end
  return uses
end

return requires
