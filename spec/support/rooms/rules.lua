-- Holds modules against the rules of their rooms. Pure: a file is its path and its text.

local requires = require "spec.support.rooms.requires"
local tokens = require "spec.support.rooms.tokens"

local rules = {}

--- The room of a module below lua/sms; nil for one of another package.
---@param house table see rules.check
---@param module string as it is required
---@return string?
function rules.room_of(house, module)
  local name = module == "sms" and "init" or module:match "^sms%.(.+)$"
  if not name then
    return nil
  end
  local path = name:gsub("%.", "/") .. "/"
  local room = house.top[name] and "top" or nil
  for candidate in pairs(house.rooms) do
    if not room and path:sub(1, #candidate + 1) == candidate .. "/" then
      room = candidate
    end
  end
  return room or path:match "^(.-)/"
end

--- The name by which a file below lua/ is required.
---@param path string
---@return string
function rules.module_of(path)
  return (path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."))
end

--- Whether a room may require another: what it may require may be required, too.
local function may(house, room, other)
  if room == other or room == "top" then
    return true
  end
  for _, below in ipairs(house.rooms[room]) do
    if below == other or may(house, below, other) then
      return true
    end
  end
  return false
end

--- What is wrong with a require, or nil.
local function problem_of(house, room, name)
  local other = name and rules.room_of(house, name)
  if not name then
    return "requires what is no string literal"
  elseif name == house.core then
    return nil
  elseif not other then
    return not (house.outside[room] or {})[name]
      and ("requires %s, which %s may not"):format(name, room) or nil
  elseif other == "top" and room ~= "top" or not (other == "top" or house.rooms[other])
    or not may(house, room, other) then
    return ("requires %s, which %s may not"):format(name, room)
  end
end

--- What in a file breaks the rules.
---@param house table
---  `rooms`: by folder, the folders it may require; `top`: the modules that may require all;
---  `core`: the module for all; `pure`: by folder, what it may use of that;
---  `outside`: by folder, the modules of other packages it may require
---@param path string
---@param text string
---@return string[] problems "path:line: …"
function rules.check(house, path, text)
  local problems = {}
  local function note(line, message)
    problems[#problems + 1] = ("%s:%d: %s"):format(path, line, message)
  end
  local room = rules.room_of(house, rules.module_of(path))
  if room ~= "top" and not house.rooms[room] then
    note(1, ("is in a room without a rule: %s"):format(room))
    return problems
  end
  for _, entry in ipairs((requires.of(text))) do
    local message = problem_of(house, room, entry.name)
    if message then
      note(entry.line, message)
    end
  end
  local allowed = house.pure[room]
  for _, use in ipairs(allowed and requires.uses(text, house.core) or {}) do
    if not use.name then
      note(use.line, ("hands on %s as a whole"):format(house.core))
    elseif not allowed[use.name] then
      note(use.line, ("uses %s.%s, which %s may not"):format(house.core, use.name, room))
    end
  end
  return problems
end

local SOURCE = { c = "c", h = "c", js = "js", lua = "lua" }

--- The folders that have more modules than a reader can take in.
---@param paths string[]
---@param most integer
---@return string[] crowded "folder: count"
function rules.crowded(paths, most)
  local counts, seen = {}, {}
  for _, path in ipairs(paths) do
    local folder, stem, suffix = path:match "^(.*)/([^/]*)%.(%w+)$"
    local kind = SOURCE[suffix]
    local module = kind and ("%s/%s.%s"):format(folder, stem, kind)
    if module and not seen[module] then -- a .c and its .h count once
      seen[module] = true
      counts[folder] = (counts[folder] or 0) + 1
    end
  end
  local crowded = {}
  for folder, count in pairs(counts) do
    if count > most then
      crowded[#crowded + 1] = ("%s: %d modules"):format(folder, count)
    end
  end
  table.sort(crowded)
  return crowded
end

local OPENS = { ["function"] = true, ["if"] = true, ["do"] = true, ["repeat"] = true }
local CLOSES = { ["end"] = true, ["until"] = true }

--- First and last line of every function of a program in Lua.
local function functions_in_lua(text)
  local found, open = {}, {}
  for _, token in ipairs(tokens.of(text)) do
    if token.kind == "name" and OPENS[token.text] then
      open[#open + 1] = token
    elseif token.kind == "name" and CLOSES[token.text] then
      local first = table.remove(open)
      found[#found + 1] = first.text == "function" and { first.line, token.line } or nil
    end
  end
  return found
end

--- The same in C, as clang-format writes it: it begins at the left, and so does its last brace.
local function functions_in_c(text)
  local found, line, first = {}, 0, nil
  for content in (text .. "\n"):gmatch "(.-)\n" do
    line = line + 1
    if content == "}" and first then
      found[#found + 1], first = { first, line }, nil
    elseif content:find "^[%a_].*%(" and not content:find ";$" then
      first = line
    end
  end
  return found
end

--- What is too long in a file.
---@param path string
---@param text string
---@param most { lines: integer, functions: integer? }
---@return string[] problems
function rules.long(path, text, most)
  local problems, _, lines = {}, text:gsub("\n", "")
  if lines > most.lines then
    problems[1] = ("%s: %d lines"):format(path, lines)
  end
  local functions = path:find "%.lua$" and functions_in_lua or functions_in_c
  for _, place in ipairs(most.functions and functions(text) or {}) do
    local length = place[2] - place[1] + 1
    if length > most.functions then
      problems[#problems + 1] = ("%s:%d: a function of %d lines"):format(path, place[1], length)
    end
  end
  return problems
end

return rules
