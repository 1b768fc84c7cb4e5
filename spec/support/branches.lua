-- Which branches of a Lua file a test has taken (Lua 5.4 alone: it reads luac's listing).
--
--     local measured = branches.load "lua/sms/wire/retry.lua"
--     measured:run(function() measured.module.after("7", 0) end)
--     assert.same({}, measured:missing())     { "43: after `and`", … }
--
-- The file is compiled with every token on a line of its own. A jump that depends on a value then
-- has two lines that may come next, and a hook sees which ones do. In `c and x or y` the choice is
-- that of `c`; that x is neither nil nor false is taken for granted.

local branches = {}

local methods = {}
local Branches = { __name = "branches", __index = methods }

branches.possible = _VERSION == "Lua 5.4" and os.execute "luac5.4 -v >/dev/null 2>&1" and true

local CONDITIONAL = { EQ = true, LT = true, LE = true, EQK = true, EQI = true, LTI = true,
  LEI = true, GTI = true, GEI = true, TEST = true, TESTSET = true }

-- What a token may look like, the longest first.
local TOKENS = { "^[%a_][%w_]*", "^0x%x+", "^%d[%d%.eE]*", "^%.%.%.", "^%.%.", "^[=~<>]=", "^//",
  "^::", "^[^%s]" }

local function end_of_text(source, from)
  local quote, at = source:sub(from, from), from + 1
  while source:sub(at, at) ~= quote do
    at = at + (source:sub(at, at) == "\\" and 2 or 1)
  end
  return at
end

local function token_at(source, from)
  if source:find("^[\"']", from) then
    return end_of_text(source, from)
  end
  for _, pattern in ipairs(TOKENS) do
    local _, last = source:find(pattern, from)
    if last then return last end
  end
end

--- Every token of a file, and the line it stands on there.
local function tokens_of(source)
  local tokens, lines, at, line = {}, {}, 1, 1
  while true do
    local from = source:find("%S", at)
    if not from then return tokens, lines end
    line = line + select(2, source:sub(at, from - 1):gsub("\n", ""))
    if source:find("^%-%-", from) then
      at = source:find("\n", from, true)
    else
      local last = token_at(source, from)
      tokens[#tokens + 1], lines[#lines + 1] = source:sub(from, last), line
      at = last + 1
    end
  end
end

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

--- How many instructions of its line are executed from one on, until another line comes.
local function run_at(code, from)
  local at, count = from, 0
  while code[at].line == code[from].line do
    count = count + 1
    local opcode = code[at].opcode
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
local function is_choice(tokens, at)
  local depth = 0
  if tokens[at] ~= "or" then return false end
  while depth >= 0 do
    at = at - 1
    local token = tokens[at]
    depth = depth + (CLOSE[token] and 1 or OPEN[token] and -1 or 0)
    if depth == 0 and (token == "and" or BEFORE[token]) then return token == "and" end
  end
  return false
end

--- The two ways on from a conditional jump; where both lead to one line, they differ by how many
--- instructions of it are executed.
local function ways_from(code, i)
  local one, other, ways = i + 2, code[i + 1].target, {}
  while code[one].line == code[i].line do one = one + 1 end
  local same = code[one].line == code[other].line
  for n, to in ipairs { one, other } do
    local from, line = code[i].line, code[to].line
    ways[n] = { from = from, to = line,
      key = from .. ">" .. line .. (same and "*" .. run_at(code, to) or "") }
  end
  return ways
end

--- Whether an instruction decides what comes next; a comparison that is kept as a value does not.
local function is_decision(code, i, tokens)
  return CONDITIONAL[code[i].opcode] and code[i + 2].opcode ~= "LFALSESKIP"
    and not is_choice(tokens, code[i].line)
end

local function ways_of(functions, tokens)
  local ways = {}
  for _, code in ipairs(functions) do
    for i = 1, #code do
      if is_decision(code, i, tokens) then
        for _, way in ipairs(ways_from(code, i)) do ways[#ways + 1] = way end
      end
    end
  end
  return ways
end

--- Loads a file to be measured; its `module` is what it returns.
function branches.load(path)
  local file = assert(io.open(path))
  local source = file:read "*a"
  file:close()
  local self = setmetatable({ seen = {} }, Branches)
  self.tokens, self.lines = tokens_of(source)
  local text = table.concat(self.tokens, "\n")
  self.ways = ways_of(listing_of(text), self.tokens)
  self.name = "=branches of " .. path
  self.module = assert(load(text, self.name))()
  return self
end

--- Runs a function and notes every step in the file.
function methods:run(body)
  local name, seen = self.name:sub(2), self.seen
  local before, here, count = nil, nil, 0
  debug.sethook(function()
    local info = debug.getinfo(2, "Sl")
    local line = info.short_src == name and info.currentline or nil
    if line ~= here then
      if before and here then seen[before .. ">" .. here .. "*" .. count] = true end
      before, here, count = here, line, 0
      if before and here then seen[before .. ">" .. here] = true end
    end
    count = count + 1
  end, "", 1)
  local ok, message = pcall(body)
  debug.sethook()
  assert(ok, message)
end

--- The branches that were not taken, by the lines of the file.
function methods:missing()
  local list = {}
  for _, way in ipairs(self.ways) do
    if not self.seen[way.key] then
      list[#list + 1] = ("line %d: from `%s` to `%s` in line %d"):format(self.lines[way.from],
        self.tokens[way.from], self.tokens[way.to], self.lines[way.to])
    end
  end
  return list
end

return branches
