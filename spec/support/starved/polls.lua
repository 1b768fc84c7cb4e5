-- Calls in each way to wait while a poll fails, and looks at what they tell and what has arrived:
-- in a process of its own, with failing_poll before the system's.
--
-- Prints a line for each thing that is wrong, and at the end how many runs there were.

local core = require "sms.core"
local failing_poll = require "failing_poll"
local loops = require "spec.support.loops"
local sandbox = require "spec.support.servers.sandbox"
local script = require "sms.runtime.script"
local sms = require "sms"
local wire = require "spec.support.wire"

local EVER = 2 ^ 30
local PAUSE = 0.03 -- seconds
local GRACE = 1

local box = sandbox.start { tls = false }
local nexmo = wire.nexmo(box, { timeout = 20 })
local looped = wire.nexmo(box, { timeout = 20, runtime = loops["select"].runtime })

local problems, runs, failed_polls = 0, 0, 0
local where

local function report(...)
  problems = problems + 1
  print(where .. ": " .. table.concat({ ... }, " "))
end

local function params_of(text)
  return { from = "Acme", to = "447700900000", text = text }
end

local function send(client, told, text)
  told[text] = { client:send_sms(params_of(text)) }
end

-- Each sends some texts, and notes what it is told of them.
local ways = {}

function ways.script(told)
  send(nexmo, told, "one")
end

ways["sms.all"] = function(told)
  local bodies = {}
  for i = 1, 3 do
    bodies[i] = function() return nexmo:send_sms(params_of("text " .. i)) end
  end
  for i, ended in ipairs(sms.all(bodies)) do told["text " .. i] = ended end
end

function ways.send_all(told)
  local list = {}
  for i = 1, 5 do list[i] = params_of("item " .. i) end
  for item, result, err in nexmo:send_all(list, { in_flight = 2 }) do
    told[item.text] = { result, err }
  end
end

ways["an event loop"] = function(told)
  loops["select"].run { function() send(looped, told, "first") end,
    function() send(looped, told, "second") end }
end

function ways.sleep()
  local began = core.now()
  script.sleep(PAUSE)
  local slept = core.now() - began
  if slept < PAUSE or slept > PAUSE + GRACE then report("slept for", slept) end
end

local function arrivals()
  local count = {}
  for _, arrival in ipairs(box:arrivals()) do
    local text = arrival.body:match "text=([^&]*)":gsub("[+]", " "):gsub("%%20", " ")
    count[text] = (count[text] or 0) + 1
  end
  return count
end

local function check(told)
  local count = arrivals()
  for text, ended in pairs(told) do
    local result, err = ended[1], ended[2]
    local came = count[text] or 0
    count[text] = nil
    if came > 1 then report(text, "arrived", came, "times") end
    if result and came ~= 1 then report(text, "is told as accepted, and came", came, "times") end
    if not result and not sms.is_error(err) then report(text, "has no error:", tostring(err)) end
    if not result and came > 0 and err.outcome == "not_sent" then report(text, tostring(err)) end
    if not result and tostring(err):find "failed$" then report(text, tostring(err)) end
  end
  for text in pairs(count) do report(text, "arrived, and nobody was told") end
end

local function run(way, place, times, reason)
  local told = {}
  box:clear_arrivals()
  failing_poll.arm(place, times, reason)
  local ok, message = pcall(way, told)
  local failed = failing_poll.disarm()
  runs, failed_polls = runs + 1, failed_polls + failed
  if not ok then report("raises", tostring(message)) end
  check(told)
  local result, err = nexmo:send_sms(params_of "the next")
  if not result then report("the next call fails:", tostring(err)) end
  return failed
end

for name, way in pairs(ways) do
  for _, reason in ipairs { "ENOMEM", "EINVAL" } do
    for _, times in ipairs { 1, 3, EVER } do
      local place = 0
      repeat
        place = place + 1
        where = ("%s, %d times %s from poll %d on"):format(name, times, reason, place)
      until run(way, place, times, reason) == 0 or place == 8
    end
  end
end
box:stop()
print(("%d runs, %d polls failed, %d problems"):format(runs, failed_polls, problems))
