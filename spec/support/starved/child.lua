-- Does each operation again and again, while memory runs out somewhere in it, and looks at what it
-- tells and what has arrived: in a process of its own, with failing_heap before its allocator.
--
--     child.lua WHAT STEP [NAME]     WHAT: "core" or "lua", whose memory; each STEP-th place
--
-- Prints a line for each thing that is wrong, and at the end how many runs there were.

local failing_heap = require "failing_heap"
local failing_memory = require "failing_memory"
local loops = require "spec.support.loops"
local operations = require "spec.support.starved.operations"
local sandbox = require "spec.support.servers.sandbox"
local sms = require "sms"
local wire = require "spec.support.wire"

local what, step, only = arg[1], tonumber(arg[2]), arg[3]
local memory = what == "lua" and failing_memory or failing_heap

local EVER = 2 ^ 40
local TIMES = { what == "lua" and 2 or 1, EVER } -- Lua 5.4 collects its garbage and asks once more
local AGAIN = 3 -- as often does a leak show

-- What must not be told where memory ran out.
local WRONG_WORDS = { "larger than allowed", "credential is missing", "refuses", "failed$",
  "[Cc]ould not connect", "Failed to connect", "could not be parsed" }

local box = sandbox.start { tls = false }
local secure_box = sandbox.start { tls = true }
local box_of = setmetatable({ secure = secure_box }, { __index = function() return box end })

local function world()
  local limit = { rate_limit = { calls = 100000, period = 1 }, timeout = 10 }
  local function with(more) return wire.changed(limit, more) end
  return {
    box = box,
    nexmo = wire.nexmo(box, limit),
    signed = wire.nexmo(box, with { auth = "signature", signature_secret = wire.signature_secret,
      signature_method = "sha256" }),
    caller = wire.caller(box, limit),
    looped = wire.nexmo(box, with { runtime = loops["select"].runtime }),
    secure = wire.nexmo(secure_box, with { ca_file = secure_box.urls.ca_file }),
    retarus = sms.retarus { base_url = box.urls.retarus, username = "user", password = "pass",
      rate_limit = limit.rate_limit, retry = false, timeout = 10 },
    new_client = function() return wire.nexmo(box, limit) end,
  }
end

local problems, runs = 0, 0
local where

local function report(...)
  problems = problems + 1
  print(where .. ": " .. table.concat({ ... }, " "))
end

local function shown(arrival)
  return ("%s %s?%s %s %s %s"):format(arrival.method, arrival.path, tostring(arrival.query),
    tostring(arrival.authorization), tostring(arrival.content_type), arrival.body)
end

-- What is another each time: signatures, keys and their times.
local function blurred(text)
  return (text:gsub("sig=[^&]*", "sig="):gsub("timestamp=%d+", "timestamp="))
end

local function arrivals_of(name)
  local list, by_text = box_of[name]:arrivals(), {}
  for _, arrival in ipairs(list) do
    local text = blurred(shown(arrival))
    by_text[text] = (by_text[text] or 0) + 1
  end
  return by_text, #list
end

local function collect()
  collectgarbage()
  collectgarbage()
end

local function check_outcome(count, all, result, err)
  local text = tostring(err)
  if result then
    if count ~= all then report("accepted, with", count, "arrivals of", all) end
    return
  elseif err == nil and what == "lua" then -- it was the loop's memory
    return
  elseif not sms.is_error(err) then
    report("no error of the library:", text)
    return
  end
  for _, words in ipairs(WRONG_WORDS) do
    if text:find(words) then report("told as", text) end
  end
  if err.outcome == "not_sent" and all == 1 and count > 0 then report("arrived:", text) end
end

-- Lua's own error where its memory is gone for good, where nothing has arrived, or out of a loop of
-- many calls; and whoever makes a client has it raised in words.
local function may_raise(operation, count, times, message)
  local of_lua = what == "lua" and message:find "^not enough memory" ~= nil
  return count == 0 and (of_lua or message:find "no memory$" ~= nil)
    or of_lua and (times == EVER or operation.is_loop)
end

-- One run, memory running out at a place.
local function run(operation, act, place, times, expected)
  local name = operation.client
  box_of[name]:clear_arrivals()
  memory.arm(place, times)
  local ok, result, err = pcall(act)
  local was_refused = memory.disarm()
  runs = runs + 1
  local came, count = arrivals_of(name)
  for text, number in pairs(came) do
    if number > (expected.came[text] or 0) then report(number, "times", text) end
  end
  if ok then
    check_outcome(count, expected.count, result, err)
  elseif not may_raise(operation, count, times, tostring(result)) then
    report("raises", tostring(result), "with", count, "arrivals")
  end
  result, err = act()
  if not result then report("the next call fails:", tostring(err)) end
  return was_refused
end

-- A block more each time is a leak.
local function check_leaks(operation, act, place, times, expected)
  local before
  for _ = 1, AGAIN do
    collect()
    local live = failing_heap.live()
    if before and live <= before then return end
    before = live
    run(operation, act, place, times, expected)
  end
  collect()
  if failing_heap.live() > before then report("leaks", failing_heap.live() - before, "blocks") end
end

local function try(operation, act)
  local name = operation.client
  assert(act())
  assert(act()) -- what is made once is there
  box_of[name]:clear_arrivals()
  assert(act())
  local expected = {}
  expected.came, expected.count = arrivals_of(name)
  for _, times in ipairs(TIMES) do
    local place, most = 1, 0
    repeat
      where = ("%s, from request %d on%s"):format(operation.name, place,
        times == EVER and ", for good" or "")
      local live = failing_heap.live()
      local was_refused = run(operation, act, place, times, expected)
      collect()
      local may_leak = what == "lua" and operation.loses -- lua-cjson does
      if not may_leak and failing_heap.live() > math.max(live, most) then
        check_leaks(operation, act, place, times, expected)
        most = failing_heap.live()
      end
      place = place + step
    until not was_refused
  end
end

local made = world()
for _, operation in ipairs(operations) do
  if not only or operation.name == only then try(operation, operation.start(made)) end
end
box:stop()
secure_box:stop()
print(("%d runs, %d problems"):format(runs, problems))
