-- What can be executed of a file of Lua, by luac's listing: its lines, and the branches. The file
-- is compiled with every token on a line of its own (coverage.tokens). A jump that depends on a
-- value then has two lines that may come next. In `c and x or y` the choice is that of `c`; that x
-- is neither nil nor false is taken for granted.

local tokens = require "spec.support.coverage.tokens"

local ways = {}

ways.possible = _VERSION == "Lua 5.4" and os.execute "luac5.4 -v >/dev/null 2>&1" and true

local CONDITIONAL = { EQ = true, LT = true, LE = true, EQK = true, EQI = true, LTI = true,
  LEI = true, GTI = true, GEI = true, TEST = true, TESTSET = true }

--- The instructions of each function: { line, opcode, target of a jump }.
local function listing_of(text)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(text)
  file:close()
  local pipe = assert(io.popen("luac5.4 -l -p " .. name))
  local functions = {}
  for line in pipe:lines() do
    local number, at, opcode, rest = line:match "^\t(%d+)\t%[(%d+)%]\t(%u[%u%d]*)%s*(.*)$"
    if not number then
      functions[#functions + 1] = line:find "instruction" and {} or nil
    else
      functions[#functions][tonumber(number)] = { line = tonumber(at), opcode = opcode,
        target = tonumber(rest:match "; to (%d+)") }
    end
  end
  pipe:close()
  os.remove(name)
  return functions
end

--- How many instructions of its line are executed from one on, until another line comes. What
--- stands behind arithmetic is for values that are no numbers.
local function run_at(code, from)
  local at, count = from, 0
  while code[at].line == code[from].line do
    local opcode = code[at].opcode
    count = count + (opcode:find "^MMBIN" and 0 or 1)
    if opcode:find "^RETURN" then break end
    at = opcode == "JMP" and code[at].target or at + (opcode == "LFALSESKIP" and 2 or 1)
  end
  return count
end

local OPEN, CLOSE = { ["("] = true, ["["] = true, ["{"] = true },
  { [")"] = true, ["]"] = true, ["}"] = true }
local BEFORE = { ["="] = true, [","] = true, ["or"] = true, ["return"] = true, ["if"] = true,
  ["elseif"] = true, ["then"] = true, ["in"] = true }

--- Whether a token is the `or` of `c and x or y`.
local function is_choice(list, at)
  local depth = 0
  if list[at] ~= "or" then return false end
  while depth >= 0 do
    at = at - 1
    local token = list[at]
    depth = depth + (CLOSE[token] and 1 or OPEN[token] and -1 or 0)
    if depth == 0 and (token == "and" or BEFORE[token]) then return token == "and" end
  end
  return false
end

--- The two ways on from a conditional jump; where both lead to one line, they differ by how many
--- instructions of it are executed.
local function ways_from(code, i)
  local one, other, both = i + 2, code[i + 1].target, {}
  while code[one].line == code[i].line do one = one + 1 end
  local same = code[one].line == code[other].line
  for n, to in ipairs { one, other } do
    both[n] = { from = code[i].line, to = code[to].line, count = same and run_at(code, to) or 0 }
  end
  return both
end

--- Whether an instruction decides what comes next; a comparison that is kept as a value does not.
local function is_decision(code, i, list)
  return CONDITIONAL[code[i].opcode] and code[i + 2].opcode ~= "LFALSESKIP"
    and not is_choice(list, list.at[code[i].line])
end

local function is_dead(code, i) -- the end of a function that has returned before
  return i == #code and i > 1 and code[i - 1].opcode:find "^RETURN"
end

--- The tokens of a source, the lines of their text that have instructions (a set), and its
--- branches: { { from, to, count }, … }.
function ways.of(source)
  local list, lines, branches = tokens.of(source), {}, {}
  for _, code in ipairs(listing_of(list.text)) do
    for i = 1, #code do
      if not is_dead(code, i) then lines[code[i].line] = true end
      if is_decision(code, i, list) then
        for _, way in ipairs(ways_from(code, i)) do branches[#branches + 1] = way end
      end
    end
  end
  return list, lines, branches
end

--- A branch in words, by the lines of the file.
function ways.words(list, way)
  local line, from = list:place(way.from)
  local to_line, to = list:place(way.to)
  return ("line %d: from `%s` to `%s` in line %d"):format(line, from, to, to_line)
end

return ways
