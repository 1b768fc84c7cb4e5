-- Calls the library as it is not meant, at random, and prints what is wrong: a raise that names
-- another line than the caller's, or in other words than public ones, and what is no error of the
-- library where one is returned. With "ends", a hook ends the process with os.exit and lua_close:
-- status 7.
--
--     child.lua SEED CALLS [ends]

unpack = unpack or table.unpack -- luacheck: ignore 121

local seed, calls = assert(tonumber(arg[1])), assert(tonumber(arg[2]))
math.randomseed(seed)

local cqueues = require "cqueues"
local caller = require "spec.support.misuse.caller"
local sms = require "sms"
local targets = require "spec.support.misuse.targets"
local values = require "spec.support.misuse.values"

local PLACE = "^%S*spec/support/misuse/caller%.lua:%d+: "
-- Words of Lua's own and of the inside of the library; a program may not need to know them.
local INTERNAL = { "attempt to", "lua/sms/", "sms/[%w_/]+%.lua", "%.lua:%d+:", "bad argument",
  "stack overflow", "__%l+", "invalid value", "invalid order", "malformed", "number has no",
  "table expected" }
local LUA_OWN = { "attempt to yield", "outside a coroutine", "C.call boundary" }

values.ends = arg[3] == "ends"

local counts = { calls = 0, raised = 0, errors = 0, problems = 0 }
local seen = {}

local function note(target, what)
  counts.problems = counts.problems + 1
  what = target.name .. ": " .. what
  local kind = what:gsub("0x%x+", "#"):gsub("%d+", "#"):gsub("an? [%a%*]+ value", "a value")
  seen[kind] = (seen[kind] or 0) + 1
  if seen[kind] == 1 then
    print(("problem (seed %d, call %d): %s"):format(seed, counts.calls, what:sub(1, 400)))
  end
end

local function is_of_program(message)
  if message:find(values.THROWN, 1, true) then return true end
  for _, words in ipairs(LUA_OWN) do
    if message:find(words) then return true end
  end
end

local function check_words(target, message, how)
  if is_of_program(message) then return end
  for _, words in ipairs(INTERNAL) do
    if message:find(words) then return note(target, how .. message) end
  end
end

local function check_raised(target, raised)
  counts.raised = counts.raised + 1
  if type(raised) == "table" and raised.cause ~= nil then raised = tostring(raised.cause) end
  if type(raised) ~= "string" then
    return note(target, "raised a " .. type(raised) .. ": " .. tostring(raised))
  elseif is_of_program(raised) then
    return
  end
  local place = raised:match(PLACE)
  if not place then return note(target, "raised elsewhere: " .. raised) end
  check_words(target, raised:sub(#place + 1), "raised: ")
end

local function check_results(target, results)
  local err = results[2]
  if results[1] or not sms.is_error(err) then return end
  counts.errors = counts.errors + 1
  local ok, text = pcall(tostring, err)
  if not ok then return note(target, "an error that tells nothing: " .. tostring(text)) end
  check_words(target, text, "returned: ")
end

-- Some rounds of what is called in a loop.
local function go_round(target, results, given)
  local iterator = results[1]
  if target.name:find ":follow$" and (given.n < 3 or given[3] ~= target.given[3]) then
    return -- its pauses may be as long as that says
  end
  local is_run = target.name:find "send_all$" or target.name:find ":each$"
    or target.name:find ":follow$"
  if not is_run or iterator == nil then return end
  for _ = 1, 3 do
    local ok, more = pcall(caller.call, { iterate = iterator }, "iterate", { n = 0 })
    if not ok then return check_raised(target, more) end
    if more[1] == nil then break end
  end
  if type(iterator) == "table" and iterator.close then
    local ok, raised = pcall(caller.call, iterator, "close", { iterator, n = 1 })
    if not ok then check_raised(target, raised) end
  end
end

local function one(target)
  local given, right = { n = target.given.n }, target.given
  for i = 1, right.n do
    local is_self = i == 1 and rawequal(right[1], target.whole)
    if is_self or math.random(6) == 1 then
      given[i] = right[i]
    elseif type(right[i]) == "table" and getmetatable(right[i]) == nil then
      given[i] = values.nearly(right[i])
    else
      given[i] = values.any(3)
    end
  end
  if math.random(20) == 1 and given.n > 0 then given[1] = values.any(1) end
  if math.random(10) == 1 then given.n = math.random(0, given.n) end
  if target.tame then target.tame(given) end
  local ok, results = pcall(caller.call, target.whole, target.called, given)
  if not ok then return check_raised(target, results) end
  check_results(target, results)
  go_round(target, results, given)
  local made = results[1]
  if (target.name == "sms.nexmo" or target.name == "sms.retarus") and type(made) == "table"
    and made.close then
    made:close()
  end
end

--- In a coroutine of an event loop, which is left where it has not ended soon, or where a hook has
--- yielded what the loop does not know.
local function in_loop(target)
  local queue = cqueues.new()
  queue:wrap(one, target)
  for _ = 1, 10 do
    local ok, went_on = pcall(queue.step, queue, 0.05)
    if not (ok and went_on) or queue:empty() then break end
  end
end

local traced = os.getenv "TRACE"
if traced then io.stdout:setvbuf "no" end

for i = 1, calls do
  counts.calls = i
  local target = targets[math.random(#targets)]
  if traced then print(i, target.name) end
  local way = math.random(6)
  if way == 1 then
    in_loop(target)
  elseif way <= 3 then -- inside of a coroutine, which may be left as it is
    local thread = coroutine.create(one)
    for _ = 1, 3 do
      local ok, raised = coroutine.resume(thread, target)
      if not ok then note(target, "ended a coroutine: " .. tostring(raised)) end
      if coroutine.status(thread) == "dead" then break end
    end
  else
    one(target)
  end
  if math.random(200) == 1 then collectgarbage() end
end

print(("seed %d: %d calls, %d raised, %d returned errors, %d problems"):format(seed, counts.calls,
  counts.raised, counts.errors, counts.problems))
os.exit(counts.problems == 0 and 0 or 1, true)
