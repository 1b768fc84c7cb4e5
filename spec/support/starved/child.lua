-- Does each operation again and again, while memory runs out somewhere in it or a call of the
-- system fails, and looks at what it tells and what has arrived: in a process of its own, with
-- failing_heap before its allocator, or failing_calls before the system.
--
--     child.lua WHAT STEP [NAME]     WHAT: "core" or "lua", whose memory, or "calls"; each STEP-th
--                                    place
--
-- Prints a line for each thing that is wrong, and at the end how many runs there were.

local faults = require "spec.support.starved.faults"
local operations = require "spec.support.starved.operations"
local sms = require "sms"
local worlds = require "spec.support.starved.worlds"

local what, step, only = arg[1], tonumber(arg[2]), arg[3]
local fault = faults.of(what, step == 1)

local AGAIN = 3 -- as often does a leak show

local world = worlds.new()
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
  return (text:gsub("sig=[^&]*", "sig="):gsub("timestamp=%d+", "timestamp=")
    :gsub("/%x+%-%x+%-%x+%-%x+%-%x+", "/id"))
end

local function arrivals_of(operation)
  local list, by_text = world.box_of(operation.client):arrivals(), {}
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

local function check_outcome(operation, count, all, result, err)
  local text = tostring(err)
  if result then
    if count ~= all and not operation.repeats then
      report("accepted, with", count, "arrivals of", all)
    end
    return
  elseif err == nil and fault.may_be_silent then
    return
  elseif not sms.is_error(err) then
    report("no error of the library:", text)
    return
  end
  if fault.wrong(text) then report("told as", text) end
  if err.outcome == "not_sent" and all == 1 and count > 0 then report("arrived:", text) end
end

-- What one operation does, and what is done before it and after it, with all as it should be.
local function act_of(operation)
  local act, around = operation.start(world)
  around = around or {}
  local function prepare()
    if around.prepare then around.prepare() end
    world.box_of(operation.client):clear_arrivals()
  end
  return { act = act, prepare = prepare, finish = around.finish or function() end }
end

-- One run, something going wrong at a place. Whether it did.
local function run(operation, doer, place, kind, expected)
  doer.prepare()
  fault.arm(place, kind)
  local ok, result, err = pcall(doer.act)
  local happened, is_unseen = fault.disarm()
  runs = runs + 1
  where = ("%s, at place %d (%s)"):format(operation.name, place, tostring(happened))
  collect() -- what an error of Lua has left open
  local problem = doer.finish()
  if problem then report(problem) end
  local came, count = arrivals_of(operation)
  if operation.chooses and count > expected.count then report(count, "arrivals") end
  for text, number in pairs(came) do
    local most = operation.chooses and expected.count or expected.came[text] or 0
    if number > most and not operation.repeats then
      report(number, "times", text)
    end
  end
  if ok then
    if is_unseen and not result then report("shows:", tostring(err)) end
    check_outcome(operation, count, expected.count, result, err)
  elseif not fault.may_raise(operation, count, kind, tostring(result)) then
    report("raises", tostring(result), "with", count, "arrivals")
  end
  doer.prepare()
  result, err = doer.act()
  if not result then report("the next call fails:", tostring(err)) end
  problem = doer.finish()
  if problem then report("after the next call:", problem) end
  return happened
end

-- One more each time is a leak.
local function check_leaks(operation, doer, place, kind, expected)
  local before
  for _ = 1, AGAIN do
    collect()
    local live = fault.live()
    if before and live <= before then return end
    before = live
    run(operation, doer, place, kind, expected)
  end
  collect()
  if fault.live() > before then report("leaks", fault.live() - before) end
end

local function expectation(operation, doer)
  local expected = {}
  for _ = 1, 3 do -- what is made once is there then
    doer.prepare()
    assert(doer.act())
    doer.finish()
    expected.came, expected.count = arrivals_of(operation)
  end
  return expected
end

local function try(operation, doer)
  local expected = expectation(operation, doer)
  local most = 0
  local function try_at(place)
    local happened = false
    for _, kind in ipairs(fault.kinds(place)) do
      local live = fault.live()
      happened = run(operation, doer, place, kind, expected) or happened
      collect()
      if not fault.loses(operation) and fault.live() > math.max(live, most) then
        check_leaks(operation, doer, place, kind, expected)
        most = fault.live()
      end
    end
    return happened
  end
  local place = 1
  while try_at(place) do place = place + step end
end

for _, operation in ipairs(operations) do
  if (not only or operation.name == only) and not (operation.skips and operation.skips[what]) then
    try(operation, act_of(operation))
  end
end
world.stop()
print(("%d runs, %d problems"):format(runs, problems))
