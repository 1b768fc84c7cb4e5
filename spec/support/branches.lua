-- Which branches of a Lua file a test has taken (Lua 5.4 alone: it reads luac's listing).
--
--     local measured = branches.load "lua/sms/wire/retry.lua"
--     measured:run(function() measured.module.after("7", 0) end)
--     assert.same({}, measured:missing())     { "43: after `and`", … }
--
-- coverage.ways says what a branch is; a hook sees which are taken.

local ways = require "spec.support.coverage.ways"

local branches = { possible = ways.possible }

local methods = {}
local Branches = { __name = "branches", __index = methods }

--- Loads a file to be measured; its `module` is what it returns.
function branches.load(path)
  local file = assert(io.open(path))
  local source = file:read "*a"
  file:close()
  local self = setmetatable({ seen = {} }, Branches)
  self.tokens, self.lines, self.ways = ways.of(source)
  self.name = "=branches of " .. path
  self.module = assert(load(self.tokens.text, self.name))()
  return self
end

--- What ./dev coverage shall know, too.
local function tell(path, seen)
  local file = os.getenv "SMS_STEPS" and assert(io.open(os.getenv "SMS_STEPS", "a"))
  for key in pairs(file and seen or {}) do
    file:write((path:gsub("^lua/", "")), " ", (key:gsub("[>*]", " ")), "\n")
  end
  if file then file:close() end
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
      if before and here then seen[before .. ">" .. here .. "*0"] = true end
    end
    count = count + 1
  end, "", 1)
  local ok, message = pcall(body)
  debug.sethook()
  tell(name:match "%S+$", seen)
  assert(ok, message)
end

--- The branches that were not taken, by the lines of the file.
function methods:missing()
  local list = {}
  for _, way in ipairs(self.ways) do
    if not self.seen[way.from .. ">" .. way.to .. "*" .. way.count] then
      list[#list + 1] = ways.words(self.tokens, way)
    end
  end
  return list
end

return branches
